import { afterEach, describe, expect, test } from 'vitest';
import type { StreamDeclaration } from './declarations.ts';
import { type Fixture, type FixtureOptions, openStream, startRealtime } from './realtime-fixture.ts';

let fixture: Fixture;
const start = async (options?: FixtureOptions) => {
  fixture = await startRealtime(options);
};
afterEach(() => fixture.stop());

const event = (stream: string, eventName: string, ...args: unknown[]) => ({
  msg: 'changed',
  collection: `stream-${stream}`,
  id: 'id',
  fields: { eventName, args },
});

const errorNamed = (error: string | number) => expect.objectContaining({ error, errorType: 'Meteor.Error' });

/** A stream whose access check ends when the test says so. */
function gatedStream(name: string) {
  const checks: ((allowed: boolean) => void)[] = [];
  const arrivals: (() => void)[] = [];
  const stream: StreamDeclaration = {
    name,
    mayRead: () =>
      new Promise((resolve) => {
        checks.push(resolve);
        arrivals.shift()?.();
      }),
  };
  const asked = async (count: number) => {
    while (checks.length < count) await new Promise<void>((resolve) => arrivals.push(resolve));
  };
  return { stream, checks, asked };
}

describe('subscribing', () => {
  test('an allowed subscription is ready and gets its events, with dates as $date', async () => {
    await start({ streams: [openStream('room-messages')] });
    const client = await fixture.connected();
    expect(
      await client.sub('1', 'stream-room-messages', 'r1', { useCollection: false, args: [false] }),
    ).toEqual({
      msg: 'ready',
      subs: ['1'],
    });
    fixture.realtime.streams.emit('room-messages', 'r1', [{ _id: 'm', msg: 'Grüße', ts: new Date(5) }]);
    fixture.realtime.streams.emit('room-messages', 'r2', ['elsewhere']);
    expect(await client.settled()).toEqual([
      event('room-messages', 'r1', { _id: 'm', msg: 'Grüße', ts: { $date: 5 } }),
    ]);
  });

  test.each([
    ['true', true],
    ['{useCollection: true}', { useCollection: true, args: [] }],
  ])('%s sends added before ready', async (_name, options) => {
    await start({ streams: [openStream('room-messages')] });
    const client = await fixture.connected();
    client.send({ msg: 'sub', id: '1', name: 'stream-room-messages', params: ['__my_messages__', options] });
    expect(await client.settled()).toEqual([
      {
        msg: 'added',
        collection: 'stream-room-messages',
        id: 'id',
        fields: { eventName: '__my_messages__' },
      },
      { msg: 'ready', subs: ['1'] },
    ]);
  });

  test.each([[undefined], [null], [false], [{}], [{ useCollection: false, args: ['rid'] }], ['text'], [5]])(
    'options %j are ready without added',
    async (options) => {
      await start({ streams: [openStream('x')] });
      const client = await fixture.connected();
      client.send({ msg: 'sub', id: '1', name: 'stream-x', params: ['e', options] });
      expect(await client.settled()).toEqual([{ msg: 'ready', subs: ['1'] }]);
    },
  );

  test('objects in args reach the access check', async () => {
    const seen: unknown[] = [];
    const stream: StreamDeclaration = { name: 'x', mayRead: (_ctx, { args }) => seen.push(args) > 0 };
    await start({ streams: [stream] });
    const client = await fixture.connected();
    await client.sub('1', 'stream-x', 'e', { args: [{ token: 't' }] });
    expect(seen).toEqual([[{ token: 't' }]]);
  });

  test('large args are refused: they would be kept as long as the subscription', async () => {
    await start({ streams: [openStream('x')] });
    const client = await fixture.connected();
    const refused = await client.sub('1', 'stream-x', 'e', { args: [{ token: 't'.repeat(5000) }] });
    expect(refused).toMatchObject({ msg: 'nosub', error: { error: 'invalid-arguments' } });
    expect(await client.sub('2', 'stream-x', 'e', { args: ['t'.repeat(5000)] })).toMatchObject({
      msg: 'ready',
    });
  });

  test.each([[[]], [['']], [[5]], [[null]]])('without an event name (%j) it is refused', async (params) => {
    await start({ streams: [openStream('x')] });
    const client = await fixture.connected();
    client.send({ msg: 'sub', id: '1', name: 'stream-x', params });
    expect(await client.settled()).toEqual([
      {
        msg: 'nosub',
        id: '1',
        error: {
          isClientSafe: true,
          error: 'invalid-event-name',
          message: '[invalid-event-name]',
          errorType: 'Meteor.Error',
        },
      },
    ]);
  });

  test('unknown subscriptions are 404, a refused one not-allowed, a failing check 500', async () => {
    const broken: StreamDeclaration = {
      name: 'broken',
      mayRead: () => {
        throw new Error('secret');
      },
    };
    await start({ streams: [{ name: 'closed', mayRead: () => false }, broken] });
    const client = await fixture.connected();
    for (const [id, name] of Object.entries({
      a: 'activeUsers',
      b: 'stream-nope',
      c: 'stream-closed',
      d: 'stream-broken',
    })) {
      client.send({ msg: 'sub', id, name, params: ['e'] });
    }
    expect(await client.settled()).toEqual([
      {
        msg: 'nosub',
        id: 'a',
        error: expect.objectContaining({ error: 404, reason: "Subscription 'activeUsers' not found" }),
      },
      {
        msg: 'nosub',
        id: 'b',
        error: expect.objectContaining({ error: 404, reason: "Subscription 'stream-nope' not found" }),
      },
      { msg: 'nosub', id: 'c', error: errorNamed('not-allowed') },
      {
        msg: 'nosub',
        id: 'd',
        error: expect.objectContaining({ error: 500, message: 'Internal server error [500]' }),
      },
    ]);
  });

  test('an id that is active is ignored, and can be used again after unsub', async () => {
    await start({ streams: [openStream('x')] });
    const client = await fixture.connected();
    for (let round = 0; round < 2; round++) {
      client.send({ msg: 'sub', id: '1', name: 'stream-x', params: ['a'] });
      client.send({ msg: 'sub', id: '1', name: 'stream-x', params: ['b'] });
      client.send({ msg: 'unsub', id: '1' });
      expect(await client.settled()).toEqual([
        { msg: 'ready', subs: ['1'] },
        { msg: 'nosub', id: '1' },
      ]);
    }
    fixture.realtime.streams.emit('x', 'a', []);
    expect(await client.settled()).toEqual([]);
    expect(fixture.realtime.stats().subscriptions).toBe(0);
  });

  test('unsub of an unknown id is answered', async () => {
    await start();
    const client = await fixture.connected();
    client.send({ msg: 'unsub', id: 'never' });
    expect(await client.next()).toEqual({ msg: 'nosub', id: 'never' });
  });

  test('an event arrives once per subscription', async () => {
    await start({ streams: [openStream('x')] });
    const client = await fixture.connected();
    await client.sub('1', 'stream-x', 'e');
    await client.sub('2', 'stream-x', 'e');
    fixture.realtime.streams.emit('x', 'e', []);
    expect(await client.settled()).toEqual([event('x', 'e'), event('x', 'e')]);
    client.send({ msg: 'unsub', id: '1' });
    await client.settled();
    fixture.realtime.streams.emit('x', 'e', []);
    expect(await client.settled()).toEqual([event('x', 'e')]);
  });

  test('a thousand pipelined subscriptions are all served, and one more is refused', async () => {
    await start({ streams: [openStream('x')] });
    const client = await fixture.connected();
    for (let n = 0; n < 1001; n++)
      client.send({ msg: 'sub', id: `s${n}`, name: 'stream-x', params: [`e${n}`] });
    const answers = await client.settled();
    expect(answers).toHaveLength(1001);
    expect(answers.slice(0, 1000).every((answer, n) => (answer.subs as string[])[0] === `s${n}`)).toBe(true);
    expect(answers[1000]).toEqual({ msg: 'nosub', id: 's1000', error: errorNamed('too-many-subscriptions') });
    expect(fixture.realtime.stats().subscriptions).toBe(1000);
    fixture.realtime.streams.emit('x', 'e500', [1]);
    expect(await client.settled()).toEqual([event('x', 'e500', 1)]);
    client.socket.close();
    await client.closed;
    const other = await fixture.connected();
    await other.settled();
    expect(fixture.realtime.stats().subscriptions).toBe(0);
    expect(fixture.realtime.streams.hasListeners('x', 'e500')).toBe(false);
  });
});

describe('delivery', () => {
  test('events of one name keep their order, also within one turn', async () => {
    await start({ streams: [openStream('x')] });
    const client = await fixture.connected();
    await client.sub('1', 'stream-x', 'e');
    for (let n = 0; n < 500; n++) fixture.realtime.streams.emit('x', 'e', [n]);
    const seen = await client.settled();
    expect(seen.map((m) => (m.fields as { args: number[] }).args[0])).toEqual([...Array(500).keys()]);
  });

  test('events for users reach their own connections only, in both framings', async () => {
    await start({ streams: [openStream('notify-user')] });
    const alice = await fixture.loggedIn('alice');
    const bob = await fixture.client('/sockjs/123/abcdefgh/websocket');
    bob.send(
      [
        '{"msg":"connect","version":"1","support":["1"]}',
        '{"msg":"method","method":"login","id":"l","params":[{"resume":"bob"}]}',
      ].map(String),
    );
    await bob.find((m) => m.msg === 'updated');
    await alice.sub('1', 'stream-notify-user', 'alice/message');
    bob.send([JSON.stringify({ msg: 'sub', id: '1', name: 'stream-notify-user', params: ['bob/message'] })]);
    await bob.find((m) => m.msg === 'ready');
    fixture.realtime.streams.emitToUsers(['alice', 'nobody', 'bob', 'carol'], 'message', [
      { msg: '"q" \\ ü', ts: new Date(1) },
    ]);
    const args = [{ msg: '"q" \\ ü', ts: { $date: 1 } }];
    expect(await alice.next()).toEqual(event('notify-user', 'alice/message', ...args));
    expect(await bob.next()).toEqual(event('notify-user', 'bob/message', ...args));
    expect(await alice.settled()).toEqual([]);
  });

  test('events per caller differ, go to logged-in subscribers, and may be withheld', async () => {
    await start({ streams: [openStream('room-messages')] });
    const [alice, bob, anonymous] = [
      await fixture.loggedIn('alice'),
      await fixture.loggedIn('bob'),
      await fixture.connected(),
    ];
    for (const client of [alice, bob, anonymous])
      await client.sub('1', 'stream-room-messages', '__my_messages__');
    const message = { _id: 'm', ts: new Date(3) };
    const emit = (allowed: string[]) =>
      fixture.realtime.streams.emitPerCaller('room-messages', '__my_messages__', ({ uid }) =>
        allowed.includes(uid) ? [message, { roomParticipant: uid === 'alice' }] : undefined,
      );
    emit(['alice', 'bob']);
    emit(['alice']);
    const sent = { _id: 'm', ts: { $date: 3 } };
    const forAlice = event('room-messages', '__my_messages__', sent, { roomParticipant: true });
    expect(await alice.settled()).toEqual([forAlice, forAlice]);
    expect(await bob.settled()).toEqual([
      event('room-messages', '__my_messages__', sent, { roomParticipant: false }),
    ]);
    expect(await anonymous.settled()).toEqual([]);
  });

  test('hasListeners follows subscriptions and connections', async () => {
    await start({ streams: [openStream('x')] });
    const { streams } = fixture.realtime;
    const client = await fixture.connected();
    expect(streams.hasListeners('x', 'e')).toBe(false);
    await client.sub('1', 'stream-x', 'e');
    expect(streams.hasListeners('x', 'e')).toBe(true);
    client.send({ msg: 'unsub', id: '1' });
    await client.settled();
    expect(streams.hasListeners('x', 'e')).toBe(false);
  });

  test('a receiver that does not read is closed with 1013 and freed; the others are not held up', async () => {
    await start({ streams: [openStream('x')], limits: { socketBufferBytes: 1 << 20 } });
    const slow = await fixture.connected();
    const quick = await fixture.connected();
    await slow.sub('1', 'stream-x', 'e');
    await quick.sub('1', 'stream-x', 'e');
    slow.socket.pause();
    const filling = 'x'.repeat(1 << 18);
    let sent = 0;
    while (fixture.realtime.stats().slowClosed === 0 && sent < 400) {
      fixture.realtime.streams.emit('x', 'e', [sent++, filling]);
      await quick.find((m) => (m.fields as { args: unknown[] } | undefined)?.args[0] === sent - 1);
    }
    expect(fixture.realtime.stats()).toMatchObject({ slowClosed: 1, connections: 1, subscriptions: 1 });
    slow.socket.resume();
    // 1013 when the close frame still gets through, 1006 when the socket was destroyed first.
    expect([1013, 1006]).toContain((await slow.closed).code);
    expect(await quick.settled()).toEqual([]);
  });

  test('one message larger than the buffer limit still arrives', async () => {
    await start({ streams: [openStream('x')], limits: { socketBufferBytes: 10_000 } });
    const client = await fixture.connected();
    await client.sub('1', 'stream-x', 'e');
    fixture.realtime.streams.emit('x', 'e', ['y'.repeat(5_000_000)]);
    expect(JSON.stringify(await client.next())).toHaveLength(
      5_000_000 + JSON.stringify(event('x', 'e', '')).length,
    );
    expect(fixture.realtime.stats().slowClosed).toBe(0);
  });
});

describe('writing', () => {
  const writable: StreamDeclaration = {
    name: 'notify-room',
    mayRead: () => true,
    write(_ctx, passOn, { eventName, args, caller }) {
      if (caller) passOn(eventName, args);
    },
  };

  test('reaches other connections of the same user, not the one that sent it', async () => {
    await start({ streams: [writable] });
    const [sender, sameUser, other] = [
      await fixture.loggedIn('alice'),
      await fixture.loggedIn('alice'),
      await fixture.connected(),
    ];
    for (const client of [sender, sameUser, other])
      await client.sub('1', 'stream-notify-room', 'r/user-activity');
    const result = await sender.call('stream-notify-room', ['r/user-activity', 'alice', ['user-typing'], {}]);
    expect(result).not.toHaveProperty('result');
    expect(result).not.toHaveProperty('error');
    const typing = event('notify-room', 'r/user-activity', 'alice', ['user-typing'], {});
    expect(await sender.settled()).toEqual([]);
    expect(await sameUser.settled()).toEqual([typing]);
    expect(await other.settled()).toEqual([typing]);
  });

  test.each([
    ['refused by the rule', 'stream-notify-room', ['r/typing', 'x', true]],
    ['without an event name', 'stream-notify-room', ['']],
    ['on a stream without writes', 'stream-quiet', ['e', 1]],
  ])('%s is ignored without a word', async (_name, method, params) => {
    await start({ streams: [writable, openStream('quiet')] });
    const client = await fixture.connected();
    client.send({ msg: 'method', method, params, id: '1' });
    expect(await client.settled()).toEqual([
      { msg: 'result', id: '1' },
      { msg: 'updated', methods: ['1'] },
    ]);
  });

  test('on an unknown stream is an unknown method', async () => {
    await start();
    const client = await fixture.connected();
    expect(await client.call('stream-nope', ['e'])).toMatchObject({ error: { error: 404 } });
  });
});

describe('losing access', () => {
  test('dropped subscriptions get nothing more and no nosub; those of others stay', async () => {
    await start({ streams: [openStream('room-messages'), openStream('notify-room')] });
    const [alice, bob] = [await fixture.loggedIn('alice'), await fixture.loggedIn('bob')];
    for (const client of [alice, bob]) {
      await client.sub('1', 'stream-room-messages', 'r1');
      await client.sub('2', 'stream-room-messages', 'r2');
      await client.sub('3', 'stream-notify-room', 'r1/deleteMessage');
    }
    const { streams } = fixture.realtime;
    streams.dropSubscriptions('alice', 'room-messages', (name) => name === 'r1');
    streams.dropSubscriptions('alice', 'notify-room', (name) => name.startsWith('r1/'));
    streams.emit('room-messages', 'r1', []);
    streams.emit('notify-room', 'r1/deleteMessage', []);
    streams.emit('room-messages', 'r2', []);
    expect(await alice.settled()).toEqual([event('room-messages', 'r2')]);
    expect(await bob.settled()).toHaveLength(3);
    // The id is free again.
    expect(await alice.sub('1', 'stream-room-messages', 'r1')).toEqual({ msg: 'ready', subs: ['1'] });
  });

  test('a check that was running when access was dropped is asked again', async () => {
    const gated = gatedStream('room-messages');
    await start({ streams: [gated.stream] });
    const client = await fixture.loggedIn('alice');
    client.send({ msg: 'sub', id: '1', name: 'stream-room-messages', params: ['r1'] });
    await gated.asked(1);
    fixture.realtime.streams.dropSubscriptions('alice', 'room-messages', (name) => name === 'r1');
    gated.checks[0]?.(true);
    await gated.asked(2);
    fixture.realtime.streams.emit('room-messages', 'r1', ['secret']);
    gated.checks[1]?.(false);
    expect(await client.settled()).toEqual([{ msg: 'nosub', id: '1', error: errorNamed('not-allowed') }]);
  });

  test('a check of another event is not disturbed', async () => {
    const gated = gatedStream('room-messages');
    await start({ streams: [gated.stream] });
    const client = await fixture.loggedIn('alice');
    client.send({ msg: 'sub', id: '1', name: 'stream-room-messages', params: ['r1'] });
    await gated.asked(1);
    fixture.realtime.streams.dropSubscriptions('alice', 'room-messages', (name) => name === 'r2');
    gated.checks[0]?.(true);
    expect(await client.settled()).toEqual([{ msg: 'ready', subs: ['1'] }]);
    expect(gated.checks).toHaveLength(1);
  });

  test('a connection that closes during the check leaves nothing behind', async () => {
    const gated = gatedStream('room-messages');
    await start({ streams: [gated.stream] });
    const client = await fixture.loggedIn('alice');
    client.send({ msg: 'sub', id: '1', name: 'stream-room-messages', params: ['r1'] });
    await gated.asked(1);
    const gone = new Promise<void>((resolve) => fixture.realtime.onConnectionChange(() => resolve()));
    client.socket.terminate();
    await gone;
    gated.checks[0]?.(true);
    await (await fixture.connected()).settled();
    expect(fixture.realtime.stats().subscriptions).toBe(0);
  });

  test('a recheck drops exactly what is refused now', async () => {
    const refused = new Set<string>();
    const stream: StreamDeclaration = {
      name: 'x',
      mayRead: async (_ctx, { caller, eventName }) => {
        await null;
        return !refused.has(`${caller?.uid} ${eventName}`);
      },
    };
    await start({ streams: [stream] });
    const [alice, bob] = [await fixture.loggedIn('alice'), await fixture.loggedIn('bob')];
    for (const client of [alice, bob])
      for (const name of ['a', 'b']) await client.sub(name, 'stream-x', name);
    refused.add('alice a');
    await fixture.realtime.streams.recheck('x');
    fixture.realtime.streams.emit('x', 'a', []);
    fixture.realtime.streams.emit('x', 'b', []);
    expect(await alice.settled()).toEqual([event('x', 'b')]);
    expect(await bob.settled()).toEqual([event('x', 'a'), event('x', 'b')]);
  });
});

describe('user presence', () => {
  const presence = (uid: string, ...tuple: unknown[]) => ({
    msg: 'changed',
    collection: 'stream-user-presence',
    id: uid,
    fields: { uid, eventName: uid, args: [tuple] },
  });

  test('needs a login', async () => {
    await start();
    const client = await fixture.connected();
    expect(await client.sub('1', 'stream-user-presence', '', { added: ['bob'] })).toMatchObject({
      msg: 'nosub',
      error: { error: 'not-allowed' },
    });
  });

  test('the first subscription stays; later ones edit its set and end in nosub without error', async () => {
    await start();
    const client = await fixture.loggedIn('alice');
    expect(await client.sub('1', 'stream-user-presence', '', { added: ['bob', 'carol'] })).toEqual({
      msg: 'ready',
      subs: ['1'],
    });
    client.send({
      msg: 'sub',
      id: '2',
      name: 'stream-user-presence',
      params: ['', { added: ['dave', 5, ''], removed: ['bob'] }],
    });
    expect(await client.settled()).toEqual([{ msg: 'nosub', id: '2' }]);
    for (const uid of ['bob', 'carol', 'dave'])
      fixture.realtime.publishPresence(uid, [uid, 1, undefined, undefined]);
    fixture.realtime.streams.emit('user-presence', 'carol', [['carol', 2, 'lunch', undefined, new Date(9)]]);
    expect(await client.settled()).toEqual([
      presence('carol', 'carol', 1),
      presence('dave', 'dave', 1),
      presence('carol', 'carol', 2, 'lunch', null, { $date: 9 }),
    ]);
  });

  test('unsub of the main one clears the set, and the next one is main again', async () => {
    await start();
    const client = await fixture.loggedIn('alice');
    await client.sub('1', 'stream-user-presence', '', { added: ['bob'] });
    client.send({ msg: 'unsub', id: '1' });
    expect(await client.next()).toEqual({ msg: 'nosub', id: '1' });
    expect(fixture.realtime.streams.hasListeners('user-presence', 'bob')).toBe(false);
    expect(await client.sub('2', 'stream-user-presence', '', { added: ['carol'] })).toEqual({
      msg: 'ready',
      subs: ['2'],
    });
    fixture.realtime.publishPresence('bob', ['bob', 1]);
    expect(await client.settled()).toEqual([]);
  });

  test('beyond the limit a longer list is left out, and room that was given back can be used', async () => {
    await start({ limits: { watchedUsersPerSocket: 2 } });
    const client = await fixture.loggedIn('alice');
    await client.sub('1', 'stream-user-presence', '', { added: ['bob', 'carol', 'dave'] });
    const { streams } = fixture.realtime;
    const watched = () =>
      ['bob', 'carol', 'dave'].filter((uid) => streams.hasListeners('user-presence', uid));
    expect(watched()).toEqual(['bob', 'carol']);
    client.send({ msg: 'sub', id: '2', name: 'stream-user-presence', params: ['', { removed: ['bob'] }] });
    client.send({ msg: 'sub', id: '3', name: 'stream-user-presence', params: ['', { added: ['dave'] }] });
    await client.settled();
    expect(watched()).toEqual(['carol', 'dave']);
  });

  test('several watchers of one person each get the change, until they leave', async () => {
    await start();
    const [alice, bob] = [await fixture.loggedIn('alice'), await fixture.loggedIn('bob')];
    for (const client of [alice, bob])
      await client.sub('1', 'stream-user-presence', '', { added: ['carol'] });
    fixture.realtime.publishPresence('carol', ['carol', 3]);
    expect(await alice.settled()).toEqual([presence('carol', 'carol', 3)]);
    expect(await bob.settled()).toEqual([presence('carol', 'carol', 3)]);
    for (const client of [alice, bob]) {
      const gone = new Promise<void>((resolve) => fixture.realtime.onConnectionChange(() => resolve()));
      client.socket.terminate();
      await gone;
    }
    expect(fixture.realtime.streams.hasListeners('user-presence', 'carol')).toBe(false);
  });
});

describe('publications', () => {
  test('login services are added before ready and change live; no login is needed', async () => {
    const loginServices = () => [{ id: 's1', fields: { service: 'github', clientId: 'c' } }];
    await start({ deps: { loginServices } });
    const client = await fixture.connected();
    const collection = 'meteor_accounts_loginServiceConfiguration';
    client.send({ msg: 'sub', id: '1', name: 'meteor.loginServiceConfiguration', params: [] });
    expect(await client.settled()).toEqual([
      { msg: 'added', collection, id: 's1', fields: { service: 'github', clientId: 'c' } },
      { msg: 'ready', subs: ['1'] },
    ]);
    fixture.realtime.publishDocument('meteor.loginServiceConfiguration', 'changed', 's1', {
      showButton: true,
    });
    fixture.realtime.publishDocument('meteor.loginServiceConfiguration', 'removed', 's1');
    expect(await client.settled()).toEqual([
      { msg: 'changed', collection, id: 's1', fields: { showButton: true } },
      { msg: 'removed', collection, id: 's1' },
    ]);
  });

  test('client versions are ready without documents', async () => {
    await start();
    const client = await fixture.connected();
    client.send({ msg: 'sub', id: '1', name: 'meteor_autoupdate_clientVersions', params: ['app'] });
    expect(await client.settled()).toEqual([{ msg: 'ready', subs: ['1'] }]);
  });
});
