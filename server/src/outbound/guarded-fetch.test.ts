import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testConfig } from '../config/defaults.ts';
import { settingsOver } from '../kernel/settings.ts';
import { hostList } from './addresses.ts';
import { type GuardedRequest, guardedFetch } from './guarded-fetch.ts';
import { OutboundError } from './outbound-error.ts';

/** A server on 127.0.0.1, which is reached by the names `friend` and `127.0.0.1` because they are allowed. */
let server: Server;
let origin: string;
let port: number;
const asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
/** Bytes that the endless answer managed to send. */
let endlessBytes = 0;

const ctx = { config: testConfig({ outboundAllow: ['127.0.0.1'] }), settings: settingsOver(() => undefined) };
const strictCtx = { ...ctx, config: testConfig() };
const toThisMachine = async () => [{ address: '127.0.0.1', family: 4 }];

const ROUTES: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/page': (_, response) =>
    response.setHeader('content-type', 'text/html; charset=utf-8').end('<p>hello</p>'),
  '/twice': (_, response) => response.setHeader('x-many', ['a', 'b']).end(),
  '/missing': (_, response) => response.writeHead(404).end('nothing'),
  '/hop': (request, response) => {
    const to = new URL(request.url ?? '', origin).searchParams;
    response.writeHead(Number(to.get('status') ?? 302), { location: to.get('to') ?? '' }).end('moved');
  },
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/endless-hop': (_, response) => {
    response.writeHead(302, { location: '/page' });
    pour(response);
  },
  '/long': (_, response) => response.end('x'.repeat(5000)),
  // Announces 5 GB and means it.
  '/huge': (_, response) => {
    response.setHeader('content-length', 5 * 1024 ** 3);
    pour(response);
  },
  '/endless': (_, response) => pour(response),
  '/hang': () => {},
  '/drip': (_, response) => {
    response.write('a');
    const timer = setInterval(() => response.write('a'), 20);
    response.on('close', () => clearInterval(timer));
  },
};

function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const more = () => {
    while (!response.destroyed && response.write(chunk)) endlessBytes += chunk.length;
  };
  response.on('drain', more);
  more();
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, url, headers, body });
      (ROUTES[url.split('?')[0] ?? ''] ?? ((_, answer) => answer.end()))(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  origin = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function faultOf(url: string, options: GuardedRequest = {}, context = ctx): Promise<string> {
  const error: unknown = await guardedFetch(context, url, options).catch((reason: unknown) => reason);
  if (!(error instanceof OutboundError)) throw new Error(`no refusal of ${url}: ${String(error)}`);
  return error.fault;
}

const last = () => asked.at(-1);

test('an answer has its status, headers, address and body', async () => {
  expect(await guardedFetch(ctx, `${origin}/page`)).toEqual({
    status: 200,
    headers: expect.objectContaining({ 'content-type': 'text/html; charset=utf-8' }),
    url: `${origin}/page`,
    body: Buffer.from('<p>hello</p>'),
    truncated: false,
  });
  expect((await guardedFetch(ctx, `${origin}/twice`)).headers['x-many']).toBe('a, b');
  expect(await guardedFetch(ctx, `${origin}/missing`)).toMatchObject({
    status: 404,
    body: Buffer.from('nothing'),
  });
});

test('method, headers and body are sent', async () => {
  await guardedFetch(ctx, `${origin}/x`, { method: 'POST', headers: { 'X-Secret': '1' }, body: '{"a":1}' });
  expect(last()).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'x-secret': '1' } });
});

test('a workspace may allow addresses that are not public', async () => {
  const settings = settingsOver((id) =>
    id === 'SSRF_Allowlist' ? 'hooks.internal, 127.0.0.0/8' : undefined,
  );
  expect(await guardedFetch({ ...strictCtx, settings }, `${origin}/page`)).toMatchObject({ status: 200 });
  const blocked = hostList(['127.0.0.1']);
  expect(await faultOf(origin, { blocked }, { ...strictCtx, settings })).toBe('blocked-address');
});

test.each([
  ['http://127.0.0.1/', 'blocked-address'],
  ['http://127.1/', 'blocked-address'],
  ['http://2130706433/', 'blocked-address'],
  ['http://0x7f.0.0.1/', 'blocked-address'],
  ['http://0177.0.0.1/', 'blocked-address'],
  ['http://127.0.0.1./', 'blocked-address'],
  ['http://[::1]/', 'blocked-address'],
  ['http://[::ffff:7f00:1]/', 'blocked-address'],
  ['http://[64:ff9b::a9fe:a9fe]/', 'blocked-address'],
  ['http://169.254.169.254/latest/meta-data/', 'blocked-address'],
  ['http://localhost/', 'blocked-address'],
  ['http://user:pass@8.8.8.8/', 'bad-url'],
  ['http://user@8.8.8.8/', 'bad-url'],
  ['file:///etc/passwd', 'bad-url'],
  ['ftp://8.8.8.8/', 'bad-url'],
  ['gopher://8.8.8.8/', 'bad-url'],
  ['javascript:alert(1)', 'bad-url'],
  ['/relative', 'bad-url'],
  ['http://', 'bad-url'],
  ['', 'bad-url'],
])('%s is refused', async (url, fault) => {
  expect(await faultOf(url, {}, strictCtx)).toBe(fault);
});

test('an address without end is refused', async () => {
  expect(await faultOf(`http://8.8.8.8/${'x'.repeat(10_000)}`)).toBe('bad-url');
});

test('a name that resolves to a private address is refused, also among public ones', async () => {
  const resolving = (...addresses: string[]) => ({
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });
  expect(await faultOf('http://evil.example/', resolving('10.0.0.1'), strictCtx)).toBe('blocked-address');
  expect(await faultOf('http://evil.example/', resolving('::ffff:169.254.169.254'), strictCtx)).toBe(
    'blocked-address',
  );
  expect(await faultOf('http://evil.example/', resolving('8.8.8.8', '127.0.0.1'), strictCtx)).toBe(
    'blocked-address',
  );
  expect(await faultOf('https://evil.example/', resolving('192.168.0.1'), strictCtx)).toBe('blocked-address');
  expect(await faultOf('http://evil.example/', resolving(), strictCtx)).toBe('network');
});

test('what was checked is what is connected to: a name that changes its mind gains nothing', async () => {
  const before = asked.length;
  let calls = 0;
  const resolve = async () => {
    calls += 1;
    return [{ address: calls === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
  };
  const url = `http://rebind.example:${port}/page`;
  expect((await guardedFetch(ctx, url, { resolve })).status).toBe(200);
  expect(calls).toBe(1);
  expect(await faultOf(url, { resolve })).toBe('blocked-address');
  // A redirect to the same name resolves it anew, and is checked anew.
  calls = 0;
  expect(await faultOf(`http://rebind.example:${port}/hop?to=/page`, { resolve })).toBe('blocked-address');
  expect(asked.length - before).toBe(2);
});

test('every redirect is checked anew', async () => {
  const hop = (to: string) => `${origin}/hop?to=${encodeURIComponent(to)}`;
  for (const to of ['http://127.0.0.2/', 'http://[::1]/', 'http://169.254.169.254/', '//10.0.0.1/x']) {
    expect([to, await faultOf(hop(to))]).toEqual([to, 'blocked-address']);
  }
  expect(await faultOf(hop('file:///etc/passwd'))).toBe('bad-url');
  expect(await faultOf(hop('http://u:p@127.0.0.1/'))).toBe('bad-url');
  expect(await faultOf(hop('http://'))).toBe('bad-url');
  expect(await faultOf(hop('http://127.0.0.1:1/'), { ports: [port] })).toBe('blocked-port');
  const toName = { resolve: async () => [{ address: '10.0.0.1', family: 4 }] };
  expect(await faultOf(hop('http://inside.example/'), toName)).toBe('blocked-address');
});

test('redirects are followed up to a limit, and change what is sent as browsers do', async () => {
  expect(await faultOf(`${origin}/loop`)).toBe('too-many-redirects');
  expect((await guardedFetch(ctx, `${origin}/loop`, { maxRedirects: 0 })).status).toBe(302);
  const post = {
    method: 'POST',
    headers: { authorization: 'a', 'Content-Type': 'text/x' },
    body: 'b',
  } as const;
  const landed = await guardedFetch(ctx, `${origin}/hop?to=/page`, post);
  expect(landed.url).toBe(`${origin}/page`);
  expect(last()).toMatchObject({ method: 'GET', body: '', headers: { authorization: 'a' } });
  expect(last()?.headers).not.toHaveProperty('content-type');
  await guardedFetch(ctx, `${origin}/hop?status=307&to=/page`, post);
  expect(last()).toMatchObject({ method: 'POST', body: 'b', headers: { 'content-type': 'text/x' } });
  // Another origin is not told the secrets of the first.
  const elsewhere = `http://friend.example:${port}/page`;
  const hop = `${origin}/hop?status=307&to=${encodeURIComponent(elsewhere)}`;
  await guardedFetch(ctx, hop, { ...post, resolve: toThisMachine });
  expect(last()).toMatchObject({ method: 'POST', body: 'b' });
  expect(last()?.headers).not.toHaveProperty('authorization');
});

test('a redirect with an endless body is left behind', async () => {
  expect((await guardedFetch(ctx, `${origin}/endless-hop`)).url).toBe(`${origin}/page`);
});

test('an answer that is too large is refused or cut', async () => {
  expect(await faultOf(`${origin}/long`, { maxBytes: 4999 })).toBe('too-large');
  expect((await guardedFetch(ctx, `${origin}/long`, { maxBytes: 5000 })).body).toHaveLength(5000);
  const cut = await guardedFetch(ctx, `${origin}/long`, { maxBytes: 100, whenTooLarge: 'cut' });
  expect([cut.body.length, cut.truncated]).toEqual([100, true]);
  endlessBytes = 0;
  expect(await faultOf(`${origin}/huge`)).toBe('too-large');
  expect(await faultOf(`${origin}/endless`, { maxBytes: 1_000_000 })).toBe('too-large');
  const beginning = await guardedFetch(ctx, `${origin}/huge`, { maxBytes: 250_000, whenTooLarge: 'cut' });
  expect([beginning.body.length, beginning.truncated]).toEqual([250_000, true]);
  // What the buffers of both sides hold, and no more.
  expect(endlessBytes).toBeLessThan(50_000_000);
});

test('reading ends when enough was seen', async () => {
  const seen: number[] = [];
  const answer = await guardedFetch(ctx, `${origin}/endless`, {
    onPiece(piece, head) {
      seen.push(piece.length);
      return head.status === 200 ? 'enough' : 'more';
    },
  });
  expect([answer.truncated, answer.body.length]).toEqual([true, seen[0]]);
});

test('an answer that never comes, never ends, or is unwanted is given up', async () => {
  expect(await faultOf(`${origin}/hang`, { timeoutMs: 100 })).toBe('timeout');
  expect(await faultOf(`${origin}/drip`, { timeoutMs: 150 })).toBe('timeout');
  const never = { resolve: () => new Promise<never>(() => {}), timeoutMs: 100 };
  expect(await faultOf('http://slow.example/', never)).toBe('timeout');
  const stopped = new AbortController();
  setTimeout(() => stopped.abort(), 20);
  expect(await faultOf(`${origin}/hang`, { signal: stopped.signal })).toBe('network');
});

test('content types, ports and hosts can be limited', async () => {
  expect((await guardedFetch(ctx, `${origin}/page`, { allowedTypes: ['text/html'] })).status).toBe(200);
  expect(await faultOf(`${origin}/page`, { allowedTypes: ['image/'] })).toBe('content-type');
  expect(await faultOf(`${origin}/long`, { allowedTypes: ['image/'] })).toBe('content-type');
  expect(await faultOf(`${origin}/page`, { ports: [80, 443] })).toBe('blocked-port');
  expect((await guardedFetch(ctx, `${origin}/page`, { ports: [port] })).status).toBe(200);
  // What is blocked stays so although it is allowed elsewhere.
  expect(await faultOf(`${origin}/page`, { blocked: hostList(['127.0.0.0/8']) })).toBe('blocked-address');
  const named = { blocked: hostList(['*.bad.example']), resolve: toThisMachine };
  expect(await faultOf(`http://x.bad.example:${port}/page`, named)).toBe('blocked-address');
  const resolved = { blocked: hostList(['127.0.0.1']), resolve: toThisMachine };
  expect(await faultOf(`http://good.example:${port}/page`, resolved)).toBe('blocked-address');
});

test('a host is allowed by its name', async () => {
  const context = { ...ctx, config: testConfig({ outboundAllow: ['friend.example'] }) };
  const url = `http://friend.example:${port}/page`;
  expect((await guardedFetch(context, url, { resolve: toThisMachine })).status).toBe(200);
  expect(await faultOf(`http://other.example:${port}/page`, { resolve: toThisMachine }, context)).toBe(
    'blocked-address',
  );
});

test.each([
  ['no HTTP', 'garbage that is no HTTP\r\n\r\n'],
  ['nothing', ''],
  ['a broken status', 'HTTP/1.1 999999 X\r\n\r\n'],
  ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`],
  ['a broken chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 5\r\n\r\nhello'],
  ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello'],
])('%s instead of an answer is a network fault', async (_, text) => {
  const tcp = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.end(text);
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port: tcpPort } = tcp.address() as AddressInfo;
  expect(await faultOf(`http://127.0.0.1:${tcpPort}/`)).toBe('network');
  tcp.close();
});

test('nobody listening is a network fault', async () => {
  expect(await faultOf('http://127.0.0.1:1/')).toBe('network');
});
