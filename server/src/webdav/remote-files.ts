import type { Context } from '../context.ts';
import { maxFileSize } from '../files/receive-upload.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { requireWebdav, webdavAccountFor } from './accounts.ts';
import { askWebdav, propfind, type WebdavRequest } from './ask-server.ts';
import { filesIn, type RemoteFile } from './read-listing.ts';
import { folderUrlOf, isName, remotePath, urlOf } from './remote-path.ts';
import type { Transfers } from './transfers.ts';
import type { WebdavAccount } from './webdav-account.ts';

/** Whose account, which one, and by which method. */
export interface RemoteCall {
  caller: Caller;
  accountId: string;
  method: string;
}

const TRANSFER_MS = 30_000;
/** An answer is written in one piece, and nothing else is done meanwhile. */
const MAX_ANSWER_BYTES = 10 * 1024 ** 2;
const UPLOADS = 'Rocket.Chat Uploads';
/** How many names are tried for a file before it is given up. */
const MOST_NAMES = 10;

/** What is in a folder of the caller's account. Throws as `accountOf`, error-invalid-path, and as `askWebdav`. */
export async function listRemoteFiles(ctx: Context, call: RemoteCall, path: string): Promise<RemoteFile[]> {
  const account = await accountOf(ctx, call);
  const folder = remotePath(path, call.method);
  const asked = { url: folderUrlOf(account.serverUrl, folder), depth: '1' as const };
  const { multistatus, url } = await propfind(ctx, account, asked, call.method);
  return filesIn(multistatus, url, folder);
}

/**
 * The bytes of a file. `maxBytes`: what fits the way to the client, below what all have to keep to.
 *
 * @throws as `accountOf`, error-invalid-path, error-too-many-requests, error-file-too-large, and as `askWebdav`
 */
export async function readRemoteFile(
  ctx: Context,
  call: RemoteCall,
  { path, maxBytes, transfers }: { path: string; maxBytes: number; transfers: Transfers },
): Promise<Buffer> {
  const account = await accountOf(ctx, call);
  const file = remotePath(path, call.method);
  if (file.length === 0) fail('error-invalid-path', 'Invalid path', { method: call.method });
  return transfers.run(call.caller.uid, call.method, async () => {
    const request = {
      ...{ url: urlOf(account.serverUrl, file), method: 'GET' as const, done: [200] },
      ...{ timeoutMs: TRANSFER_MS, maxBytes: Math.min(maxBytes, maxFileSize(ctx), MAX_ANSWER_BYTES) },
    };
    return (await askWebdav(ctx, account, request, call.method)).body;
  });
}

/**
 * Puts a file into the folder for uploads, which is made where there is none. What is there already is not overwritten: the file gets
 * another name.
 *
 * @throws as `accountOf`, error-invalid-path, error-file-too-large, error-too-many-requests, and as `askWebdav`
 */
export async function writeRemoteFile(
  ctx: Context,
  call: RemoteCall,
  { bytes, name, transfers }: { bytes: Uint8Array; name: string; transfers: Transfers },
): Promise<void> {
  const { method } = call;
  const account = await accountOf(ctx, call);
  if (!isName(name)) fail('error-invalid-path', 'Invalid path', { method });
  if (bytes.length > maxFileSize(ctx))
    fail('error-file-too-large', 'File size exceeds the allowed limit', { method });
  await transfers.run(call.caller.uid, method, async () => {
    const url = folderUrlOf(account.serverUrl, [UPLOADS]);
    // For all tries together.
    const signal = AbortSignal.timeout(TRANSFER_MS);
    // 405: it is there already.
    await askWebdav(ctx, account, { url, method: 'MKCOL', done: [200, 201, 405], signal }, method);
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let number = 1; number <= MOST_NAMES; number += 1) {
      const target = urlOf(account.serverUrl, [UPLOADS, numbered(name, number)]);
      const ask = async (request: Omit<WebdavRequest, 'url' | 'signal'>) =>
        (await askWebdav(ctx, account, { ...request, url: target, signal }, method)).status;
      // Not every server heeds the condition of the other request.
      if ((await ask({ method: 'PROPFIND', done: [207, 404], headers: { depth: '0' } })) === 207) continue;
      const status = await ask({
        ...{ method: 'PUT', body, done: [200, 201, 204, 412], timeoutMs: TRANSFER_MS },
        headers: { 'content-type': 'application/octet-stream', 'if-none-match': '*' },
      });
      // 412: there is such a file since.
      if (status !== 412) return;
    }
    fail('could-not-access-webdav', 'There are too many files of this name', { method });
  });
}

/** `a.txt`, `a (2).txt`, `a (3).txt` ... */
const numbered = (name: string, number: number): string =>
  number === 1 ? name : name.replace(/(?=(\.[^.]*)?$)/, ` (${number})`);

/** @throws error-not-allowed, error-invalid-account */
function accountOf(ctx: Context, { caller, accountId, method }: RemoteCall): Promise<WebdavAccount> {
  requireWebdav(ctx, method);
  return webdavAccountFor(ctx.db, caller, accountId, method);
}
