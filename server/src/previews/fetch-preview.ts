import { TextDecoder } from 'node:util';
import type { Context } from '../context.ts';
import { commaList } from '../kernel/comma-list.ts';
import { hostList } from '../outbound/addresses.ts';
import { type AnswerHead, type GuardedAnswer, guardedFetch } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import { oembedAddress, oembedFacts } from './oembed-providers.ts';
import { factsOfPage } from './page-facts.ts';
import type { Preview } from './preview.ts';

const MAX_BYTES = 250_000;
const LONGEST_WAIT_S = 60;

/** Looks at a page; undefined when it cannot be reached, may not be asked, or is not there. */
export async function fetchPreview(
  ctx: Context,
  url: string,
  signal: AbortSignal,
): Promise<Preview | undefined> {
  const provider = oembedAddress(url);
  const answer = await ask(ctx, provider ?? url, signal);
  if (answer?.status !== 200) return undefined;
  if (provider) {
    const meta = oembedFacts(answer.body.toString(), url);
    return meta && { meta };
  }
  return { meta: isPage(answer) ? factsOfPage(textOf(answer)) : {}, ...headersOf(answer) };
}

async function ask(ctx: Context, url: string, signal: AbortSignal): Promise<GuardedAnswer | undefined> {
  const { settings, config } = ctx;
  const seconds = Math.min(Math.max(settings.int('API_EmbedTimeout'), 1), LONGEST_WAIT_S);
  try {
    return await guardedFetch(ctx, url, {
      headers: {
        'user-agent': `${settings.text('API_Embed_UserAgent')} Rocket.Chat/${config.reportedVersion}`.trim(),
        'accept-language': settings.text('Language') || 'en',
      },
      timeoutMs: seconds * 1000,
      maxBytes: MAX_BYTES,
      whenTooLarge: 'cut',
      blocked: hostList(commaList(settings.text('API_EmbedIgnoredHosts'))),
      ...safePorts(settings.text('API_EmbedSafePorts')),
      // Of a film nobody needs more than its headers.
      onPiece: (_piece, head) => (head.status === 200 && (isPage(head) || isJson(head)) ? 'more' : 'enough'),
      signal,
    });
  } catch (error) {
    if (error instanceof OutboundError && !signal.aborted) return undefined;
    throw error;
  }
}

/** An empty list leaves every port open. 8080 stands for plain HTTP too (spec 30 §4.9). */
function safePorts(text: string): { ports?: number[] } {
  const ports = commaList(text).map(Number);
  if (ports.length === 0) return {};
  return { ports: ports.includes(8080) ? [...ports, 80] : ports };
}

const typeOf = ({ headers }: AnswerHead): string => (headers['content-type'] ?? '').trim().toLowerCase();
const isPage = (head: AnswerHead): boolean => /^(?:text\/html|application\/xhtml\+xml|$)/.test(typeOf(head));
const isJson = (head: AnswerHead): boolean => /\bjson\b/.test(typeOf(head));

function headersOf({ headers }: AnswerHead): Pick<Preview, 'headers'> {
  const { 'content-type': contentType, 'content-length': contentLength } = headers;
  return {
    headers: {
      ...(contentType === undefined ? {} : { contentType: contentType.slice(0, 200) }),
      ...(contentLength === undefined ? {} : { contentLength: contentLength.slice(0, 20) }),
    },
  };
}

/** The header knows best, then the page itself; what both do not say is UTF-8. */
function textOf({ headers, body }: GuardedAnswer): string {
  const charset = /charset\s*=\s*["']?([\w.:-]{1,40})/i;
  const declared =
    charset.exec(headers['content-type'] ?? '') ?? charset.exec(body.subarray(0, 2048).toString('latin1'));
  const decoder = decoderFor(declared?.[1]);
  const text = decoder.decode(body);
  return decoder.encoding === 'windows-1252' ? withWindowsQuotes(text) : text;
}

/** Bytes 0x80 to 0x9f, quotes and dashes above all, which Node 20 takes for control characters. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const withWindowsQuotes = (text: string): string =>
  text.replace(/[\u0080-\u009f]/g, (char) => WINDOWS_1252.charAt(char.charCodeAt(0) - 0x80));

function decoderFor(charset: string | undefined): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
