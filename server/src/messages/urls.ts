import type { MessageUrl } from './message.ts';
import { withoutCode } from './plain-text.ts';

/** Beyond ASCII everything but whitespace may stand in a path: browsers show and copy addresses that way. */
const BEYOND_ASCII = '[^\\u0000-\\u007f\\s]';
const PART = {
  userInfo: /[-;:&=+$,\w]+@/y,
  host: new RegExp(`(?:[-A-Za-z0-9.]|${BEYOND_ASCII})+`, 'y'),
  port: /:\d+/y,
  path: new RegExp(`/(?:[-+=!:~%/.@,\\w]|${BEYOND_ASCII})*`, 'y'),
  question: /\?/y,
  query: new RegExp(`(?:[-+=&!:;%@/.,\\w]|${BEYOND_ASCII})+`, 'y'),
  fragment: /#[^\s)]+/y,
};

/**
 * Addresses with a scheme in the text, unique, in order, outside code (spec 30 §4.7). A hand-written scanner, since the
 * documented regular expression backtracks without bound; each part below is one run over one class of characters.
 */
export function urlsInText(text: string): string[] {
  if (!text.includes('://')) return [];
  const plain = withoutCode(text);
  const parts = Object.values(PART).map((part) => new RegExp(part));
  const found = new Set<string>();
  let at = plain.indexOf('://');
  while (at !== -1) {
    const start = startOfScheme(plain, at);
    const end = start === undefined ? at : endOfUrl(plain, at + 3, parts);
    if (start !== undefined && end > at + 3) found.add(withoutEndOfSentence(plain.slice(start, end)));
    at = plain.indexOf('://', Math.max(end, at + 3));
  }
  return [...found];
}

/** Three to nine letters. */
function startOfScheme(text: string, end: number): number | undefined {
  let start = end;
  while (start > 0 && end - start < 9 && /[A-Za-z]/.test(text.charAt(start - 1))) start--;
  return end - start < 3 ? undefined : start;
}

/** `start` when there is no host. All parts but the host are optional. */
function endOfUrl(text: string, start: number, parts: readonly RegExp[]): number {
  let end = start;
  for (const [index, part] of parts.entries()) {
    part.lastIndex = end;
    if (part.test(text)) end = part.lastIndex;
    else if (index === 1) return start;
  }
  return end;
}

function withoutEndOfSentence(url: string): string {
  let end = url.length;
  while ('.,!?:;'.includes(url.charAt(end - 1))) end--;
  return url.slice(0, end);
}

/** What a message is looked through for addresses. */
export interface AddressSource {
  text: string;
  /** Where the links of its tree lead. */
  links?: readonly string[];
  siteUrl: string;
  /** Those that the sender wants previews of; others are not fetched, except links into this workspace. */
  previewUrls?: readonly string[] | undefined;
}

/**
 * The `urls` member of a message: its links, addresses that are none since nobody outside knows their host, and what
 * Spotify calls its songs.
 */
export function messageUrls(source: AddressSource): MessageUrl[] {
  return [...addresses(source), ...songs(source.text)];
}

function addresses({ text, links = [], siteUrl, previewUrls }: AddressSource): MessageUrl[] {
  const pages = links.filter((link) => !/^(?:mailto|tel):/.test(link));
  const others = urlsInText(text).filter((url) => !pages.some((page) => isSameAddress(page, url)));
  return [...new Set([...pages, ...others])].map((url) => {
    const wanted = !previewUrls || previewUrls.includes(url) || (siteUrl !== '' && url.includes(siteUrl));
    return { url, meta: {}, ...(wanted ? {} : { ignoreParse: true as const }) };
  });
}

/** The two scanners may disagree about where an address ends. */
const isSameAddress = (page: string, url: string): boolean => page.startsWith(url) || url.startsWith(page);

/** `spotify:track:id` outside code stands for a page (spec 30 §4, step 7). */
function songs(text: string): MessageUrl[] {
  if (!text.includes('spotify:')) return [];
  const found = withoutCode(text).matchAll(/(?<!\S)spotify:([a-z]+):([0-9A-Za-z]+)(?!\S)/g);
  const unique = new Map(
    [...found].map(([source, type, id]) => [source, `https://open.spotify.com/${type}/${id}`]),
  );
  return [...unique].map(([source, url]) => ({ url, source, meta: {} }));
}
