import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A WebDAV server for tests, in memory, by RFC 4918 as far as clients of files need it: PROPFIND, GET, PUT and MKCOL below
 * `/dav/`, for one user by Basic authentication. Its paths are those of the addresses, decoded.
 */
export interface FakeWebdav {
  /** The address of its root folder. */
  url: string;
  /** Bytes by path (`/a/b.txt`); folders are undefined. */
  entries: Map<string, Buffer | undefined>;
  /** Every request as `METHOD /path`, and whether it was who it should be. */
  requests: { what: string; known: boolean; headers: IncomingMessage['headers'] }[];
  /** Answers requests instead of doing what they ask; false leaves it to the server. */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): void;
}

export const DAV_USER = { username: 'dave', password: 'pass:wörd' };
const ROOT = '/dav';
const MODIFIED = 'Sat, 28 Nov 2026 09:00:00 GMT';

export async function startFakeWebdav(): Promise<FakeWebdav> {
  const fake: FakeWebdav = {
    ...{ url: '', entries: new Map([['/', undefined]]), requests: [], instead: undefined },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  const server = createServer((request, response) => {
    response.on('error', () => {});
    void receive(fake, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${ROOT}/`;
  return fake;
}

async function receive(fake: FakeWebdav, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { method = '', url = '', headers } = request;
  const { username, password } = DAV_USER;
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const known = headers.authorization === expected;
  const path = decodeURIComponent(url.slice(ROOT.length)).replace(/(.)\/$/, '$1');
  fake.requests.push({ what: `${method} ${path}`, known, headers });
  if (fake.instead?.(request, response)) return;
  if (!known) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="files"' }).end();
    return;
  }
  serve(fake, { method, path, body: Buffer.concat(pieces), headers }, response);
}

interface Asked {
  method: string;
  path: string;
  body: Buffer;
  headers: IncomingMessage['headers'];
}

function serve(
  { entries }: FakeWebdav,
  { method, path, body, headers }: Asked,
  response: ServerResponse,
): void {
  const end = (status: number, content: string | Buffer = '') => void response.writeHead(status).end(content);
  const above = path.slice(0, path.lastIndexOf('/')) || '/';
  const isFolder = (name: string) => entries.has(name) && entries.get(name) === undefined;
  switch (method) {
    case 'PROPFIND': {
      if (!entries.has(path)) return end(404);
      const inside = (name: string) => name !== '/' && (name.slice(0, name.lastIndexOf('/')) || '/') === path;
      const names = [path, ...(headers.depth === '1' ? [...entries.keys()].filter(inside) : [])];
      const all = names.map((name) => described(name, entries.get(name)));
      response.writeHead(207, { 'content-type': 'application/xml; charset=utf-8' });
      return void response.end(
        `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">${all.join('')}</d:multistatus>`,
      );
    }
    case 'GET': {
      const bytes = entries.get(path);
      return bytes ? end(200, bytes) : end(404);
    }
    case 'PUT':
      if (!isFolder(above)) return end(409);
      if (entries.has(path) && headers['if-none-match'] === '*') return end(412);
      entries.set(path, body);
      return end(201);
    case 'MKCOL':
      if (entries.has(path)) return end(405);
      if (!isFolder(above)) return end(409);
      entries.set(path, undefined);
      return end(201);
    default:
      return end(405);
  }
}

function described(path: string, bytes: Buffer | undefined): string {
  const href = `${ROOT}${path.split('/').map(encodeURIComponent).join('/')}${bytes || path === '/' ? '' : '/'}`;
  const kind = bytes
    ? `<d:resourcetype/><d:getcontentlength>${bytes.length}</d:getcontentlength>` +
      `<d:getcontenttype>text/plain; charset=utf-8</d:getcontenttype><d:getetag>"of-${bytes.length}"</d:getetag>`
    : '<d:resourcetype><d:collection/></d:resourcetype>';
  const unknown = bytes
    ? ''
    : '<d:propstat><d:prop><d:getcontentlength/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>';
  return (
    `<d:response><d:href>${href}</d:href>${unknown}<d:propstat><d:prop>${kind}` +
    `<d:getlastmodified>${MODIFIED}</d:getlastmodified></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`
  );
}
