import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import type { XmlElement } from '../kernel/read-xml.ts';
import { type GuardedAnswer, type GuardedRequest, guardedFetch } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import { PROPFIND_BODY, readMultistatus } from './read-listing.ts';
import type { WebdavAccount } from './webdav-account.ts';

export type WebdavLogin = Pick<WebdavAccount, 'serverUrl' | 'username' | 'password'>;

const TIMEOUT_MS = 10_000;
/** Some two thousand files. */
const MAX_LISTING_BYTES = 1024 ** 2;
/** Of an answer that nobody reads. */
const MAX_OTHER_BYTES = 64 * 1024;

export interface WebdavRequest extends Omit<GuardedRequest, 'maxRedirects' | 'whenTooLarge'> {
  url: string;
  /** The statuses with which the server has done it. */
  done: readonly number[];
}

/**
 * Asks a WebDAV server. Whoever named it learns whether it let them in and whether it did what it was asked, and nothing else of what
 * went wrong: the address may be one inside of our own network. The operator finds it in the log.
 *
 * @throws error-invalid-credentials, could-not-access-webdav, error-file-too-large
 */
export async function askWebdav(
  ctx: Context,
  { username, password }: WebdavLogin,
  { url, done, headers, ...request }: WebdavRequest,
  method: string,
): Promise<GuardedAnswer> {
  const noAccess = (problem: string): never => {
    const { host } = new URL(url);
    ctx.log.warn({ host, asked: request.method, problem }, 'a WebDAV server did not do what it was asked');
    return fail('could-not-access-webdav', 'The WebDAV server did not do what it was asked', { method });
  };
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  // What is written is meant for this server and for no other.
  const isReading = request.method === 'GET' || request.method === 'PROPFIND';
  try {
    const answer = await guardedFetch(ctx, url, {
      ...{ timeoutMs: TIMEOUT_MS, maxBytes: MAX_OTHER_BYTES, maxRedirects: isReading ? 2 : 0 },
      ...request,
      headers: { 'user-agent': 'Gantry', authorization, ...headers },
    });
    if (answer.status === 401)
      return fail('error-invalid-credentials', 'The WebDAV server does not know this user', { method });
    return done.includes(answer.status) ? answer : noAccess(`status ${answer.status}`);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    if (error.fault === 'too-large' && request.method === 'GET')
      return fail('error-file-too-large', 'File size exceeds the allowed limit', { method });
    return noAccess(error.message);
  }
}

/** What the server says of a folder, or (`1`) of what is in it, and where it was found. Throws as `askWebdav`. */
export async function propfind(
  ctx: Context,
  login: WebdavLogin,
  { url, depth }: { url: string; depth: '0' | '1' },
  method: string,
): Promise<{ multistatus: XmlElement; url: string }> {
  const answer = await askWebdav(
    ctx,
    login,
    {
      ...{ url, method: 'PROPFIND', body: PROPFIND_BODY, done: [207], maxBytes: MAX_LISTING_BYTES },
      headers: { depth, 'content-type': 'application/xml; charset=utf-8' },
    },
    method,
  );
  const multistatus = await readMultistatus(answer.body.toString('utf8'));
  if (multistatus) return { multistatus, url: answer.url };
  return fail('could-not-access-webdav', 'The WebDAV server gave no sensible answer', { method });
}

/** Whether the server lets them in, and is one. Throws as `askWebdav`. */
export async function checkAccess(ctx: Context, login: WebdavLogin, method: string): Promise<void> {
  await propfind(ctx, login, { url: login.serverUrl, depth: '0' }, method);
}
