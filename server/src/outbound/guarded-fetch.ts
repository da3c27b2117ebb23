import type { Agent, Dispatcher, request as undiciRequest } from 'undici';
import type { Context } from '../context.ts';
import { commaList } from '../kernel/comma-list.ts';
import { type HostList, hostList } from './addresses.ts';
import {
  type AddressRules,
  checkedLookup,
  type Resolve,
  refuseBlockedHost,
  systemResolve,
} from './checked-lookup.ts';
import { OutboundError } from './outbound-error.ts';

/**
 * The one way in which the server asks other servers: link previews, webhooks, pictures by
 * address. Whoever names the address may be an attacker, and so may be whoever answers. Hence: only http and https,
 * without credentials in the address; public addresses only, checked on what the connection really goes to and again
 * after each redirect; everything bounded in size and time. No cookies, no proxies, nothing kept between two calls.
 */

const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];
/** Those of WebDAV, with which only our own code asks. */
type DavMethod = 'PROPFIND' | 'MKCOL';

/** The method that a text names in any case; undefined for one that nobody is asked with. */
export const knownMethod = (text: string): HttpMethod | undefined =>
  HTTP_METHODS.find((name) => name === text.toUpperCase());

export interface GuardedRequest {
  method?: HttpMethod | DavMethod;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** For everything together: names, connections, redirects, the body. */
  timeoutMs?: number;
  maxBytes?: number;
  /** What happens when the answer is longer than `maxBytes`; `cut` gives its beginning. Default: `refuse`. */
  whenTooLarge?: 'refuse' | 'cut';
  /** 0 gives the redirect itself as the answer. */
  maxRedirects?: number;
  /** Beginnings of acceptable content types, such as `image/`. Default: any. */
  allowedTypes?: readonly string[];
  /** Refused although they are public. */
  blocked?: HostList;
  /** Default: any. A URL without a port has the one of its scheme. */
  ports?: readonly number[];
  /** Sees each piece of the body as it comes; `enough` ends the reading. */
  onPiece?(piece: Buffer, answer: AnswerHead): 'more' | 'enough';
  /** Takes the pieces of the body as they come: they are not kept, and the answer has an empty one. */
  sink?(piece: Buffer, answer: AnswerHead): Promise<void>;
  /** Ends the request early. */
  signal?: AbortSignal;
  /** For tests. */
  resolve?: Resolve;
}

export interface AnswerHead {
  status: number;
  /** By lower-case name; repeated ones joined by commas. */
  headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after redirects. */
  url: string;
}

export interface GuardedAnswer extends AnswerHead {
  body: Buffer;
  /** The body was longer than what is here. */
  truncated: boolean;
}

const DEFAULTS = { timeoutMs: 10_000, maxBytes: 5 * 1024 ** 2, maxRedirects: 5 };
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_URL_LENGTH = 8192;

/**
 * Asks another server. Any status is an answer; what is no answer is an `OutboundError`.
 *
 * @throws OutboundError
 */
export async function guardedFetch(
  ctx: Pick<Context, 'config' | 'settings'>,
  url: string,
  options: GuardedRequest = {},
): Promise<GuardedAnswer> {
  // Loaded when somebody is asked for the first time: it takes a fifth of what a server needs to start with.
  const { Agent, request } = await import('../kernel/packages/undici.ts');
  const allowed = [...ctx.config.outboundAllow, ...commaList(ctx.settings.text('SSRF_Allowlist'))];
  const rules: AddressRules = { allowed: hostList(allowed), blocked: options.blocked };
  const agent = new Agent({
    // Sockets end with the call: no answer of one request can be taken for that of another.
    pipelining: 0,
    connections: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      lookup: checkedLookup(rules, options.resolve ?? systemResolve),
      rejectUnauthorized: !ctx.settings.bool('Allow_Invalid_SelfSigned_Certs'),
    },
  });
  const { timeoutMs = DEFAULTS.timeoutMs } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  // A request that waits for its connection does not hear of the signal; this ends it, and what was connected.
  signal.addEventListener('abort', () => void agent.destroy().catch(() => {}));
  try {
    return await follow(url, options, { request, agent, rules, signal });
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    if (deadline.aborted && !options.signal?.aborted)
      throw new OutboundError('timeout', `no answer within ${timeoutMs} ms`);
    // A refused lookup comes back as the cause of a failed connection.
    const { cause } = error as Error;
    if (cause instanceof OutboundError) throw cause;
    throw new OutboundError('network', (error as Error).message || 'the connection failed', { cause: error });
  } finally {
    // Also what is left of an unread body.
    void agent.destroy().catch(() => {});
  }
}

interface Way {
  request: typeof undiciRequest;
  agent: Agent;
  rules: AddressRules;
  signal: AbortSignal;
}

async function follow(url: string, options: GuardedRequest, way: Way): Promise<GuardedAnswer> {
  const { maxRedirects = DEFAULTS.maxRedirects } = options;
  let target = parseTarget(url, undefined);
  let sent = { method: options.method ?? 'GET', body: options.body, headers: options.headers ?? {} };
  for (let redirects = 0; ; redirects += 1) {
    refuseTarget(target, options, way.rules);
    const answer = await way.request(target, {
      dispatcher: way.agent,
      signal: way.signal,
      method: sent.method,
      // Nothing here unpacks compressed bodies, so nobody can send a small one that unpacks to gigabytes.
      headers: { 'accept-encoding': 'identity', ...sent.headers },
      ...(sent.body === undefined ? {} : { body: sent.body }),
    });
    const location = answer.headers.location;
    if (maxRedirects === 0 || !REDIRECTS.has(answer.statusCode) || typeof location !== 'string') {
      return readAnswer(answer, target, options);
    }
    // Not drained: a redirect may carry an endless body.
    answer.body.on('error', () => {}).destroy();
    if (redirects >= maxRedirects) throw new OutboundError('too-many-redirects', 'too many redirects');
    const next = parseTarget(location, target);
    sent = afterRedirect(sent, answer.statusCode, next.origin === target.origin);
    target = next;
  }
}

function parseTarget(url: string, base: URL | undefined): URL {
  if (url.length > MAX_URL_LENGTH || !URL.canParse(url, base?.href)) {
    throw new OutboundError('bad-url', 'this is no web address');
  }
  return new URL(url, base);
}

function refuseTarget(target: URL, { ports }: GuardedRequest, rules: AddressRules): void {
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new OutboundError('bad-url', 'only http and https addresses can be asked');
  }
  if (target.username || target.password) {
    throw new OutboundError('bad-url', 'the address carries credentials');
  }
  const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
  if (ports && !ports.includes(port)) throw new OutboundError('blocked-port', `port ${port} is not allowed`);
  refuseBlockedHost(target.hostname.replace(/^\[|\]$/g, ''), rules);
}

interface Sent {
  method: NonNullable<GuardedRequest['method']>;
  body: string | Buffer | undefined;
  headers: Readonly<Record<string, string>>;
}

/** As browsers do: 303 and, for POST, 301 and 302 turn into GET; secrets stay with the origin they were meant for. */
function afterRedirect(sent: Sent, status: number, sameOrigin: boolean): Sent {
  const toGet =
    (status === 303 && sent.method !== 'HEAD') ||
    ((status === 301 || status === 302) && sent.method === 'POST');
  const dropped = new Set<string>();
  if (!sameOrigin) for (const name of ['authorization', 'cookie', 'proxy-authorization']) dropped.add(name);
  if (toGet) for (const name of ['content-type', 'content-length', 'content-encoding']) dropped.add(name);
  const headers = Object.entries(sent.headers).filter(([name]) => !dropped.has(name.toLowerCase()));
  return {
    method: toGet ? 'GET' : sent.method,
    body: toGet ? undefined : sent.body,
    headers: Object.fromEntries(headers),
  };
}

async function readAnswer(
  answer: Dispatcher.ResponseData,
  target: URL,
  options: GuardedRequest,
): Promise<GuardedAnswer> {
  const { maxBytes = DEFAULTS.maxBytes, whenTooLarge = 'refuse', allowedTypes, onPiece, sink } = options;
  const head: AnswerHead = { status: answer.statusCode, headers: plainHeaders(answer), url: target.href };
  const { body } = answer;
  try {
    refuseType(head, allowedTypes);
    // The length that an answer to HEAD tells is that of a body which does not come.
    const announced = options.method === 'HEAD' ? 0 : Number(head.headers['content-length']);
    if (whenTooLarge === 'refuse' && announced > maxBytes) throw tooLarge(maxBytes);
    const pieces: Buffer[] = [];
    let length = 0;
    let truncated = false;
    for await (const piece of body as AsyncIterable<Buffer>) {
      const room = maxBytes - length;
      if (piece.length > room && whenTooLarge === 'refuse') throw tooLarge(maxBytes);
      const kept = piece.length > room ? piece.subarray(0, room) : piece;
      if (sink) await sink(kept, head);
      else pieces.push(kept);
      length += kept.length;
      truncated = piece.length > room || onPiece?.(kept, head) === 'enough';
      if (truncated) break;
    }
    return { ...head, body: Buffer.concat(pieces), truncated };
  } finally {
    body.on('error', () => {}).destroy();
  }
}

const tooLarge = (maxBytes: number): OutboundError =>
  new OutboundError('too-large', `the answer is larger than ${maxBytes} bytes`);

function refuseType({ headers }: AnswerHead, allowedTypes: readonly string[] | undefined): void {
  if (!allowedTypes) return;
  const type = (headers['content-type'] ?? '').trim().toLowerCase();
  if (!allowedTypes.some((allowed) => type.startsWith(allowed))) {
    throw new OutboundError('content-type', `content of type "${type.slice(0, 100)}" is not wanted`);
  }
}

function plainHeaders({ headers }: Dispatcher.ResponseData): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}
