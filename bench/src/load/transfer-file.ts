import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { Credentials } from '../client/http-connection.ts';

const PIECE = Buffer.alloc(1024 * 1024, 'gantry ');
const BOUNDARY = 'gantry-bench';

interface Transfer {
  port: number;
  person: Credentials;
  rid: string;
  mebibytes: number;
}

const headersOf = ({ uid, token }: Credentials) => ({ 'x-user-id': uid, 'x-auth-token': token });

/** Uploads a file to a room in one stream; gives its link and how long it took. */
export async function uploadFile({
  port,
  person,
  rid,
  mebibytes,
}: Transfer): Promise<{ url: string; ms: number }> {
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="big.bin"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const tail = `\r\n--${BOUNDARY}--\r\n`;
  const started = performance.now();
  const upload = request({
    ...{ host: '127.0.0.1', port, method: 'POST', path: `/api/v1/rooms.media/${rid}` },
    headers: {
      ...headersOf(person),
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': head.length + mebibytes * PIECE.length + tail.length,
    },
  });
  const answered = once(upload, 'response');
  upload.write(head);
  for (let sent = 0; sent < mebibytes; sent += 1) {
    if (!upload.write(PIECE)) await Promise.race([once(upload, 'drain'), answered]);
  }
  upload.end(tail);
  const [response] = await answered;
  let text = '';
  for await (const piece of response) text += piece;
  if (response.statusCode !== 200) throw new Error(`the upload was answered ${response.statusCode}: ${text}`);
  return { url: JSON.parse(text).file.url, ms: performance.now() - started };
}

/** Downloads a file and counts its bytes. */
export async function downloadFile({
  port,
  person,
  path,
  mebibytes,
}: Omit<Transfer, 'rid'> & { path: string }): Promise<{ ms: number }> {
  const started = performance.now();
  const download = request({ host: '127.0.0.1', port, path, headers: headersOf(person) });
  download.end();
  const [response] = await once(download, 'response');
  let bytes = 0;
  for await (const piece of response) bytes += piece.length;
  if (bytes !== mebibytes * PIECE.length)
    throw new Error(`${bytes} bytes came, status ${response.statusCode}`);
  return { ms: performance.now() - started };
}

/** What the disk takes at best: as many bytes into a file, and a sync. */
export async function writeBareFile({
  path,
  mebibytes,
}: {
  path: string;
  mebibytes: number;
}): Promise<{ ms: number }> {
  const started = performance.now();
  const file = await open(path, 'wx');
  try {
    for (let written = 0; written < mebibytes; written += 1) await file.write(PIECE);
    await file.datasync();
  } finally {
    await file.close();
  }
  const ms = performance.now() - started;
  await rm(path);
  return { ms };
}
