import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent; tests assert what they read
  body: any;
}

export type Respond = (request: Received, response: ServerResponse) => void;

/** A web server of somebody else, for webhooks and previews. It answers `ok` unless told otherwise. */
export interface WebReceiver {
  url: string;
  /** Requests so far, by path. */
  received(path: string): Received[];
  /** Resolves when so many requests have come to the path. */
  until(path: string, count: number): Promise<Received[]>;
  answer(path: string, respond: Respond): void;
  /** Cuts all connections. */
  hangUp(): void;
  close(): void;
}

export async function startReceiver(port = 0): Promise<WebReceiver> {
  const requests: Received[] = [];
  const responses = new Map<string, Respond>();
  let waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    response.on('error', () => {});
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString('utf8');
      const path = (request.url ?? '').split('?')[0] ?? '';
      const isJson = request.headers['content-type']?.includes('json') && text !== '';
      const received = {
        ...{ method: request.method ?? '', path, headers: request.headers, text },
        body: isJson ? JSON.parse(text) : undefined,
      };
      requests.push(received);
      (responses.get(path) ?? ((_, out) => out.end('ok')))(received, response);
      for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const received = (path: string) => requests.filter((request) => request.path === path);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async until(path, count) {
      while (received(path).length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return received(path);
    },
    answer: (path, respond) => void responses.set(path, respond),
    hangUp: () => server.closeAllConnections(),
    close() {
      waiting = [];
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Answers with JSON. */
export const respondJson =
  (body: unknown, status = 200): Respond =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
