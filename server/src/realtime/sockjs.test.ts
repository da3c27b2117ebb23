import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realtimeHttpRoutes } from './http-routes.ts';
import { type Fixture, fakeContext, openStream, startRealtime } from './realtime-fixture.ts';

const CONNECT = '{"msg":"connect","version":"1","support":["1","pre2","pre1"]}';
const PATH = '/sockjs/042/pidgin17/websocket';

describe('the WebSocket transport', () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await startRealtime({ streams: [openStream('x')] });
  });
  afterEach(() => fixture.stop());

  test('opens with o, then frames every message as an array of texts', async () => {
    const client = await fixture.client(PATH);
    await client.next();
    client.send([CONNECT]);
    await client.next();
    client.send(['{"msg":"ping","id":"1"}']);
    await client.next();
    expect(client.frames).toEqual([
      'o',
      'a["{\\"server_id\\":\\"0\\"}"]',
      expect.stringMatching(/^a\["\{\\"msg\\":\\"connected\\",\\"session\\":\\"\w{17}\\"\}"\]$/),
      'a["{\\"msg\\":\\"pong\\",\\"id\\":\\"1\\"}"]',
    ]);
  });

  test('takes several messages in one frame, in order', async () => {
    const client = await fixture.client(PATH);
    client.send([
      CONNECT,
      '{"msg":"sub","id":"1","name":"stream-x","params":["e"]}',
      '{"msg":"unsub","id":"1"}',
    ]);
    await client.find((m) => m.msg === 'connected');
    expect(await client.next()).toEqual({ msg: 'ready', subs: ['1'] });
    expect(await client.next()).toEqual({ msg: 'nosub', id: '1' });
  });

  test('takes a bare object, a bare text and an array of objects', async () => {
    const client = await fixture.client(PATH);
    client.send(CONNECT);
    client.send(JSON.stringify('{"msg":"ping","id":"text"}'));
    client.send([{ msg: 'ping', id: 'object' }]);
    await client.find((m) => m.msg === 'connected');
    expect(await client.next()).toEqual({ msg: 'pong', id: 'text' });
    expect(await client.next()).toEqual({ msg: 'pong', id: 'object' });
  });

  test('connecting twice, as libpurple does, is harmless', async () => {
    const client = await fixture.client(PATH);
    client.send([CONNECT]);
    client.send([CONNECT]);
    await client.find((m) => m.msg === 'connected');
    expect(await client.next()).toMatchObject({ msg: 'error', reason: 'Already connected' });
    client.send(['{"msg":"method","method":"login","id":"l","params":[{"resume":"alice"}]}']);
    expect(await client.next()).toMatchObject({ msg: 'added', collection: 'users', id: 'alice' });
  });

  test('an empty frame means nothing, an undecodable one is a parse error', async () => {
    const client = await fixture.client(PATH);
    client.send('');
    client.send('[nope');
    client.send(['{nope']);
    client.send('['.repeat(400_000) + ']'.repeat(400_000));
    expect(await client.find((m) => m.msg !== undefined)).toEqual({ msg: 'error', reason: 'Parse error' });
    expect(await client.next()).toEqual({ msg: 'error', reason: 'Parse error' });
    expect(await client.next()).toEqual({ msg: 'error', reason: 'Parse error' });
  });

  test('both framings hear the same event', async () => {
    const raw = await fixture.connected();
    await raw.sub('1', 'stream-x', 'e');
    const sockjs = await fixture.client(PATH);
    sockjs.send([CONNECT, '{"msg":"sub","id":"1","name":"stream-x","params":["e"]}']);
    await sockjs.find((m) => m.msg === 'ready');
    fixture.realtime.streams.emit('x', 'e', [{ text: '"quoted" €' }]);
    const heard = await raw.next();
    expect(heard).toMatchObject({ fields: { args: [{ text: '"quoted" €' }] } });
    expect(await sockjs.next()).toEqual(heard);
  });

  test('a deliberate close is announced with c', async () => {
    const client = await fixture.client(PATH);
    await client.next();
    fixture.realtime.closeConnections(() => true, 1000, 'Logged out');
    expect(await client.closed).toEqual({ code: 1000, reason: 'Logged out' });
    expect(client.frames.at(-1)).toBe('c[3000,"Go away!"]');
  });
});

describe('plain HTTP', () => {
  const app = Fastify();
  realtimeHttpRoutes(app, fakeContext({ now: () => 1_700_000_000_123 }));

  test('info tells what SockJS clients ask for', async () => {
    const answer = await app.inject('/sockjs/info?cb=abc');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=UTF-8',
      'cache-control': 'no-store, no-cache, no-transform, must-revalidate, max-age=0',
      'access-control-allow-origin': '*',
    });
    const { entropy, ...rest } = answer.json();
    expect(rest).toEqual({ websocket: true, origins: ['*:*'], cookie_needed: false });
    expect(entropy).toBeGreaterThanOrEqual(0);
    expect(entropy).toBeLessThan(2 ** 32);
  });

  test('info echoes an Origin', async () => {
    const answer = await app.inject({ url: '/sockjs/info', headers: { origin: 'https://a.example' } });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
    });
  });

  test.each(['/websocket', '/sockjs/websocket', '/sockjs/1/abc/websocket'])(
    '%s without upgrade is 400',
    async (url) => {
      expect((await app.inject(url)).statusCode).toBe(400);
    },
  );

  test.each(['/sockjs/1/abc/xhr_streaming', '/sockjs/1/abc/xhr', '/sockjs/iframe.html'])(
    '%s is 404',
    async (url) => {
      expect((await app.inject({ url, method: 'POST' })).statusCode).toBe(404);
      expect((await app.inject(url)).statusCode).toBe(404);
    },
  );

  test('_timesync is the time as text', async () => {
    const answer = await app.inject('/_timesync');
    expect(answer.body).toBe('1700000000123');
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    });
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });
});
