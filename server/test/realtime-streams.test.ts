import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Known,
  METHOD_REFUSALS,
  notAllowed,
  QUIET,
  type QuietRow,
  type Refused,
  type Row,
  refused,
  type Who,
} from './realtime/method-refusals.ts';
import { DdpClient, DdpError } from './support/ddp-client.ts';
import { withPermission } from './support/rooms.ts';
import { type Person, startServer, type TestServer } from './support/server.ts';

/**
 * Streams beside those of rooms and users (spec 40 §8.4, §8.10), what nobody in particular may see, and what methods and
 * streams say when they refuse (spec 40 §7.5, §10).
 */

let server: TestServer;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  server = await startServer({ logLevel: 'info' });
  [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map((name) => server.person(name)))) as [
    Person,
    Person,
    Person,
  ];
});
afterAll(() => server.close());

describe('notify-room-users', () => {
  test('what a member writes reaches the other members, and nobody else', async () => {
    const { body } = await alice.post('groups.create', { name: 'crew', members: ['bob'] });
    const rid = body.group._id;
    const [writer, member, stranger] = await Promise.all([alice.ddp(), bob.ddp(), carol.ddp()]);
    for (const [person, socket] of [
      [alice, writer],
      [bob, member],
      [carol, stranger],
    ] as const) {
      for (const event of ['e2ekeyRequest', 'userData', 'video-conference'])
        await socket.subscribe('stream-notify-user', `${person.uid}/${event}`);
    }
    const isWritten = (first: unknown) => first === rid;
    const write = (socket: DdpClient, event: string) =>
      socket.call('stream-notify-room-users', `${rid}/${event}`, rid, 'key');
    expect(await write(writer, 'e2ekeyRequest')).toBeUndefined();
    expect(await write(stranger, 'e2ekeyRequest')).toBeUndefined();
    expect(await write(writer, 'userData')).toBeUndefined();
    expect(await write(writer, 'video-conference')).toBeUndefined();
    await Promise.all([writer, member, stranger].map((socket) => socket.barrier()));
    expect(member.events('notify-user', `${bob.uid}/e2ekeyRequest`)).toEqual([[rid, 'key']]);
    // The server itself may say there that bob came online.
    const written = member.events('notify-user', `${bob.uid}/userData`).filter(([first]) => isWritten(first));
    expect(written).toEqual([]);
    expect(member.events('notify-user', `${bob.uid}/video-conference`)).toEqual([]);
    expect(writer.events('notify-user', `${alice.uid}/e2ekeyRequest`)).toEqual([]);
    expect(stranger.events('notify-user', `${carol.uid}/e2ekeyRequest`)).toEqual([]);
    await expect(member.subscribe('stream-notify-room-users', `${rid}/webrtc`)).rejects.toMatchObject({
      error: 'not-allowed',
    });
  });
});

describe('the log', () => {
  test('administrators read the last lines and follow new ones', async () => {
    const { ctx } = server.server;
    ctx.log.info('a line of before');
    const { status, body } = await server.admin.get('stdout.queue');
    expect([status, body.success]).toEqual([200, true]);
    expect(body.queue.at(-1)).toMatchObject({ id: expect.any(String), ts: expect.any(String) });
    expect(body.queue.at(-1).string).toContain('a line of before');
    const socket = await server.admin.ddp();
    await socket.subscribe('stream-stdout', 'stdout');
    ctx.log.info('a new line');
    const [line] = await socket.event('stdout', 'stdout', ([line]) => line?.string.includes('a new line'));
    expect(line).toMatchObject({ id: expect.any(String), ts: { $date: expect.any(Number) } });
  });

  test('nobody else sees it', async () => {
    expect((await alice.get('stdout.queue')).status).toBe(403);
    const socket = await alice.ddp();
    await expect(socket.subscribe('stream-stdout', 'stdout')).rejects.toMatchObject({ error: 'not-allowed' });
  });
});

test('clients that know apps may listen for them; there are none', async () => {
  const socket = await DdpClient.connect(server.url);
  await expect(socket.subscribe('stream-apps', 'app/added')).resolves.toEqual(expect.any(String));
  socket.close();
});

test('what members say of a call reaches the others in the room; of no call, or to strangers, nothing', async () => {
  await server.admin.post('settings/VideoConf_Default_Provider', { value: 'jitsi' });
  await server.admin.post('settings/Jitsi_Domain', { value: 'meet.example.com' });
  const { body } = await alice.post('groups.create', { name: 'callers', members: ['bob'] });
  const rid = body.group._id as string;
  const { callId } = (await alice.post('video-conference.start', { roomId: rid })).body.data;
  const [writer, member, stranger] = await Promise.all([alice.ddp(), bob.ddp(), carol.ddp()]);
  await member.subscribe('stream-notify-user', `${bob.uid}/video-conference`);
  await member.subscribe('stream-notify-room', `${rid}/${callId}`);
  const write = (socket: DdpClient, call: string, room = rid) =>
    socket.call('stream-notify-room-users', `${room}/video-conference`, {
      action: 'call',
      params: { callId: call, uid: alice.uid, rid, more: 'dropped' },
    });
  await write(writer, 'no-such-call');
  await write(writer, callId, 'GENERAL');
  await write(stranger, callId);
  await write(writer, callId);
  await member.event('notify-user', `${bob.uid}/video-conference`);
  expect(member.events('notify-user', `${bob.uid}/video-conference`)).toEqual([
    [{ action: 'call', params: { callId, uid: alice.uid, rid } }],
  ]);
  // The old name of the room's event, which carries nothing.
  await alice.post('video-conference.join', { callId });
  expect(await member.event('notify-room', `${rid}/${callId}`)).toEqual([]);
});

test('login services are told live to whoever shows their buttons', async () => {
  const socket = await DdpClient.connect(server.url);
  await socket.subscribe('meteor.loginServiceConfiguration');
  const frames = () => socket.frames.filter(({ collection }) => collection?.startsWith('meteor_accounts'));
  const set = (id: string, value: unknown) => server.admin.post(`settings/${id}`, { value });
  await set('Accounts_OAuth_Github', true);
  const added = await socket.first(({ msg, collection }) => msg === 'added' && collection !== 'users');
  expect(added).toMatchObject({
    collection: 'meteor_accounts_loginServiceConfiguration',
    fields: { service: 'github', clientId: '' },
  });
  await set('Accounts_OAuth_Github_id', 'an-id');
  expect(await socket.first(({ msg }) => msg === 'changed')).toMatchObject({
    id: added.id,
    fields: { service: 'github', clientId: 'an-id' },
  });
  await set('Accounts_OAuth_Github', false);
  await socket.first(({ msg, id }) => msg === 'removed' && id === added.id);
  await set('Accounts_OAuth_Github_secret', 'a secret');
  await socket.barrier();
  expect(frames()).toHaveLength(3);
  for (const [id, service] of [
    ['CAS_enabled', 'cas'],
    ['SAML_Custom_Default', 'saml'],
  ] as const) {
    await set(id, true);
    const { id: _id } = await socket.first(
      ({ msg, fields }) => msg === 'added' && (fields as { service?: string })?.service === service,
    );
    await set(id, false);
    await socket.first(({ msg, id: gone }) => msg === 'removed' && gone === _id);
  }
  socket.close();
});

test('whoever is not logged in gets the default channels where anybody may read, else nothing', async () => {
  const socket = await DdpClient.connect(server.url);
  expect(await socket.call('rooms/get')).toEqual([]);
  for (const method of ['getRoomByTypeAndName', 'getRoomRoles']) {
    await expect(socket.call(method, 'c', 'general')).rejects.toMatchObject({ error: 'error-invalid-user' });
  }
  await server.admin.post('settings/Accounts_AllowAnonymousRead', { value: true });
  await server.admin.post('rooms.saveRoomSettings', { rid: 'GENERAL', default: true });
  expect(await socket.call('rooms/get')).toEqual([expect.objectContaining({ _id: 'GENERAL', t: 'c' })]);
  expect(await socket.call('getRoomByTypeAndName', 'c', 'general')).toMatchObject({ _id: 'GENERAL' });
  expect(await socket.call('getRoomRoles', 'GENERAL')).toEqual([]);
  await expect(socket.call('getRoomByTypeAndName', 'd', 'alice')).rejects.toMatchObject({
    error: 'error-invalid-room',
  });
  await server.admin.post('settings/Accounts_AllowAnonymousRead', { value: false });
  socket.close();
});

test('a method over HTTP comes alone in its body', async () => {
  const message = JSON.stringify({ msg: 'method', id: '1', method: 'license:getModules', params: [] });
  const refusal = {
    success: false,
    error: 'must NOT have additional properties [invalid-params]',
    errorType: 'invalid-params',
  };
  for (const [caller, path] of [
    [alice, 'method.call'],
    [server.anonymous, 'method.callAnon'],
  ] as const) {
    const { status, body } = await caller.post(`${path}/license:getModules`, { message, more: 1 });
    expect([status, body]).toEqual([400, refusal]);
  }
});

describe('the refusals', () => {
  let sockets: Record<Who, DdpClient>;
  let known: Known;

  beforeAll(async () => {
    const [ofNobody, ofAlice, ofBob, ofCarol, ofAdmin] = await Promise.all([
      DdpClient.connect(server.url),
      ...[alice, bob, carol, server.admin].map((person) => person.ddp()),
    ]);
    sockets = {
      nobody: ofNobody,
      alice: ofAlice as DdpClient,
      bob: ofBob as DdpClient,
      carol: ofCarol as DdpClient,
      admin: ofAdmin as DdpClient,
    };
    const created = async (path: string, body: object) => (await alice.post(path, body)).body;
    const { group } = await created('groups.create', { name: 'refusals', members: ['bob'] });
    const { channel } = await created('channels.create', { name: 'refusals-open', members: ['bob'] });
    const broadcast = await created('channels.create', {
      ...{ name: 'refusals-broadcast', members: ['bob'], extraData: { broadcast: true } },
    });
    await alice.post('channels.setJoinCode', { roomId: channel._id, joinCode: '123' });
    const { message } = await created('chat.sendMessage', { message: { rid: group._id, msg: 'hello' } });
    const { room: direct } = await created('im.create', { username: 'bob' });
    known = {
      ...{ group: group._id, channel: channel._id, broadcast: broadcast.channel._id, direct: direct._id },
      ...{ message: message._id, alice: alice.uid, bob: bob.uid, carol: carol.uid },
    };
  });
  afterAll(() => sockets.nobody.close());

  const call = (who: Who, method: string, params: Row[2]) => sockets[who].call(method, ...params(known));

  async function expectRefusal(who: Who, method: string, params: Row[2], expected: Refused) {
    const thrown = await call(who, method, params).then(
      (result) => ({ result }),
      (error) => error,
    );
    if (!(thrown instanceof DdpError)) throw new Error(`${method} answered ${JSON.stringify(thrown)}`);
    const { error, reason, details } = thrown;
    expect({ error, reason, details }).toEqual(expected);
  }

  test.each<Row>(METHOD_REFUSALS)('%s calls %s', expectRefusal);

  test.each<QuietRow>(QUIET)('without an error: %s calls %s', async (who, method, params, result) => {
    expect(await call(who, method, params)).toEqual(result);
  });

  const editing = (action: string, method: string, doing: string) =>
    refused('error-action-not-allowed', `Message ${doing} not allowed`, { method, action });
  const threadsDisabled = refused('error-not-allowed', 'Threads Disabled');
  const threadsRefused = (method: string) => refused('error-not-allowed', 'not-allowed', { method });
  const status = (code: string, reason: string) => refused(code, reason, { method: 'users.setStatus' });
  const newcomer: Row[2] = () => [{ email: 'x@example.org', pass: 'of x', name: 'X' }];

  test.each<[setting: string, value: unknown, ...Row]>([
    [
      ...(['Threads_enabled', false, 'alice', 'sendMessage'] as const),
      ({ group, message }) => [{ rid: group, msg: 'x', tmid: message }],
      threadsRefused('sendMessage'),
    ],
    ['Threads_enabled', false, 'alice', 'readThreads', ({ message }) => [message], threadsDisabled],
    ['Threads_enabled', false, 'alice', 'getThreadsList', ({ group }) => [{ rid: group }], threadsDisabled],
    [
      ...(['Threads_enabled', false, 'alice', 'getThreadMessages'] as const),
      ({ message }) => [{ tmid: message }],
      refused('error-not-allowed', 'Threads Disabled', { method: 'getThreadMessages' }),
    ],
    [
      ...(['Threads_enabled', false, 'alice', 'followMessage'] as const),
      ({ message }) => [{ mid: message }],
      threadsRefused('followMessage'),
    ],
    [
      ...(['Message_MaxAllowedSize', 3, 'alice', 'sendMessage'] as const),
      ({ group }) => [{ rid: group, msg: 'long' }],
      refused('error-message-size-exceeded', 'Message size exceeds Message_MaxAllowedSize', {
        method: 'sendMessage',
      }),
    ],
    [
      ...(['Message_AllowStarring', false, 'alice', 'starMessage'] as const),
      ({ message }) => [{ _id: message, starred: true }],
      editing('Message_starring', 'starMessage', 'starring'),
    ],
    ...['pinMessage', 'unpinMessage'].map((method): [string, unknown, ...Row] => [
      ...(['Message_AllowPinning', false, 'alice', method] as const),
      ({ message }) => [{ _id: message }],
      editing('Message_pinning', method, 'pinning'),
    ]),
    ...['setUserStatus', 'UserPresence:setDefaultStatus'].map((method): [string, unknown, ...Row] => [
      ...(['Accounts_AllowInvisibleStatusOption', false, 'alice', method] as const),
      () => ['offline'],
      status('error-status-not-allowed', 'Invisible status is disabled'),
    ]),
    [
      ...(['Accounts_AllowUserStatusMessageChange', false, 'alice', 'setUserStatus'] as const),
      () => ['busy', 'away for lunch'],
      status('error-not-allowed', 'Change status is not allowed'),
    ],
    [
      ...(['Message_AllowDirectMessagesToYourself', false, 'bob', 'createDirectMessage'] as const),
      () => ['bob'],
      refused('error-invalid-user', 'Invalid user', { method: 'createDirectMessage' }),
    ],
    [
      ...(['DirectMesssage_maxUsers', 2, 'alice', 'createDirectMessage'] as const),
      () => ['bob', 'carol'],
      refused(
        'error-direct-message-max-user-exceeded',
        'You cannot add more than 2 users, including yourself to a direct message',
        { method: 'createDirectMessage' },
      ),
    ],
    [
      ...(['Accounts_RegistrationForm', 'Disabled', 'nobody', 'registerUser', newcomer] as const),
      refused('error-user-registration-disabled', 'User registration is disabled'),
    ],
    [
      ...(['Accounts_RegistrationForm', 'Secret URL', 'nobody', 'registerUser', newcomer] as const),
      refused('error-user-registration-secret', 'User registration is only allowed via Secret URL'),
    ],
    ['Accounts_AllowUsernameChange', false, 'alice', 'setUsername', () => ['al'], notAllowed('setUsername')],
    [
      ...(['Accounts_AllowUserProfileChange', false, 'alice', 'saveUserProfile'] as const),
      () => [{ realname: 'x' }],
      notAllowed('saveUserProfile'),
    ],
    [
      ...(['Accounts_AllowUserAvatarChange', false, 'alice', 'setAvatarFromService'] as const),
      () => ['x', '', 'upload'],
      notAllowed('setAvatarFromService'),
    ],
    [
      ...(['AutoTranslate_Enabled', true, 'carol', 'autoTranslate.saveSettings'] as const),
      ({ group }) => [group, 'autoTranslate', '1', null],
      refused('error-action-not-allowed', 'Auto-Translate is not allowed', {
        method: 'autoTranslate.saveSettings',
      }),
    ],
  ])('with %s = %s: %s calls %s', async (setting, value, ...row) => {
    const before = (await server.admin.get(`settings/${setting}`)).body.value;
    expect((await server.admin.post(`settings/${setting}`, { value })).body).toEqual({ success: true });
    await expectRefusal(...row).finally(() => server.admin.post(`settings/${setting}`, { value: before }));
  });

  test.each<[permission: string, ...Row]>([
    ['create-d', 'carol', 'createDirectMessage', () => ['bob'], notAllowed('createDirectMessage')],
    ['create-c', 'carol', 'createChannel', () => ['x'], refused('error-not-allowed', 'Not allowed')],
    ['create-p', 'carol', 'createPrivateGroup', () => ['x', []], notAllowed('createPrivateGroup')],
    ...[
      ['generate', { method: 'personalAccessTokens:generateToken' }] as const,
      ['remove', undefined] as const,
    ].map(([verb, details]): [string, ...Row] => [
      ...(['create-personal-access-tokens', 'alice', `personalAccessTokens:${verb}Token`] as const),
      () => [{ tokenName: 'x' }],
      refused('not-authorized', 'Not Authorized', details),
    ]),
  ])('without %s: %s calls %s', (permission, ...row) =>
    withPermission({ server }, permission, ['admin'], () => expectRefusal(...row)),
  );

  test('a message from another time', async () => {
    const at = (ago: number) => ({ rid: known.group, msg: 'x', ts: { $date: Date.now() - ago } });
    await expect(sockets.alice.call('sendMessage', at(70_000))).rejects.toMatchObject({
      error: 'error-message-ts-out-of-sync',
      details: { method: 'sendMessage', message_ts: { $date: expect.any(Number) } },
    });
    const { ts } = await sockets.alice.call('sendMessage', at(20_000));
    expect(Date.now() - ts.$date).toBeLessThan(20_000);
  });

  test('a public channel is read by strangers with preview-c-room only', () =>
    withPermission({ server }, 'preview-c-room', ['admin'], async () => {
      expect(await call('carol', 'loadHistory', ({ channel }) => [channel])).toBe(false);
      expect(await call('bob', 'loadHistory', ({ channel }) => [channel])).toMatchObject({ messages: [] });
    }));

  const all: Who[] = ['nobody', 'alice', 'bob', 'carol', 'admin'];
  const people = all.slice(1);
  test.each<[stream: string, eventName: (of: Known) => string, admitted: Who[]]>([
    ['room-messages', ({ group }) => group, ['alice', 'bob']],
    ['room-messages', ({ channel }) => channel, people],
    ['room-messages', () => 'nowhere', []],
    ['room-messages', () => '__my_messages__', all],
    ['notify-room', ({ group }) => `${group}/user-activity`, ['alice', 'bob']],
    ['notify-room', ({ channel }) => `${channel}/deleteMessage`, people],
    ['notify-room', ({ group }) => `${group}/webrtc`, all],
    ['notify-room', () => 'nowhere/typing', []],
    ['notify-room-users', ({ group }) => `${group}/webrtc`, []],
    ['notify-user', (of) => `${of.alice}/message`, ['alice']],
    ['notify-user', (of) => `${of.alice}/no-such-event`, ['alice']],
    ['notify-user', (of) => `${of.alice}/otr`, ['alice']],
    ['notify-user', (of) => `${of.alice}/webrtc`, all],
    ['notify-logged', () => 'user-status', people],
    ['notify-logged', () => 'private-settings-changed', ['admin']],
    ['notify-all', () => 'public-settings-changed', all],
    ['notify-all', () => 'permissions-changed', all],
    ['roles', () => 'roles', people],
    ['room-data', ({ group }) => group, ['alice', 'bob']],
    ['room-data', ({ channel }) => channel, people],
    ['apps', () => 'apps', all],
    ['importers', () => 'progress', ['admin']],
    ['integrationHistory', () => 'x', ['admin']],
    ['stdout', () => 'stdout', ['admin']],
    // There is no omnichannel.
    ['canned-responses', () => 'canned-responses', []],
    ['livechat-inquiry-queue-observer', () => 'public', ['admin']],
    ['livechat-room', ({ group }) => group, []],
    ['apps-engine', () => 'x', []],
    ['local', () => 'x', []],
  ])('stream %s admits whom its rule names: %s', async (stream, eventName, admitted) => {
    const name = `stream-${stream}`;
    for (const who of all) {
      const subscribing = sockets[who].subscribe(name, eventName(known), false);
      if (admitted.includes(who)) {
        const id = await subscribing;
        sockets[who].send({ msg: 'unsub', id });
      } else {
        const refusal = { error: 'not-allowed', reason: undefined, details: undefined };
        await expect(subscribing).rejects.toMatchObject(refusal);
      }
    }
    await expect(sockets.alice.subscribe(name, '')).rejects.toMatchObject({ error: 'invalid-event-name' });
    await expect(sockets.alice.subscribe(name)).rejects.toMatchObject({ error: 'invalid-event-name' });
  });

  const signal = { action: 'call', params: { callId: 'unknown', uid: 'x', rid: 'x' } };
  test.each<[stream: string, event: string, args: unknown[], isHeard: boolean]>([
    ['notify-room', 'user-activity', ['bob', ['user-typing', 'user-recording'], { tmid: 'x' }], true],
    ['notify-room', 'user-activity', ['bob', [], {}], true],
    ['notify-room', 'user-activity', ['Bob', ['user-typing'], {}], false],
    ['notify-room', 'user-activity', ['bob', 'user-typing', {}], false],
    ['notify-room', 'typing', ['bob', true], true],
    ['notify-room', 'typing', ['alice', true], false],
    ['notify-room', 'typing', ['bob', 'yes'], false],
    ['notify-room', 'webrtc', ['candidate', {}], true],
    ...['deleteMessage', 'deleteMessageBulk', 'messagesRead', 'messagesImported', 'videoconf', 'call'].map(
      (event): [string, string, unknown[], boolean] => ['notify-room', event, [{ _id: 'x' }], false],
    ),
    ['notify-user', 'webrtc', ['candidate', {}], true],
    ['notify-user', 'e2ekeyRequest', ['rid', 'key'], true],
    ['notify-user', 'video-conference', [signal], false],
    ['notify-user', 'video-conference', ['call'], false],
    // The setting that allows it is gone from the contract's version (spec 22).
    ['notify-user', 'otr', ['handshake', {}], false],
    ...['message', 'notification', 'userData', 'force_logout', 'subscriptions-changed', 'media-calls'].map(
      (event): [string, string, unknown[], boolean] => ['notify-user', event, [{ _id: 'x' }], false],
    ),
    ['notify-room-users', 'webrtc', ['candidate', {}], true],
    ['notify-room-users', 'e2ekeyRequest', ['rid', 'key'], true],
    ['notify-room-users', 'video-conference', [signal], false],
    ['notify-room-users', 'userData', [{}], false],
    ['notify-room-users', 'message', [{}], false],
    ['notify-logged', 'user-status', [[]], false],
    ['notify-all', 'public-settings-changed', ['updated', {}], false],
    ['roles', 'roles', [{ type: 'changed' }], false],
  ])('of what bob writes to %s, %s %j is heard: %s', async (stream, event, args, isHeard) => {
    const written =
      stream === 'notify-user'
        ? `${alice.uid}/${event}`
        : stream.startsWith('notify-room')
          ? `${known.group}/${event}`
          : event;
    // What is written for the members of a room reaches each as an event of theirs.
    const [listened, name] =
      stream === 'notify-room-users' ? ['notify-user', `${alice.uid}/${event}`] : [stream, written];
    const { alice: listener, bob: writer } = sockets;
    const id = await listener.subscribe(`stream-${listened}`, name, false);
    const before = listener.events(listened, name).length;
    expect(await writer.call(`stream-${stream}`, written, ...args)).toBeUndefined();
    await listener.barrier();
    expect(listener.events(listened, name).slice(before)).toEqual(isHeard ? [args] : []);
    listener.send({ msg: 'unsub', id });
  });

  test.each(['stream-unknown', 'activeUsers', 'userData', 'fullUserData', 'room'])(
    'nobody provides %s',
    async (name) => {
      await expect(sockets.alice.subscribe(name, 'x')).rejects.toMatchObject({
        error: 404,
        reason: `Subscription '${name}' not found`,
      });
    },
  );
});
