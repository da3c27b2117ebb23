import { afterAll, beforeAll, expect, test } from 'vitest';
import { knownNames } from './support/known-names.ts';
import { startServer, type TestServer } from './support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  server.server.ctx.names = knownNames;
});
afterAll(() => server.close());

test.each([
  ['/livez', { status: 'ok' }],
  ['/health', { status: 'ok' }],
  ['/readyz', { status: 'ok', checks: { storage: 'ok' } }],
])('%s answers whoever watches the server, and is kept nowhere', async (path, body) => {
  const answer = await fetch(server.url + path);
  expect([answer.status, await answer.json()]).toEqual([200, body]);
  expect(answer.headers.get('cache-control')).toBe('no-cache, no-store, must-revalidate');
});

test.each(['/livez', '/health', '/readyz', '/robots.txt'])(
  'the head of %s is there alone, too',
  async (path) => {
    const answer = await fetch(server.url + path, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect((await fetch(server.url + path, { method: 'POST' })).status).toBe(404);
  },
);

test('a server that cannot store what it is given is not ready', async () => {
  const { storage, app } = server.server;
  const failure = Object.getOwnPropertyDescriptor(storage, 'failure');
  Object.defineProperty(storage, 'failure', { value: new Error('disk'), configurable: true });
  try {
    const { statusCode, payload } = await app.inject('/readyz');
    const body = { status: 'unavailable', checks: { storage: 'unavailable' } };
    expect([statusCode, JSON.parse(payload)]).toEqual([503, body]);
  } finally {
    if (failure) Object.defineProperty(storage, 'failure', failure);
    else Reflect.deleteProperty(storage, 'failure');
  }
});

test('administrators see how many connections there are, and switch presence on again', async () => {
  const { admin } = server;
  await admin.ddp();
  expect((await admin.get('presence.getConnections')).body).toEqual({ current: 1, max: 200, success: true });
  await admin.post('settings/Presence_broadcast_disabled', { value: true });
  expect((await admin.post('presence.enableBroadcast')).body).toEqual({ success: true });
  expect((await admin.get('settings/Presence_broadcast_disabled')).body.value).toBe(false);
});

test('records of names are asked for, and what DNS has against it is told', async () => {
  const { admin, anonymous } = server;
  const of = (name: string) => `?url=${encodeURIComponent(name)}`;
  const services = {
    resolved: [{ name: 'chat.example', port: 3000, priority: 10, weight: 5 }],
    success: true,
  };
  expect((await admin.get(`dns.resolve.srv${of('records.example')}`)).body).toEqual(services);
  expect((await admin.post(`dns.resolve.srv${of('records.example')}`)).body).toEqual(services);
  expect((await admin.post(`dns.resolve.txt${of('records.example')}`)).body).toEqual({
    resolved: ['in two pieces', 'v=1'],
    success: true,
  });
  for (const [path, error] of [
    [`dns.resolve.srv${of('nothing.example')}`, 'querySrv ENOTFOUND nothing.example'],
    [`dns.resolve.txt${of('nothing.example')}`, 'queryTxt ENOTFOUND nothing.example'],
  ] as const) {
    expect(await admin.post(path)).toMatchObject({ status: 400, body: { success: false, error } });
  }
  for (const path of [
    'dns.resolve.srv',
    `dns.resolve.txt${of('')}`,
    `dns.resolve.txt${of('x'.repeat(254))}`,
  ]) {
    expect(await admin.post(path)).toMatchObject({
      status: 400,
      body: { errorType: 'error-invalid-params' },
    });
  }
  expect((await anonymous.post(`dns.resolve.txt${of('records.example')}`)).status).toBe(401);
});

test('clients are told of parts that are not there', async () => {
  const { admin, anonymous, url } = server;
  expect(await admin.get('media-calls.state')).toMatchObject({
    status: 200,
    body: { calls: [], success: true },
  });
  expect((await anonymous.get('media-calls.state')).status).toBe(401);
  const proxy = await fetch(`${url}/api/ecdh_proxy/initEncryptedSession`, { method: 'POST' });
  expect([proxy.status, await proxy.json()]).toEqual([200, { success: false, error: 'Not Acceptable' }]);
});
