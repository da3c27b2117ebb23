// The official web client (a Meteor bundle, 6.13 and 8.x). Its bundle is not served here; what is played is its documented
// sequence (spec 41 §3) over its own transport: SockJS, Meteor's DDP, methods over HTTP.
import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { fetchFile, sendForm } from '../support/files.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;
let rid: string;
/** The page's socket: anonymous first, then logged in as alice. */
let page: DdpClient;

beforeAll(async () => {
  server = await startServer({ testMode: false });
  alice = await server.person('alice', { joinDefaultChannels: true });
  bob = await server.person('bob');
  rid = (await bob.post('channels.create', { name: 'lobby', members: ['alice'] })).body.channel._id;
});
afterAll(async () => {
  page.close();
  await server.close();
});

const date = { $date: expect.any(Number) };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One transparent pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A stream subscription as the client's streamer makes it. */
const follow = (stream: string, event: string) =>
  page.subscribe(`stream-${stream}`, event, { useCollection: false, args: [] });

/** What Meteor's `call` becomes where methods go over HTTP; `path` tells whether as the user. */
async function bridged(path: 'method.call' | 'method.callAnon', method: string, ...params: unknown[]) {
  const message = JSON.stringify({ msg: 'method', id: '42', method, params });
  const caller = path === 'method.call' ? alice : server.anonymous;
  const { status, body } = await caller.post(`${path}/${encodeURIComponent(method.replaceAll('/', ':'))}`, {
    message,
  });
  expect([status, body.success]).toEqual([200, true]);
  return JSON.parse(body.message) as Frame;
}
const call = async (method: string, ...params: unknown[]) => {
  const { result, error } = await bridged('method.call', method, ...params);
  expect(error).toBeUndefined();
  return result;
};

describe('before login', () => {
  test('the configuration script tells where the server is and that methods go over HTTP', async () => {
    const response = await fetch(`${server.url}/meteor_runtime_config.js`);
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    const script = await response.text();
    const window: Frame = {};
    const scope: Frame = { window };
    runInNewContext(script, scope);
    expect(scope.__meteor_runtime_config__).toMatchObject({
      ROOT_URL: 'http://localhost:3000/',
      ROOT_URL_PATH_PREFIX: '',
      PUBLIC_SETTINGS: {},
      isModern: true,
      meteorEnv: { NODE_ENV: 'production' },
      appId: expect.any(String),
    });
    expect(window.USE_REST_FOR_DDP_CALLS).toBe(true);
    const status = async (hash: string) =>
      (await fetch(`${server.url}/meteor_runtime_config.js?hash=${hash}`)).status;
    expect(await status(createHash('sha1').update(script).digest('hex'))).toBe(200);
    expect(await status('0'.repeat(40))).toBe(404);
  });

  test('SockJS is asked what it can, and opens a WebSocket that greets as it should', async () => {
    const info = await fetch(`${server.url}/sockjs/info?cb=x1y2z3`, {
      headers: { origin: 'https://example.com' },
    });
    expect(info.headers.get('access-control-allow-origin')).toBe('https://example.com');
    expect(await info.json()).toMatchObject({ websocket: true, origins: ['*:*'], cookie_needed: false });
    page = await DdpClient.open(server.url, { path: '/sockjs/123/abcdefgh/websocket' });
    page.send({ msg: 'connect', version: '1', support: ['1', 'pre2', 'pre1'] });
    await page.first(({ msg }) => msg === 'connected');
    expect(page.frames).toEqual([
      { sockjs: 'o' },
      { server_id: '0' },
      { msg: 'connected', session: expect.any(String) },
    ]);
  });

  test('the publications of Meteor and the open streams are ready', async () => {
    await page.subscribe('meteor.loginServiceConfiguration');
    await page.subscribe('meteor_autoupdate_clientVersions', 'app-id');
    await follow('notify-all', 'public-settings-changed');
    for (const event of [
      'app/added',
      'app/removed',
      'app/updated',
      'app/statusUpdate',
      'actions/changed',
      'apps',
    ])
      await follow('apps', event);
    expect(page.frames.filter(({ msg }) => msg === 'added')).toEqual([]);
  });

  test('settings and permissions come without a login, whole and since a date', async () => {
    const { result: settings } = await bridged('method.callAnon', 'public-settings/get');
    expect(settings).toContainEqual({ _id: 'Site_Name', value: expect.any(String) });
    // A client that reads `type` trips over values of another type: it is left out.
    expect(settings.every((setting: Frame) => !('type' in setting))).toBe(true);
    const later = await bridged('method.callAnon', 'public-settings/get', { $date: Date.now() });
    expect(later.result).toEqual({ update: [], remove: [] });
    const { result: permissions } = await bridged('method.callAnon', 'permissions/get');
    const mayCreate = permissions.find(({ _id }: Frame) => _id === 'create-c');
    expect(mayCreate).toEqual({ _id: 'create-c', roles: expect.arrayContaining(['user']), _updatedAt: date });
    const newer = await bridged('method.callAnon', 'permissions/get', { $date: Date.now() });
    expect(newer.result).toEqual({ update: [], remove: [] });
  });

  test('login buttons and those of apps are lists, also where there are none', async () => {
    const services = await server.anonymous.get('service.configurations');
    expect(services.body).toEqual({ configurations: [], success: true });
    const buttons = await fetch(`${server.url}/api/apps/actionButtons`);
    expect([buttons.status, await buttons.json()]).toEqual([200, []]);
  });
});

describe('logging in', () => {
  test('over HTTP by digest, then on the socket with the token: the user document comes before the result', async () => {
    const password = { digest: sha256(alice.password), algorithm: 'sha-256' };
    const { result } = await bridged('method.callAnon', 'login', { user: { username: 'alice' }, password });
    expect(result).toEqual({
      id: alice.uid,
      token: expect.any(String),
      tokenExpires: date,
      type: 'password',
    });
    const start = page.frames.length;
    page.send({ msg: 'method', method: 'login', params: [{ resume: result.token }], id: '7' });
    await page.first(({ msg, methods }) => msg === 'updated' && methods[0] === '7');
    expect(page.frames.slice(start)).toEqual([
      {
        msg: 'added',
        collection: 'users',
        id: alice.uid,
        fields: { username: 'alice', emails: [{ address: 'alice@example.com', verified: true }] },
      },
      {
        msg: 'result',
        id: '7',
        result: { id: alice.uid, token: result.token, tokenExpires: date, type: 'resume' },
      },
      { msg: 'updated', methods: ['7'] },
    ]);
  });

  test('a refusal is inside the message, so that the callback fires', async () => {
    const { error } = await bridged('method.callAnon', 'login', {
      user: { username: 'alice' },
      password: 'wrong',
    });
    expect(error).toMatchObject({ isClientSafe: true, error: 403, errorType: 'Meteor.Error' });
  });
});

describe('logged in', () => {
  test('the own account has what the client reads without asking', async () => {
    await follow('notify-user', `${alice.uid}/userData`);
    const { body } = await alice.get('me');
    expect(body).toMatchObject({
      _id: alice.uid,
      username: 'alice',
      success: true,
      roles: ['user'],
      settings: { preferences: expect.any(Object) },
    });
    for (const member of ['createdAt', '_updatedAt']) expect(Date.parse(body[member])).toBeGreaterThan(0);
  });

  test('every stream of the page is ready', async () => {
    const user =
      'subscriptions-changed rooms-changed message notification force_logout uiInteraction video-conference otr ' +
      'webrtc banners calendar webdav e2ekeyRequest';
    for (const event of user.split(' ')) await follow('notify-user', `${alice.uid}/${event}`);
    const logged =
      'permissions-changed roles-change updateEmojiCustom deleteEmojiCustom updateAvatar Users:NameChanged ' +
      'Users:Deleted updateCustomUserStatus deleteCustomUserStatus banner-changed';
    for (const event of logged.split(' ')) await follow('notify-logged', event);
    for (const event of ['updateCustomSound', 'deleteCustomSound', 'license'])
      await follow('notify-all', event);
    await follow('roles', 'roles');
    await expect(follow('notify-logged', 'private-settings-changed')).rejects.toMatchObject({
      error: 'not-allowed',
    });
  });

  test('rooms and subscriptions are plain lists, and since a date what changed and went', async () => {
    const subscriptions = await call('subscriptions/get');
    expect(subscriptions.find((subscription: Frame) => subscription.rid === rid)).toMatchObject({
      _id: expect.any(String),
      t: 'c',
      name: 'lobby',
      u: { _id: alice.uid, username: 'alice' },
      ts: date,
      open: true,
      alert: expect.any(Boolean),
      unread: expect.any(Number),
      _updatedAt: date,
    });
    const rooms = await call('rooms/get');
    expect(rooms.map(({ _id }: Frame) => _id).sort()).toEqual(
      subscriptions.map(({ rid }: Frame) => rid).sort(),
    );
    const later = { $date: Date.now() + 1000 };
    expect(await call('subscriptions/get', later)).toEqual({ update: [], remove: [] });
    expect(await call('rooms/get', later)).toEqual({ update: [], remove: [] });
  });

  test('what the rest of the start asks for has the shape that is read', async () => {
    expect(await call('private-settings/get')).toEqual([]);
    expect(await call('getUserRoles')).toEqual([
      { _id: server.admin.uid, username: 'root', roles: ['admin'] },
    ]);
    expect(await call('license:getModules')).toEqual([]);
    expect(await call('license:isEnterprise')).toBe(false);
    expect(await call('listCustomSounds')).toEqual([]);
    expect(await call('listCustomUserStatus')).toEqual([]);
    const read = async (path: string) => {
      const { status, body } = await alice.get(path);
      expect([path, status, body.success]).toEqual([path, 200, true]);
      return body;
    };
    expect((await read('roles.list')).roles).toContainEqual(
      expect.objectContaining({ _id: 'user', scope: 'Users' }),
    );
    expect((await read('roles.getUsersInPublicRoles')).users).toHaveLength(1);
    expect((await read('licenses.info?loadValues=false')).license).toMatchObject({ activeModules: [] });
    expect((await read('emoji-custom.list')).emojis).toEqual({ update: [], remove: [] });
    expect((await read('custom-sounds.list')).sounds).toEqual([]);
    expect((await read('custom-user-status.list')).statuses).toEqual([]);
    expect((await read('commands.list')).commands.length).toBeGreaterThan(10);
    expect((await read('webdav.getMyAccounts')).accounts).toEqual([]);
    expect((await read(`users.presence?ids[]=${alice.uid}&ids[]=${bob.uid}`)).users).toMatchObject([
      { _id: alice.uid, status: 'online' },
    ]);
    expect((await read('banners?platform=web')).banners).toEqual([]);
    const calls = await alice.get('video-conference.capabilities');
    expect(calls.body).toEqual({ success: false, error: 'no-active-video-conf-provider' });
  });

  test('an administrator has the private settings, the registration and the figures', async () => {
    const message = JSON.stringify({ msg: 'method', id: '1', method: 'private-settings/get', params: [] });
    const { body } = await server.admin.post('method.call/private-settings:get', { message });
    expect(JSON.parse(body.message).result).toContainEqual(
      expect.objectContaining({ _id: 'API_Enable_CORS', value: false, type: 'boolean' }),
    );
    for (const path of ['licenses.info', 'cloud.registrationStatus', 'statistics', 'instances.get'])
      expect((await server.admin.get(path)).body).toMatchObject({ success: true });
  });

  test('what the workspace adds, and who gets a role, is heard at once and found at the next start', async () => {
    const { admin } = server;
    const emoji = { files: [{ name: 'yay.png', type: 'image/png', bytes: PIXEL, field: 'emoji' }] };
    await sendForm(server, admin, 'emoji-custom.create', {
      ...emoji,
      fields: { name: 'yay', aliases: 'hooray' },
    });
    const [{ emojiData }] = (await page.event('notify-logged', 'updateEmojiCustom')) as [Frame];
    expect(emojiData).toMatchObject({ name: 'yay', extension: 'png', aliases: ['hooray'] });
    const list = (await alice.get('emoji-custom.list')).body.emojis;
    expect(list).toMatchObject({
      update: [{ name: 'yay', aliases: ['hooray'], extension: 'png' }],
      remove: [],
    });
    const picture = await fetchFile(server, undefined, '/emoji-custom/yay.png');
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    const since = { updatedSince: new Date(Date.now() - 60_000).toISOString() };
    await admin.post('emoji-custom.delete', { emojiId: list.update[0]._id });
    expect(await page.event('notify-logged', 'deleteEmojiCustom')).toMatchObject([
      { emojiData: { _id: list.update[0]._id, name: 'yay', extension: 'png' } },
    ]);
    expect((await alice.get('emoji-custom.list', since)).body.emojis).toMatchObject({
      update: [],
      remove: [{ _id: list.update[0]._id, _deletedAt: expect.any(String) }],
    });
    const away = { name: 'lunch', statusType: 'away' };
    const { body } = await admin.post('custom-user-status.create', away);
    const { _id } = body.customUserStatus;
    expect(await page.event('notify-logged', 'updateCustomUserStatus')).toMatchObject([
      { userStatusData: { _id, ...away } },
    ]);
    expect((await alice.get('custom-user-status.list')).body.statuses).toMatchObject([{ _id, ...away }]);
    expect(await call('listCustomUserStatus')).toMatchObject([{ _id, ...away }]);
    await admin.post('custom-user-status.delete', { customUserStatusId: _id });
    expect(await page.event('notify-logged', 'deleteCustomUserStatus')).toMatchObject([
      { userStatusData: { _id, ...away } },
    ]);
    await admin.post('settings/UI_DisplayRoles', { value: true });
    await admin.post('roles.addUserToRole', { roleId: 'livechat-agent', username: 'bob' });
    const [role] = await page.event(
      'notify-logged',
      'roles-change',
      ([change]) => change?.u?._id === bob.uid,
    );
    expect(role).toMatchObject({
      type: 'added',
      _id: 'livechat-agent',
      u: { _id: bob.uid, username: 'bob' },
    });
    await admin.post('roles.removeUserFromRole', { roleId: 'livechat-agent', username: 'bob' });
  });

  test('the own account is told what changed of it, by paths', async () => {
    await alice.post('users.setPreferences', { data: { language: 'de', useEmojis: false } });
    const event = `${alice.uid}/userData`;
    const [changed] = await page.event('notify-user', event, ([data]) =>
      Object.keys(data?.diff ?? {}).some((path) => path.startsWith('settings.preferences')),
    );
    expect(changed).toMatchObject({ type: 'updated', id: alice.uid, unset: {} });
    expect(changed?.diff).toMatchObject({ language: 'de', 'settings.preferences.useEmojis': false });
    expect(JSON.stringify(page.events('notify-user', event))).not.toMatch(/bcrypt|hashedToken/);
    expect((await alice.get('me')).body).toMatchObject({
      language: 'de',
      settings: { preferences: { useEmojis: false } },
    });
  });

  test('the clock and the idle timer are told over the socket', async () => {
    expect(await page.call('userSetUtcOffset', 2)).toBeUndefined();
    expect((await alice.get('me')).body.utcOffset).toBe(2);
    expect(await page.call('UserPresence:away')).toBe(true);
    expect(await page.call('UserPresence:online')).toBe(true);
    // Over HTTP there is no connection to say it of.
    expect(await call('UserPresence:away')).toBeUndefined();
  });
});

describe('in a room', () => {
  test('it is found by name, opened, and its history comes with what is unread', async () => {
    const room = await call('getRoomByTypeAndName', 'c', 'lobby');
    expect(room).toMatchObject({ _id: rid, t: 'c', name: 'lobby', ts: date });
    expect(await call('openRoom', rid)).toBe(1);
    const [own] = (await call('subscriptions/get')).filter((subscription: Frame) => subscription.rid === rid);
    await follow('room-messages', rid);
    for (const event of 'user-activity deleteMessage deleteMessageBulk messagesRead messagesImported videoconf'.split(
      ' ',
    ))
      await follow('notify-room', `${rid}/${event}`);
    await bob.post('chat.sendMessage', { message: { rid, msg: 'first' } });
    const history = await call('loadHistory', rid, null, 50, own.ls ?? own.ts, false);
    expect(history).toMatchObject({ unreadNotLoaded: 0 });
    expect(history.messages[0]).toMatchObject({ msg: 'first', ts: date, u: { username: 'bob' }, rid });
    expect(await call('getRoomRoles', rid)).toMatchObject([{ rid, u: { _id: bob.uid }, roles: ['owner'] }]);
    expect(await call('readMessages', rid)).toBeUndefined();
    await page.event(
      'notify-user',
      `${alice.uid}/subscriptions-changed`,
      ([, document]) => document?.rid === rid && document.unread === 0 && document.alert === false,
    );
  });

  test('a message that is sent over HTTP comes back over the socket under its own id', async () => {
    const _id = 'Yr7hHq2mPZsT4vBcD';
    const sent = await call('sendMessage', { _id, rid, msg: 'from the page' });
    expect(sent).toMatchObject({
      _id,
      rid,
      msg: 'from the page',
      ts: date,
      _updatedAt: date,
      md: expect.any(Array),
    });
    const [heard] = await page.event('room-messages', rid, ([message]) => message?._id === _id);
    expect(heard).toMatchObject({
      u: { _id: alice.uid, username: 'alice' },
      ts: date,
      urls: [],
      mentions: [],
    });
  });

  test('a notification comes as the desktop shows it', async () => {
    await bob.post('chat.sendMessage', { message: { rid, msg: 'look here' } });
    const [notification] = await page.event(
      'notify-user',
      `${alice.uid}/notification`,
      ([first]) => first?.payload.message.msg === 'look here',
    );
    expect(notification).toMatchObject({
      title: '#lobby',
      text: 'bob: look here',
      payload: { rid, type: 'c' },
    });
  });

  test('what was missed while the socket was gone comes newest first', async () => {
    const { body: last } = await bob.post('chat.sendMessage', { message: { rid, msg: 'before' } });
    for (const msg of ['one', 'two']) await bob.post('chat.sendMessage', { message: { rid, msg } });
    const missed = await call('loadMissedMessages', rid, { $date: Date.parse(last.message.ts) });
    expect(missed.map(({ msg }: Frame) => msg)).toEqual(['two', 'one']);
    expect(await call('loadMissedMessages', 'no-such-room', { $date: 0 })).toBe(false);
  });

  test('a command runs, and what it says is heard by the one who called it', async () => {
    const told = page.event('notify-user', `${alice.uid}/message`);
    await call('slashCommand', {
      cmd: 'join',
      params: '#nowhere',
      msg: { _id: 'abc', rid, msg: '/join' },
      triggerId: 't',
    });
    expect(await told).toMatchObject([{ rid, private: true, u: { username: 'rocket.cat' }, ts: date }]);
    const unknown = await bridged('method.call', 'slashCommand', { cmd: 'nope', params: '', msg: { rid } });
    expect(unknown.error).toMatchObject({
      error: 'error-invalid-command',
      reason: 'Invalid Command Provided',
    });
  });
});

describe('as of 8.x, with REST where methods were', () => {
  test('rooms are made, opened, read, and their roles listed', async () => {
    const answered = async (path: string, body: object) => {
      const { status, body: answer } = await alice.post(path, body);
      expect([path, status, answer.success]).toEqual([path, 200, true]);
      return answer;
    };
    const { group } = await answered('groups.create', { name: 'crew', members: ['bob'] });
    const { room } = await answered('im.create', { username: 'bob' });
    expect(room).toMatchObject({
      t: 'd',
      rid: room._id,
      usernames: expect.arrayContaining(['alice', 'bob']),
    });
    await answered('groups.close', { roomId: group._id });
    await answered('rooms.open', { roomId: group._id });
    const [, opened] = await page.event(
      'notify-user',
      `${alice.uid}/subscriptions-changed`,
      ([, document]) => document?.rid === group._id && document?.open === true,
    );
    expect(opened).toMatchObject({ t: 'p', name: 'crew', roles: ['owner'] });
    await answered('subscriptions.read', { rid: group._id });
    const roles = await alice.get('rooms.roles', { rid: group._id });
    expect(roles.body).toMatchObject({
      roles: [{ rid: group._id, u: { _id: alice.uid }, roles: ['owner'] }],
    });
    const { message } = await answered('chat.sendMessage', {
      message: { rid: group._id, msg: 'react to this' },
    });
    await answered('chat.react', { messageId: message._id, emoji: ':tada:' });
    const command = { command: 'topic', params: 'what we do', roomId: group._id, triggerId: 't' };
    await answered('commands.run', command);
    expect((await alice.get('rooms.info', { roomId: group._id })).body.room).toMatchObject({
      topic: 'what we do',
    });
    expect((await alice.post('banners.dismiss', { bannerId: 'none' })).body).toMatchObject({
      success: false,
    });
    expect((await alice.post('banners.dismiss', {})).body).toMatchObject({
      errorType: 'error-invalid-params',
    });
  });

  test('what apps would answer is absent, in JSON', async () => {
    const missing = { success: false, error: expect.any(String) };
    for (const path of ['/api/apps/public/some-app/info', '/api/apps/ui.interaction/some-app', '/api/apps']) {
      const response = await fetch(`${server.url}${path}`);
      expect([path, response.status, await response.json()]).toEqual([path, 404, missing]);
    }
  });
});

test('logging out makes the socket anonymous and ends every subscription', async () => {
  const start = page.frames.length;
  page.send({ msg: 'method', method: 'logout', params: [], id: 'bye' });
  await page.first(({ msg, methods }) => msg === 'updated' && methods[0] === 'bye');
  const frames = page.frames.slice(start);
  expect(frames).toContainEqual({ msg: 'removed', collection: 'users', id: alice.uid });
  expect(frames.filter(({ msg }) => msg === 'nosub').every((frame) => !('error' in frame))).toBe(true);
  expect(await page.call('logoutCleanUp', { _id: alice.uid })).toBeUndefined();
  await expect(follow('notify-logged', 'user-status')).rejects.toMatchObject({ error: 'not-allowed' });
});
