import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
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
