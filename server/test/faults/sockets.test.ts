import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { DdpClient } from '../support/ddp-client.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { expectStillServing } from './support/proof.ts';
import { head, Tcp } from './support/tcp.ts';

/** Clients of the realtime API that are broken, hostile or slow, beside others who must not notice. */

describe('on a server with the usual limits', () => {
  let server: TestServer;
  let alice: Person;

  beforeAll(async () => {
    server = await startServer();
    alice = await server.person('alice', { joinDefaultChannels: true });
  });
  afterEach(() => expectStillServing(server));
  afterAll(() => server.close());

  describe('is answered and the connection goes on', () => {
    test.each<[string, string | Buffer, string]>([
      ['text that is not JSON', '{nope', 'Parse error'],
      ['an empty frame', '', 'Parse error'],
      ['a binary frame', Buffer.from('{"msg":"ping"}'), 'Parse error'],
      ['JSON that is 100,000 levels deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'Parse error'],
      ['a number', '5', 'Bad request'],
      ['null', 'null', 'Bad request'],
      ['a list of messages', '[{"msg":"ping"}]', 'Bad request'],
      ['no kind', '{}', 'Bad request'],
      ['an unknown kind', '{"msg":"noSuchKind"}', 'Bad request'],
      ['a kind that is a prototype', '{"msg":"__proto__"}', 'Bad request'],
      ['a method without an id', '{"msg":"method","method":"rooms/get"}', 'Malformed method invocation'],
      [
        'a method with an id of 1 KB',
        `{"msg":"method","method":"x","id":"${'x'.repeat(1024)}"}`,
        'Malformed method invocation',
      ],
      ['a subscription without a name', '{"msg":"sub","id":"1"}', 'Malformed subscription'],
      ['an unsub of a list', '{"msg":"unsub","id":[]}', 'Malformed subscription'],
      ['a second connect', '{"msg":"connect","version":"1","support":["1"]}', 'Already connected'],
    ])('%s', async (_what, frame, reason) => {
      const socket = await alice.ddp();
      socket.sendText(frame);
      expect((await socket.first(({ msg }) => msg === 'error')).reason).toBe(reason);
      expect(await socket.call('rooms/get')).toBeInstanceOf(Array);
      socket.close();
    });
  });

  test('before connect nothing is served, and a late connect still works', async () => {
    const socket = await DdpClient.open(server.url);
    socket.send({ msg: 'method', id: '1', method: 'login', params: [{ resume: alice.token }] });
    socket.send({ msg: 'sub', id: '2', name: 'stream-room-messages', params: ['GENERAL'] });
    socket.send({ msg: 'unsub', id: '3' });
    socket.send({ msg: 'connect', version: '1', support: ['1'] });
    await socket.first(({ msg }) => msg === 'connected');
    expect(socket.frames.map(({ msg, reason }) => reason ?? msg)).toEqual([
      undefined,
      'Must connect first',
      'Must connect first',
      'Must connect first',
      'connected',
    ]);
    await expect(socket.call('sendMessage', { rid: 'GENERAL', msg: 'x' })).rejects.toMatchObject({
      error: 'error-invalid-user',
    });
    socket.close();
  });

  test('a frame that is too large closes the socket with 1009', async () => {
    const socket = await alice.ddp();
    const { frameBytes } = server.server.ctx.config.limits;
    socket.sendText(JSON.stringify({ msg: 'ping', id: 'x'.repeat(frameBytes) }));
    expect((await socket.closed).code).toBe(1009);
  });

  test('text that is not UTF-8 closes the socket with 1007', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/websocket`);
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1007);
  });

  test('bytes that are no frame close the socket', async () => {
    const tcp = await upgraded(server.port);
    tcp.send(Buffer.alloc(1000, 0xff));
    await tcp.ended;
  });

  test('a frame that never ends does not keep the server from closing its sockets', async () => {
    const tcp = await upgraded(server.port);
    // A masked text frame of 64 KB, of which ten bytes come.
    tcp.send(Buffer.from([0x81, 0xfe, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect((await alice.get('me')).status).toBe(200);
    tcp.close();
  });

  test('a socket that ends in the middle of its calls leaves nothing behind', async () => {
    const { realtime } = server.server;
    await until(() => realtime.stats().connections === 0);
    const sockets = await Promise.all(Array.from({ length: 20 }, () => alice.ddp()));
    for (const socket of sockets) {
      for (let n = 0; n < 20; n++) {
        socket.send({
          msg: 'sub',
          id: `${n}`,
          name: 'stream-notify-user',
          params: [`${alice.uid}/event-${n}`],
        });
        socket.send({
          msg: 'method',
          id: `${n}`,
          method: 'sendMessage',
          params: [{ rid: 'GENERAL', msg: 'x' }],
        });
      }
      await socket.barrier();
      socket.close();
    }
    await Promise.all(sockets.map(({ closed }) => closed));
    await until(() => realtime.stats().connections === 0);
    expect(realtime.stats()).toMatchObject({ users: 0, subscriptions: 0 });
  });

  test('ten thousand calls at once are all answered, in their order', async () => {
    const socket = await alice.ddp();
    const wanted = 10_000;
    for (let n = 0; n < wanted; n++) {
      socket.send({ msg: 'method', id: `call-${n}`, method: 'getUserStatusText', params: [alice.uid] });
    }
    await socket.first(({ msg, id }) => msg === 'result' && id === `call-${wanted - 1}`);
    const order = socket.frames.filter(({ msg, id }) => msg === 'result' && String(id).startsWith('call-'));
    expect(order.map(({ id }) => id)).toEqual(Array.from({ length: wanted }, (_, n) => `call-${n}`));
    socket.close();
  });
});

describe('on a server with small limits', () => {
  const LIMITS = { subscriptionsPerSocket: 1000, socketBufferBytes: 1024 ** 2, frameBytes: 16_384 };
  let server: TestServer;
  let alice: Person;

  beforeAll(async () => {
    server = await startServer({ limits: LIMITS });
    alice = await server.person('alice', { joinDefaultChannels: true });
  });
  afterEach(() => expectStillServing(server));
  afterAll(() => server.close());

  test('subscriptions beyond the limit are refused one by one and the others go on', async () => {
    const socket = await alice.ddp();
    const wanted = 3000;
    for (let n = 0; n < wanted; n++) {
      socket.send({
        msg: 'sub',
        id: `sub-${n}`,
        name: 'stream-notify-user',
        params: [`${alice.uid}/event-${n}`],
      });
    }
    await socket.first(
      (frame) => frame.id === `sub-${wanted - 1}` || frame.subs?.[0] === `sub-${wanted - 1}`,
    );
    const refused = socket.frames.filter(({ msg }) => msg === 'nosub');
    expect(socket.frames.filter(({ msg }) => msg === 'ready')).toHaveLength(LIMITS.subscriptionsPerSocket);
    expect(refused).toHaveLength(wanted - LIMITS.subscriptionsPerSocket);
    expect(refused[0]).toMatchObject({ id: 'sub-1000', error: { error: 'too-many-subscriptions' } });
    expect(server.server.realtime.stats().subscriptions).toBe(LIMITS.subscriptionsPerSocket);
    // One given back makes room for one.
    socket.send({ msg: 'unsub', id: 'sub-0' });
    await socket.subscribe('stream-room-messages', 'GENERAL');
    await expect(socket.subscribe('stream-roles', 'roles')).rejects.toMatchObject({
      error: 'too-many-subscriptions',
    });
    await alice.post('chat.sendMessage', { message: { rid: 'GENERAL', msg: 'heard' } });
    expect((await socket.event('room-messages', 'GENERAL'))[0]?.msg).toBe('heard');
    socket.close();
    await until(() => server.server.realtime.stats().subscriptions === 0);
  });

  test('a reader that stops reading is closed, and the others miss nothing', async () => {
    const bob = await server.person('bob', { joinDefaultChannels: true });
    const [slow, other] = [await bob.ddp(), await alice.ddp()];
    await slow.subscribe('stream-room-messages', 'GENERAL');
    await other.subscribe('stream-room-messages', 'GENERAL');
    slow.pause();
    const before = server.server.realtime.stats().slowClosed;
    let sent = 0;
    // How much the kernel takes for itself is its own business.
    while (server.server.realtime.stats().slowClosed === before && sent < 5000) {
      const batch = Array.from({ length: 20 }, () => {
        sent += 1;
        return alice.post('chat.sendMessage', {
          message: { rid: 'GENERAL', msg: `${sent} ${'x'.repeat(4900)}` },
        });
      });
      for (const { status } of await Promise.all(batch)) expect(status).toBe(200);
    }
    expect(server.server.realtime.stats().slowClosed).toBe(before + 1);
    const number = ([message]: { msg?: string }[]): number => Number.parseInt(message?.msg ?? '', 10);
    await other.event('room-messages', 'GENERAL', (args) => number(args) === sent);
    const heard = other.events('room-messages', 'GENERAL').map(number);
    expect(heard.sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, n) => n + 1));
    // What the slow one comes back with works: it reads on, finds itself closed and fetches what it missed.
    const again = await bob.ddp();
    await again.subscribe('stream-room-messages', 'GENERAL');
    slow.close();
    again.close();
    other.close();
  }, 60_000);
});

describe('access that ends while somebody listens', () => {
  let server: TestServer;
  let listener: Person;
  let channel: { _id: string };

  // The tests wait for the one subscription they made to be dropped.
  beforeEach(() => until(() => server.server.realtime.stats().subscriptions === 0));

  beforeAll(async () => {
    server = await startServer();
    listener = await server.person('listener');
    channel = (await server.admin.post('channels.create', { name: 'public' })).body.channel;
  });
  afterEach(() => expectStillServing(server));
  afterAll(() => server.close());

  const say = async (msg: string, rid = channel._id) => {
    const { status, body } = await server.admin.post('chat.sendMessage', { message: { rid, msg } });
    expect(status, JSON.stringify(body)).toBe(200);
  };
  const heardBy = (socket: DdpClient, rid = channel._id): (string | undefined)[] =>
    socket.events('room-messages', rid).map(([message]) => message?.msg);
  /** Who may see channels that they are not in, and what is said there. */
  const openChannelsTo = async (roles: string[]) => {
    const permissions = ['view-c-room', 'preview-c-room'].map((_id) => ({ _id, roles }));
    expect((await server.admin.post('permissions.update', { permissions })).status).toBe(200);
  };

  test('a permission taken from a role silences those who listened by it', async () => {
    const socket = await listener.ddp();
    await socket.subscribe('stream-room-messages', channel._id);
    await say('before');
    await socket.event('room-messages', channel._id);
    await openChannelsTo(['admin']);
    await until(() => server.server.realtime.stats().subscriptions === 0);
    await say('after');
    await socket.barrier();
    expect(heardBy(socket)).toEqual(['before']);
    await expect(socket.subscribe('stream-room-messages', channel._id)).rejects.toMatchObject({
      error: 'not-allowed',
    });
    await openChannelsTo(['admin', 'user', 'anonymous']);
    await socket.subscribe('stream-room-messages', channel._id);
    await say('again');
    await socket.event('room-messages', channel._id, ([message]) => message?.msg === 'again');
    expect(heardBy(socket)).toEqual(['before', 'again']);
    socket.close();
  });

  test('who is not logged in hears channels only while the workspace allows it', async () => {
    const allow = async (value: boolean) => {
      expect((await server.admin.post('settings/Accounts_AllowAnonymousRead', { value })).status).toBe(200);
    };
    const stranger = await DdpClient.connect(server.url);
    const listen = () => stranger.subscribe('stream-room-messages', channel._id);
    await expect(listen()).rejects.toMatchObject({ error: 'not-allowed' });
    await allow(true);
    await listen();
    await say('for everybody');
    await stranger.event('room-messages', channel._id);
    await allow(false);
    await until(() => server.server.realtime.stats().subscriptions === 0);
    await say('for people with an account');
    await stranger.barrier();
    expect(heardBy(stranger)).toEqual(['for everybody']);
    stranger.close();
  });

  test('a role taken from a person silences what it allowed', async () => {
    const person = await server.person('second-admin', { roles: ['user', 'admin'] });
    const socket = await person.ddp();
    await socket.subscribe('stream-notify-logged', 'private-settings-changed');
    const change = (value: string) => server.admin.post('settings/SMTP_Host', { value });
    await change('one.example.com');
    await socket.event('notify-logged', 'private-settings-changed');
    const taken = await server.admin.post('roles.removeUserFromRole', {
      roleId: 'admin',
      username: 'second-admin',
    });
    expect(taken.status).toBe(200);
    await until(() => server.server.realtime.stats().subscriptions === 0);
    await change('two.example.com');
    await socket.barrier();
    expect(socket.events('notify-logged', 'private-settings-changed')).toHaveLength(1);
    socket.close();
  });

  test('a channel made private is silent for those who are not in it', async () => {
    const { channel: open } = (await server.admin.post('channels.create', { name: 'soon-private' })).body;
    const socket = await listener.ddp();
    await socket.subscribe('stream-room-messages', open._id);
    await say('public', open._id);
    await socket.event('room-messages', open._id);
    expect((await server.admin.post('channels.setType', { roomId: open._id, type: 'p' })).status).toBe(200);
    await until(() => server.server.realtime.stats().subscriptions === 0);
    await say('between us', open._id);
    await socket.barrier();
    expect(heardBy(socket, open._id)).not.toContain('between us');
    await expect(socket.subscribe('stream-room-messages', open._id)).rejects.toMatchObject({
      error: 'not-allowed',
    });
    socket.close();
  });

  test('a member who is removed from a private room hears nothing after the removal', async () => {
    const { group } = (await server.admin.post('groups.create', { name: 'inner', members: ['listener'] }))
      .body;
    const socket = await listener.ddp();
    await socket.subscribe('stream-room-messages', group._id);
    await socket.subscribe('stream-notify-room', `${group._id}/user-activity`);
    await say('inside', group._id);
    await socket.event('room-messages', group._id);
    expect((await server.admin.post('groups.kick', { roomId: group._id, userId: listener.uid })).status).toBe(
      200,
    );
    await say('outside', group._id);
    await socket.barrier();
    expect(heardBy(socket, group._id)).not.toContain('outside');
    await expect(socket.subscribe('stream-room-messages', group._id)).rejects.toMatchObject({
      error: 'not-allowed',
    });
    socket.close();
  });
});

/** A WebSocket whose frames the test makes itself. */
async function upgraded(port: number): Promise<Tcp> {
  const tcp = await Tcp.open(port);
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': 13,
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  tcp.send(head('GET', '/websocket', headers));
  await tcp.received(/^HTTP\/1\.1 101 /);
  return tcp;
}

/** For what the server does after it answered; the test's own time limit ends the wait. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
