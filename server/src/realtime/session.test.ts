import { createConnection } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PATIENCE } from '../../test/support/patience.ts';
import { fail, forbid, refuse } from '../kernel/errors.ts';
import { type DdpMethod, userMethod } from './declarations.ts';
import { type Fixture, type FixtureOptions, openStream, startRealtime } from './realtime-fixture.ts';

let fixture: Fixture;
const start = async (options?: FixtureOptions) => {
  fixture = await startRealtime(options);
};
afterEach(() => fixture.stop());

const SESSION_ID = /^[23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz]{17}$/;

/** A method that ends when the test says so. */
function gate(name: string) {
  const calls: { params: readonly unknown[]; finish: (result: unknown) => void }[] = [];
  const arrivals: (() => void)[] = [];
  const method: DdpMethod = {
    name,
    auth: 'none',
    run: (_ctx, { params }) =>
      new Promise((finish) => {
        calls.push({ params, finish });
        arrivals.shift()?.();
      }),
  };
  const arrived = async (count: number) => {
    while (calls.length < count) await new Promise<void>((resolve) => arrivals.push(resolve));
  };
  return { method, calls, arrived };
}

describe('opening', () => {
  test('greets with server_id, then answers connect with a fresh session id', async () => {
    await start();
    const client = await fixture.client();
    expect(await client.next()).toEqual({ server_id: '0' });
    client.send({ msg: 'connect', version: '1', support: ['1', 'pre2', 'pre1'], session: 'old' });
    expect(await client.next()).toEqual({ msg: 'connected', session: expect.stringMatching(SESSION_ID) });
  });

  test('a client that supports only version 1 connects', async () => {
    await start();
    const client = await fixture.client();
    client.send({ msg: 'connect', version: '1', support: ['1'] });
    expect(await client.find((m) => m.msg !== undefined)).toMatchObject({ msg: 'connected' });
  });

  test.each([
    ['a missing version', { msg: 'connect', support: ['1'] }, '1'],
    ['a missing support list', { msg: 'connect', version: '1' }, '1'],
    ['a version outside the list', { msg: 'connect', version: '1', support: ['pre2'] }, '1'],
    ['a better common version', { msg: 'connect', version: 'pre1', support: ['pre2', 'pre1'] }, 'pre2'],
    ['no common version', { msg: 'connect', version: '9', support: ['9'] }, '1'],
  ])('%s fails with the version to use and closes', async (_name, connect, version) => {
    await start();
    const client = await fixture.client();
    client.send(connect);
    expect(await client.find((m) => m.msg !== undefined)).toEqual({ msg: 'failed', version });
    expect((await client.closed).code).toBe(1000);
  });

  test('anything but connect, ping and pong before connect is refused', async () => {
    await start();
    const client = await fixture.client();
    const offendingMessage = { msg: 'sub', id: 'a', name: 'stream-x', params: [{ $date: 5 }] };
    client.send({ msg: 'pong' });
    client.send(offendingMessage);
    expect(await client.find((m) => m.msg !== undefined)).toEqual({
      msg: 'error',
      reason: 'Must connect first',
      offendingMessage,
    });
    await client.handshake();
  });

  test('a second connect breaks nothing', async () => {
    await start();
    const client = await fixture.connected();
    client.send({ msg: 'connect', version: '1', support: ['1'] });
    expect(await client.next()).toMatchObject({ msg: 'error', reason: 'Already connected' });
    expect(await client.call('login', [{ resume: 'alice' }])).toMatchObject({ result: { id: 'alice' } });
  });

  test('a connection that never connects is closed', async () => {
    await start({ limits: { handshakeMs: 40 } });
    const client = await fixture.client();
    expect(await client.closed).toEqual({ code: 4001, reason: 'Handshake timeout' });
  });
});

describe('protocol errors keep the connection open', () => {
  test.each([
    ['invalid JSON', '{nope', { msg: 'error', reason: 'Parse error' }],
    ['an empty frame', '', { msg: 'error', reason: 'Parse error' }],
    ['a number', '5', { msg: 'error', reason: 'Bad request', offendingMessage: 5 }],
    ['no msg', '{"a":1}', { msg: 'error', reason: 'Bad request', offendingMessage: { a: 1 } }],
    ['unknown msg', '{"msg":"x"}', { msg: 'error', reason: 'Bad request', offendingMessage: { msg: 'x' } }],
    [
      'a method without id',
      '{"msg":"method","method":"m"}',
      {
        msg: 'error',
        reason: 'Malformed method invocation',
        offendingMessage: { msg: 'method', method: 'm' },
      },
    ],
    [
      'a method with params that are no list',
      '{"msg":"method","method":"m","id":"1","params":{}}',
      {
        msg: 'error',
        reason: 'Malformed method invocation',
        offendingMessage: { msg: 'method', method: 'm', id: '1', params: {} },
      },
    ],
    [
      'a sub without name',
      '{"msg":"sub","id":"1"}',
      { msg: 'error', reason: 'Malformed subscription', offendingMessage: { msg: 'sub', id: '1' } },
    ],
    [
      'an unsub without id',
      '{"msg":"unsub"}',
      { msg: 'error', reason: 'Malformed subscription', offendingMessage: { msg: 'unsub' } },
    ],
  ])('%s', async (_name, frame, answer) => {
    await start();
    const client = await fixture.connected();
    client.send(frame);
    expect(await client.settled()).toEqual([answer]);
  });

  test('a binary frame is a parse error', async () => {
    await start();
    const client = await fixture.connected();
    client.socket.send(Buffer.from('{"msg":"ping"}'));
    expect(await client.settled()).toEqual([{ msg: 'error', reason: 'Parse error' }]);
  });

  test('too deep nesting is a parse error', async () => {
    await start();
    const client = await fixture.connected();
    client.send(`{"msg":"method","id":"1","method":"m","params":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    expect(await client.settled()).toEqual([{ msg: 'error', reason: 'Parse error' }]);
  });
});

test('a frame above the limit closes the connection with 1009', async () => {
  await start({ limits: { frameBytes: 2000 } });
  const client = await fixture.connected();
  client.send({ msg: 'ping', id: 'x'.repeat(3000) });
  expect((await client.closed).code).toBe(1009);
  expect(fixture.realtime.stats().connections).toBe(0);
});

describe('heartbeat', () => {
  test('ping is answered before connect, with its id or without', async () => {
    await start();
    const client = await fixture.client();
    client.send({ msg: 'ping' });
    client.send({ msg: 'ping', id: 'x' });
    expect(await client.find((m) => m.msg !== undefined)).toEqual({ msg: 'pong' });
    expect(await client.next()).toEqual({ msg: 'pong', id: 'x' });
  });

  test('ping is answered ahead of a running method', async () => {
    const slow = gate('slow');
    await start({ methods: [slow.method] });
    const client = await fixture.connected();
    client.send({ msg: 'method', method: 'slow', id: '1', params: [] });
    client.send({ msg: 'ping', id: 'p' });
    expect(await client.next()).toEqual({ msg: 'pong', id: 'p' });
    slow.calls[0]?.finish('done');
    expect(await client.next()).toEqual({ msg: 'result', id: '1', result: 'done' });
  });

  test('a silent client is pinged without id and then cut', async () => {
    await start({ limits: { pingAfterMs: 40 } });
    const client = await fixture.connected();
    expect(await client.next()).toEqual({ msg: 'ping' });
    expect((await client.closed).code).toBe(1006);
    expect(fixture.realtime.stats().connections).toBe(0);
  });

  test('any frame counts as life, also a WebSocket pong', async () => {
    let time = 0;
    await start({ now: () => time, limits: { pingAfterMs: 40 } });
    const client = await fixture.connected();
    for (let round = 0; round < 3; round++) {
      time += 45;
      expect(await client.next()).toEqual({ msg: 'ping' });
      const answered = new Promise((resolve) => client.socket.once('pong', resolve));
      client.socket.pong();
      // The answer of a WebSocket ping: the frame before it has been seen.
      client.socket.ping();
      await answered;
      time += 39;
    }
    expect(await client.settled()).toEqual([]);
  });
});

describe('methods', () => {
  test('result and updated follow for success; an undefined result is left out, falsy ones stay', async () => {
    const value = (name: string, result: unknown): DdpMethod => ({ name, auth: 'none', run: () => result });
    await start({
      methods: [value('nothing', undefined), value('null', null), value('false', false), value('zero', 0)],
    });
    const client = await fixture.connected();
    const answers = [];
    for (const method of ['nothing', 'null', 'false', 'zero']) {
      client.send({ msg: 'method', method, id: method });
      answers.push(...(await client.settled()));
    }
    expect(answers).toEqual([
      { msg: 'result', id: 'nothing' },
      { msg: 'updated', methods: ['nothing'] },
      { msg: 'result', id: 'null', result: null },
      { msg: 'updated', methods: ['null'] },
      { msg: 'result', id: 'false', result: false },
      { msg: 'updated', methods: ['false'] },
      { msg: 'result', id: 'zero', result: 0 },
      { msg: 'updated', methods: ['zero'] },
    ]);
  });

  test('dates arrive as Date and leave as $date', async () => {
    let seen: unknown;
    const echo: DdpMethod = {
      name: 'echo',
      auth: 'none',
      run: (_ctx, { params }) => {
        seen = params[0];
        return { at: new Date(7) };
      },
    };
    await start({ methods: [echo] });
    const client = await fixture.connected();
    expect(await client.call('echo', [{ $date: 5 }])).toMatchObject({ result: { at: { $date: 7 } } });
    expect(seen).toEqual(new Date(5));
  });

  test('an unknown method is error 404, and updated follows', async () => {
    await start();
    const client = await fixture.connected();
    client.send({ msg: 'method', method: 'nope', id: '1' });
    expect(await client.settled()).toEqual([
      {
        msg: 'result',
        id: '1',
        error: {
          isClientSafe: true,
          error: 404,
          reason: "Method 'nope' not found",
          message: "Method 'nope' not found [404]",
          errorType: 'Meteor.Error',
        },
      },
      { msg: 'updated', methods: ['1'] },
    ]);
  });

  test('names of the object prototype are unknown methods', async () => {
    await start();
    const client = await fixture.connected();
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(await client.call(name)).toMatchObject({ error: { error: 404 } });
    }
  });

  test.each([
    [
      'a coded refusal',
      () => fail('error-x', 'Bad X', { method: 'm' }),
      { error: 'error-x', reason: 'Bad X', message: 'Bad X [error-x]', details: { method: 'm' } },
    ],
    ['a code without text', () => fail('not-allowed'), { error: 'not-allowed', message: '[not-allowed]' }],
    [
      'a numeric code',
      () => fail(403, 'User not found'),
      { error: 403, reason: 'User not found', message: 'User not found [403]' },
    ],
    ['a plain text', () => refuse('No way'), { error: 'No way', message: '[No way]' }],
    [
      'a plain text with a type',
      () => refuse('No way', 'error-y'),
      { error: 'error-y', reason: 'No way', message: 'No way [error-y]' },
    ],
    [
      'a forbidden action',
      () => forbid(),
      { error: 'error-not-allowed', reason: 'Not allowed', message: 'Not allowed [error-not-allowed]' },
    ],
    [
      'a bug',
      () => {
        throw new TypeError('secret detail');
      },
      { error: 500, reason: 'Internal server error', message: 'Internal server error [500]' },
    ],
    [
      'a result that cannot be encoded',
      () => {
        const ring: unknown[] = [];
        ring.push(ring);
        return ring;
      },
      { error: 500, reason: 'Internal server error', message: 'Internal server error [500]' },
    ],
  ])('%s becomes an error object', async (_name, run, error) => {
    await start({ methods: [{ name: 'm', auth: 'none', run }] });
    const client = await fixture.connected();
    const answer = await client.call('m');
    expect(answer.error).toEqual({ isClientSafe: true, errorType: 'Meteor.Error', ...error });
    expect(await client.call('m')).toMatchObject({ msg: 'result' });
  });

  test('a method for users refuses anonymous callers by name', async () => {
    await start({ methods: [userMethod('mine', (_ctx, { caller }) => caller.uid)] });
    const client = await fixture.connected();
    expect(await client.call('mine')).toMatchObject({
      error: { error: 'error-invalid-user', reason: 'Invalid user', details: { method: 'mine' } },
    });
    await client.call('login', [{ resume: 'alice' }]);
    expect(await client.call('mine')).toMatchObject({ result: 'alice' });
  });

  test('run strictly one after another, in the order of arrival', async () => {
    const slow = gate('slow');
    await start({ methods: [slow.method] });
    const client = await fixture.connected();
    for (const id of ['1', '2', '3']) client.send({ msg: 'method', method: 'slow', id, params: [id] });
    for (const [index, id] of ['1', '2', '3'].entries()) {
      await slow.arrived(index + 1);
      expect(await client.quiet()).toEqual([]);
      expect(slow.calls).toHaveLength(index + 1);
      expect(slow.calls[index]?.params).toEqual([id]);
      slow.calls[index]?.finish(id);
      expect(await client.next()).toEqual({ msg: 'result', id, result: id });
      expect(await client.next()).toEqual({ msg: 'updated', methods: [id] });
    }
  });

  test('a full queue stops reading, loses nothing and keeps the order', async () => {
    const slow = gate('slow');
    await start({ methods: [slow.method], limits: { methodsInFlightPerSocket: 10 } });
    const client = await fixture.connected();
    const total = 1000;
    for (let id = 0; id < total; id++)
      client.send({ msg: 'method', method: 'slow', id: `${id}`, params: [id] });
    for (let id = 0; id < total; id++) {
      await slow.arrived(id + 1);
      expect(slow.calls[id]?.params).toEqual([id]);
      slow.calls[id]?.finish(id);
      const result = await client.find((m) => m.msg === 'result');
      expect(result.id).toBe(`${id}`);
    }
  });

  test('a few very large messages fill the queue, too', async () => {
    const slow = gate('slow');
    await start({ methods: [slow.method], limits: { frameBytes: 10_000 } });
    const client = await fixture.connected();
    const params = ['x'.repeat(9000)];
    for (let id = 0; id < 8; id++) client.send({ msg: 'method', method: 'slow', id: `${id}`, params });
    const [session] = fixture.realtime.streams.connections();
    await vi.waitFor(() => expect(session).toMatchObject({ paused: true }), PATIENCE);
    for (let id = 0; id < 8; id++) {
      await slow.arrived(id + 1);
      slow.calls[id]?.finish(id);
      expect((await client.find((m) => m.msg === 'result')).id).toBe(`${id}`);
    }
    expect(session).toMatchObject({ paused: false });
  });

  test('two methods of one name are a mistake of ours', async () => {
    await start();
    const twin: DdpMethod = { name: 'logout', auth: 'none', run: () => undefined };
    await expect(startRealtime({ methods: [twin] })).rejects.toThrow('declared twice');
  });
});

describe('two-factor', () => {
  const seen: unknown[] = [];
  const guarded = userMethod('guarded', (_ctx, { params, twoFactor }) => ({ params, twoFactor }), {
    twoFactor: true,
  });
  const checkSecondFactor = (
    _ctx: unknown,
    call: { twoFactor: { code: string } | undefined },
    method: string,
  ) => {
    seen.push(method);
    if (call.twoFactor?.code !== '123') fail('totp-required', 'TOTP Required', { method: 'totp' });
  };

  test('the trailing parameter is taken off and given to the check', async () => {
    await start({ methods: [guarded], deps: { checkSecondFactor } });
    const client = await fixture.loggedIn('alice');
    expect(await client.call('guarded', ['a'])).toMatchObject({ error: { error: 'totp-required' } });
    const answer = await client.call('guarded', ['a', { twoFactorCode: '123', twoFactorMethod: 'totp' }]);
    expect(answer.result).toEqual({ params: ['a'], twoFactor: { code: '123', method: 'totp' } });
    expect(seen).toEqual(['guarded', 'guarded']);
  });

  test('without a check a guarded method is refused at the start', async () => {
    await start();
    await expect(startRealtime({ methods: [guarded] })).rejects.toThrow('second factor');
  });
});

describe('login and logout', () => {
  test('the users document precedes the result, and pipelined subs see the user', async () => {
    const own = {
      ...openStream('notify-user'),
      mayRead: async (_ctx: unknown, r: { caller: { uid: string } | null; eventName: string }) => {
        await null;
        return r.eventName.startsWith(`${r.caller?.uid}/`);
      },
    };
    await start({ streams: [own] });
    const client = await fixture.client();
    client.send({ msg: 'connect', version: '1', support: ['1'] });
    client.send({ msg: 'method', method: 'login', id: 'l', params: [{ resume: 'alice' }] });
    client.send({ msg: 'sub', id: 's1', name: 'stream-notify-user', params: ['alice/message', false] });
    client.send({ msg: 'sub', id: 's2', name: 'stream-notify-user', params: ['bob/message', false] });
    await client.find((m) => m.msg === 'connected');
    expect(await client.settled()).toEqual([
      {
        msg: 'added',
        collection: 'users',
        id: 'alice',
        fields: { username: 'alice', emails: [{ address: 'alice@example.com', verified: true }] },
      },
      { msg: 'result', id: 'l', result: { id: 'alice' } },
      { msg: 'updated', methods: ['l'] },
      { msg: 'ready', subs: ['s1'] },
      {
        msg: 'nosub',
        id: 's2',
        error: expect.objectContaining({ error: 'not-allowed', message: '[not-allowed]' }),
      },
    ]);
  });

  test('logout removes the document, stops every subscription without error, and stays open', async () => {
    await start({ streams: [openStream('notify-all')] });
    const client = await fixture.loggedIn('alice');
    await client.sub('a', 'stream-notify-all', 'x');
    await client.sub('p', 'stream-user-presence', '', { added: ['bob'] });
    client.send({ msg: 'method', method: 'logout', id: 'o' });
    expect(await client.settled()).toEqual([
      { msg: 'removed', collection: 'users', id: 'alice' },
      { msg: 'nosub', id: 'a' },
      { msg: 'nosub', id: 'p' },
      { msg: 'result', id: 'o' },
      { msg: 'updated', methods: ['o'] },
    ]);
    expect(fixture.realtime.stats()).toMatchObject({ connections: 1, users: 0, subscriptions: 0 });
    fixture.realtime.streams.emit('notify-all', 'x', [1]);
    fixture.realtime.publishPresence('bob', ['bob', 1]);
    expect(await client.settled()).toEqual([]);
    expect(await client.call('login', [{ resume: 'alice' }])).toMatchObject({ result: { id: 'alice' } });
  });

  test('logging in as another user keeps what that user may have and stops the rest', async () => {
    const stream = {
      name: 'notify-user',
      mayRead: async (_ctx: unknown, r: { caller: { uid: string } | null; eventName: string }) => {
        await null;
        return r.eventName === 'shared' || r.eventName.startsWith(`${r.caller?.uid}/`);
      },
    };
    await start({ streams: [stream] });
    const client = await fixture.loggedIn('alice');
    await client.sub('own', 'stream-notify-user', 'alice/message');
    await client.sub('shared', 'stream-notify-user', 'shared');
    client.send({ msg: 'method', method: 'login', id: 'l', params: [{ resume: 'bob' }] });
    client.send({ msg: 'method', method: 'login', id: 'again', params: [{ resume: 'bob' }] });
    expect(await client.settled()).toEqual([
      { msg: 'removed', collection: 'users', id: 'alice' },
      expect.objectContaining({ msg: 'added', collection: 'users', id: 'bob' }),
      { msg: 'result', id: 'l', result: { id: 'bob' } },
      { msg: 'updated', methods: ['l'] },
      { msg: 'nosub', id: 'own', error: expect.objectContaining({ error: 'not-allowed' }) },
      // The same user once more: the document is there already.
      { msg: 'result', id: 'again', result: { id: 'bob' } },
      { msg: 'updated', methods: ['again'] },
    ]);
    fixture.realtime.streams.emit('notify-user', 'alice/message', ['secret']);
    fixture.realtime.streams.emit('notify-user', 'shared', ['news']);
    expect(await client.settled()).toMatchObject([{ fields: { eventName: 'shared', args: ['news'] } }]);
  });

  test('connection changes are told: login, logout, close', async () => {
    await start();
    const seen: string[] = [];
    fixture.realtime.onConnectionChange(({ caller, kind }) => seen.push(`${kind} ${caller?.uid}`));
    fixture.realtime.onConnectionChange(() => {
      throw new Error('a listener that fails harms nobody');
    });
    const client = await fixture.loggedIn('alice');
    await client.call('login', [{ resume: 'bob' }]);
    await client.call('logout');
    await client.call('login', [{ resume: 'carol' }]);
    const closed = new Promise<void>((resolve) =>
      fixture.realtime.onConnectionChange(({ kind }) => kind === 'close' && resolve()),
    );
    client.socket.close();
    await closed;
    expect(seen).toEqual([
      'login alice',
      'logout alice',
      'login bob',
      'logout bob',
      'login carol',
      'close carol',
    ]);
    expect([...fixture.realtime.streams.connectionsOf('carol')]).toEqual([]);
  });

  test('a changed user reaches the caller of open connections and the users document', async () => {
    await start({ methods: [userMethod('roles', (_ctx, { caller }) => caller.roles)] });
    const client = await fixture.loggedIn('alice');
    fixture.realtime.userChanged('alice', { caller: { roles: ['admin'] }, fields: { username: 'al' } });
    expect(await client.next()).toEqual({
      msg: 'changed',
      collection: 'users',
      id: 'alice',
      fields: { username: 'al' },
    });
    expect(await client.call('roles')).toMatchObject({ result: ['admin'] });
  });
});

describe('ending', () => {
  test('revoked connections get removed users and close; others stay', async () => {
    await start({ streams: [openStream('notify-all')] });
    const alice = await fixture.loggedIn('alice');
    const bob = await fixture.loggedIn('bob');
    await alice.sub('a', 'stream-notify-all', 'x');
    fixture.realtime.closeConnections((c) => c.caller?.tokenHash === 'token-of-alice', 1000, 'Logged out');
    expect(fixture.realtime.stats()).toMatchObject({ connections: 1, users: 1, subscriptions: 0 });
    expect(await alice.next()).toEqual({ msg: 'removed', collection: 'users', id: 'alice' });
    expect(await alice.closed).toEqual({ code: 1000, reason: 'Logged out' });
    expect(await bob.settled()).toEqual([]);
  });

  test('a method that ends its own connection still gets its result out', async () => {
    const bye: DdpMethod = {
      name: 'bye',
      auth: 'none',
      run: async () => {
        fixture.realtime.closeConnections(() => true, 1001, 'Gone');
        await null;
        return 'bye';
      },
    };
    await start({ methods: [bye] });
    const client = await fixture.loggedIn('alice');
    client.send({ msg: 'method', method: 'bye', id: '1' });
    client.send({ msg: 'method', method: 'bye', id: '2' });
    expect((await client.closed).code).toBe(1001);
    expect(client.frames.slice(-3).map((frame) => JSON.parse(frame))).toEqual([
      { msg: 'removed', collection: 'users', id: 'alice' },
      { msg: 'result', id: '1', result: 'bye' },
      { msg: 'updated', methods: ['1'] },
    ]);
  });

  test('a server that stops asks its clients to come back and answers running methods', async () => {
    const slow = gate('slow');
    await start({ methods: [slow.method] });
    const idle = await fixture.connected();
    const busy = await fixture.connected();
    busy.send({ msg: 'method', method: 'slow', id: '1' });
    await slow.arrived(1);
    const stopped = fixture.realtime.close();
    expect(await idle.closed).toEqual({ code: 1012, reason: 'Server restarting' });
    await expect(fixture.client()).rejects.toThrow('503');
    slow.calls[0]?.finish('made it');
    await stopped;
    expect((await busy.closed).code).toBe(1012);
    expect(busy.frames.at(-2)).toBe('{"msg":"result","id":"1","result":"made it"}');
  });

  test('a method that does not end holds up a stop no longer than the limit', async () => {
    const slow = gate('slow');
    await start({ methods: [slow.method], limits: { shutdownMs: 50 } });
    const client = await fixture.connected();
    client.send({ msg: 'method', method: 'slow', id: '1' });
    await slow.arrived(1);
    await fixture.realtime.close();
    expect((await client.closed).code).toBe(1006);
  });
});

describe('upgrades', () => {
  test.each([
    '/',
    '/ws',
    '/api/v1/websocket',
    '/sockjs/x/websocket',
    '/sockjs/a.b/c/websocket',
    '/websocket/x',
  ])('%s is not found', async (path) => {
    await start();
    await expect(fixture.client(path)).rejects.toThrow('404');
  });

  test.each(['/websocket', '/websocket/', '/websocket?a=b', '/sockjs/websocket', '/team/websocket'])(
    '%s speaks raw DDP',
    async (path) => {
      await start({ config: { rootUrl: 'https://example.com/team/' } });
      const client = await fixture.client(path);
      expect(await client.next()).toEqual({ server_id: '0' });
    },
  );

  test('compression is not negotiated', async () => {
    await start();
    const client = await fixture.client();
    expect(client.socket.extensions).toBe('');
  });

  test('a client that vanishes within the upgrade harms nobody', async () => {
    await start();
    await new Promise<void>((resolve) => {
      const socket = createConnection(fixture.port, '127.0.0.1', () => {
        socket.write(
          'GET /websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
        );
        socket.resetAndDestroy();
      });
      socket.on('close', () => resolve());
      socket.on('error', () => {});
    });
    const client = await fixture.connected();
    expect(await client.settled()).toEqual([]);
  });
});
