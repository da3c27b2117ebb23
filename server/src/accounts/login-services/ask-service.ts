import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { type GuardedRequest, guardedFetch } from '../../outbound/guarded-fetch.ts';
import { OutboundError } from '../../outbound/outbound-error.ts';

export type ServiceAnswer = Readonly<Record<string, unknown>> | readonly unknown[];

const TIMEOUT_MS = 10_000;
/** Keys, tokens and profiles are a few kilobytes. */
const MAX_BYTES = 256 * 1024;

type Request = Pick<GuardedRequest, 'method' | 'headers' | 'body'>;

/** Asks a page of a login service for its JSON (or, as some token pages answer, its form). Throws as `askPage`. */
export const askService = (
  ctx: Context,
  service: string,
  url: string,
  request: Request = {},
): Promise<ServiceAnswer> =>
  askPage(ctx, service, url, {
    request: { ...request, headers: { accept: 'application/json', ...request.headers } },
    read: (text, type) => parseAnswer(type, text),
    otherwise: 'neither JSON nor a form',
  });

/**
 * Asks a page of a login service. Whatever is wrong with the answer is logged for the operator, what `read` does not take
 * as `otherwise`; the person who logs in only learns that it was the service. Throws `error-login-service`.
 */
export async function askPage<T>(
  ctx: Context,
  service: string,
  url: string,
  {
    request,
    read,
    otherwise,
  }: {
    request: Request;
    read(text: string, type: string): Promise<T | undefined> | T | undefined;
    otherwise: string;
  },
): Promise<T> {
  const { pathname } = new URL(URL.canParse(url) ? url : 'http://none/');
  const blame = (problem: string): never => {
    // Without the query, which may carry a token.
    ctx.log.warn({ service, page: pathname, problem }, 'a login service did not answer as expected');
    return fail('error-login-service', 'The login service did not answer as expected');
  };
  try {
    const { status, headers, body } = await guardedFetch(ctx, url, {
      ...request,
      headers: { 'user-agent': 'Gantry', ...request.headers },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      // Credentials go to the page that the administrator has entered.
      maxRedirects: request.body === undefined ? 2 : 0,
    });
    if (status < 200 || status > 299) return blame(`status ${status}`);
    return (await read(body.toString('utf8'), headers['content-type'] ?? '')) ?? blame(otherwise);
  } catch (error) {
    if (error instanceof OutboundError) return blame(error.message);
    throw error;
  }
}

function parseAnswer(type: string, text: string): ServiceAnswer | undefined {
  if (/^(application\/x-www-form-urlencoded|text\/plain)/i.test(type) && /^\w+=/.test(text)) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as ServiceAnswer) : undefined;
  } catch {
    return undefined;
  }
}

const MAX_TEXT = 1000;

/** The first of these paths (`a.b`, or the name of a member that has a dot itself) at which there is something. */
export function memberAt(answer: unknown, paths: readonly string[]): unknown {
  for (const path of paths) {
    const value = ownMember(answer, path) ?? path.split('.').reduce(ownMember, answer);
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

const ownMember = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;

/** The same where a text is wanted; a number is one, too. */
export function textAt(answer: unknown, paths: readonly string[]): string | undefined {
  const value = memberAt(answer, paths);
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.length <= MAX_TEXT ? text : undefined;
}
