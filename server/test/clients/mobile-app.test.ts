// The official mobile application (React Native, 4.72). It is in no registry: what is played here is its documented
// sequence (spec 41 §2), in its own forms of requests, with the limits on requests in force.
import { createHash } from 'node:crypto';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { fetchFile, sendForm } from '../support/files.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;
let rid: string;

beforeAll(async () => {
  server = await startServer({ testMode: false });
  // One after another, for the order in the directory and the like.
  alice = await server.person('alice', { joinDefaultChannels: true });
  bob = await server.person('bob', { joinDefaultChannels: true });
  rid = (await alice.post('channels.create', { name: 'lobby', members: ['bob'] })).body.channel._id;
});
afterAll(() => server.close());

const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const id17 = expect.stringMatching(/^[23456789A-HJ-NP-Za-km-z]{17}$/);
const date = { $date: expect.any(Number) };

/** What the application sends along before it has credentials. */
const NOBODY = { 'x-auth-token': '', 'x-user-id': '', 'user-agent': 'RC Mobile; ios 18.0; v4.72.0 (61234)' };

/** The options of every subscription of the application; of rooms with the room's id as a text. */
const options = (arg: unknown) => ({ useCollection: false, args: [arg] });

const LOGIN_SETTINGS = [
  'API_Gitlab_URL',
  'CAS_enabled',
  'CAS_login_url',
  'Accounts_EmailVerification',
  'Accounts_ManuallyApproveNewUsers',
  'Accounts_ShowFormLogin',
  'Site_Url',
  'Accounts_RegistrationForm',
  'Accounts_RegistrationForm_LinkReplacementText',
  'Accounts_EmailOrUsernamePlaceholder',
  'Accounts_PasswordPlaceholder',
  'Accounts_PasswordReset',
  'Accounts_iframe_enabled',
  'Accounts_Iframe_api_url',
  'Accounts_Iframe_api_method',
];

/** What decides about features, as the application asks for it; those that exist with every installed version. */
const FEATURE_SETTINGS = `Accounts_AllowEmailChange Accounts_AllowPasswordChange Accounts_AllowRealNameChange
  Accounts_AllowUserAvatarChange Accounts_AllowUserProfileChange Accounts_AllowUserStatusMessageChange
  Accounts_AllowUsernameChange Accounts_AvatarBlockUnauthenticatedAccess Accounts_CustomFields Accounts_NamePlaceholder
  Accounts_Password_Policy_Enabled Accounts_Password_Policy_MinLength API_Use_REST_For_DDP_Calls API_Embed CROWD_Enable
  DirectMesssage_maxUsers E2E_Enable E2E_Enabled_Default_PrivateRooms E2E_Enable_Encrypt_Files FileUpload_ProtectFiles
  Accounts_Directory_DefaultView FEDERATION_Enabled Hide_System_Messages LDAP_Enable
  Livechat_request_comment_when_closing_conversation Message_AllowDeleting Message_AllowDeleting_BlockDeleteInMinutes
  Message_AllowEditing Message_AllowEditing_BlockEditInMinutes Message_AllowPinning Message_AllowStarring
  Message_AudioRecorderEnabled Message_GroupingPeriod Message_TimeFormat Message_TimeAndDateFormat Site_Name
  Store_Last_Message uniqueID UI_Allow_room_names_with_special_chars UI_Use_Real_Name Assets_favicon_512
  Message_Read_Receipt_Enabled Message_Read_Receipt_Store_Users Threads_enabled FileUpload_MediaTypeWhiteList
  FileUpload_MaxFileSize AutoTranslate_Enabled Force_Screen_Lock Force_Screen_Lock_After Allow_Save_Media_to_Gallery
  Accounts_AllowInvisibleStatusOption Canned_Responses_Enable Livechat_allow_manual_on_hold
  Accounts_AvatarExternalProviderUrl Accounts_RoomAvatarExternalProviderUrl VideoConf_Enable_DMs
  VideoConf_Enable_Channels VideoConf_Enable_Groups VideoConf_Enable_Teams Accounts_AllowDeleteOwnAccount
  Number_of_users_autocomplete_suggestions Presence_broadcast_disabled Omnichannel_call_provider CDN_PREFIX
  Accounts_RequirePasswordConfirmation Accounts_ConfirmPasswordPlaceholder E2E_Enabled_Mentions
  UTF8_User_Names_Validation Cloud_Workspace_AirGapped_Restrictions_Remaining_Days Federation_Service_Enabled
  Federation_Matrix_enabled`.split(/\s+/);

describe('adding a workspace', () => {
  const anonymous = (path: string) => server.anonymous.get(path, undefined, NOBODY);

  test('the address tells a version that can be read as one, and that it is a server of the kind', async () => {
    const response = await fetch(`${server.url}/api/info`, { headers: NOBODY });
    const info = (await response.json()) as { version: string; success: boolean };
    expect([response.status, info.success]).toEqual([200, true]);
    // The application coerces it to x.y.0 and looks it up in the list of supported versions.
    expect(info.version).toMatch(/^[78]\.\d+$/);
    expect(info).not.toHaveProperty('supportedVersions');
  });

  test('a WebSocket is opened for a try and closed with 4000, which harms nobody', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/websocket`, { headers: NOBODY });
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    const connected = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        if ((JSON.parse(String(data)) as Frame).msg === 'connected') resolve();
      });
    });
    socket.on('open', () => {
      socket.send(JSON.stringify({ msg: 'connect', version: '1', support: ['1', 'pre2', 'pre1'] }));
    });
    await connected;
    socket.close(4000, 'disconnect');
    expect(await closed).toBe(4000);
    expect((await anonymous('settings.oauth')).body).toEqual({ services: [], success: true });
  });

  test.each([
    ['of current servers', `_id=${LOGIN_SETTINGS.join(',')}`],
    ['of a server it does not know yet', `query=${JSON.stringify({ _id: { $in: LOGIN_SETTINGS } })}`],
  ])('the settings of the login page come, asked in the form %s', async (_form, query) => {
    const { body } = await anonymous(`settings.public?${encodeURI(query)}`);
    expect(body.success).toBe(true);
    expect(body.settings.map(({ _id }: Frame) => _id).sort()).toEqual([...LOGIN_SETTINGS].sort());
    const values = valuesOf(body.settings);
    expect(values).toMatchObject({
      Accounts_ShowFormLogin: true,
      Accounts_RegistrationForm: 'Public',
      Accounts_PasswordReset: true,
      Site_Url: expect.stringMatching(/^https?:/),
    });
  });

  test('the id of the workspace comes in either form, and stays', async () => {
    const ids = await Promise.all(
      ['_id=uniqueID', `query=${encodeURIComponent('{"_id":"uniqueID"}')}`].map(
        async (query) => (await anonymous(`settings.public?${query}`)).body.settings[0].value,
      ),
    );
    expect(ids[0]).toEqual(expect.any(String));
    expect(ids[1]).toBe(ids[0]);
  });

  test('all other settings come by pages that end, whatever is asked for that does not exist', async () => {
    const wanted = [...FEATURE_SETTINGS, 'Jitsi_Enable_Teams', 'VoIP_TeamCollab_Nothing'];
    const found: Frame[] = [];
    let remaining = 1;
    // As the application: it would go on for ever where pages are empty and `total` is not reached.
    for (let page = 0; remaining > 0; page++) {
      expect(page).toBeLessThan(5);
      const { body } = await anonymous(`settings.public?_id=${wanted.join(',')}&offset=${found.length}`);
      expect(body.settings.length).toBeGreaterThan(0);
      found.push(...body.settings);
      remaining = body.total - found.length;
    }
    expect(found.map(({ _id }) => _id).sort()).toEqual([...FEATURE_SETTINGS].sort());
    expect(valuesOf(found)).toMatchObject({
      Hide_System_Messages: [],
      Assets_favicon_512: { defaultUrl: 'assets/favicon_512.png' },
      // What is missing counts as switched off.
      Threads_enabled: true,
      Message_AllowEditing: true,
      Message_AllowDeleting: true,
      Message_AllowPinning: true,
      Message_AllowStarring: true,
      Message_AudioRecorderEnabled: true,
      API_Use_REST_For_DDP_Calls: true,
      Presence_broadcast_disabled: false,
    });
  });
});

test('a login by another service comes with what its button and its address are made of', async () => {
  await server.admin.post('settings.addCustomOAuth', { name: 'corp' });
  const wanted = { '': true, '-url': 'https://id.example', '-id': 'client', '-secret': 'hush' };
  for (const [what, value] of Object.entries(wanted))
    await server.admin.post(`settings/Accounts_OAuth_Custom-Corp${what}`, { value });
  const services = async (path: string, list: string) =>
    (await server.anonymous.get(path, undefined, NOBODY)).body[list];
  const [service] = await services('settings.oauth', 'services');
  expect(service).toMatchObject({
    ...{ _id: expect.any(String), service: 'corp', custom: true, showButton: true, clientId: 'client' },
    ...{ serverURL: 'https://id.example', authorizePath: expect.any(String), scope: expect.any(String) },
    ...{ buttonLabelText: expect.any(String), buttonColor: expect.any(String) },
  });
  expect(await services('service.configurations', 'configurations')).toMatchObject([{ service: 'corp' }]);
  const socket = await DdpClient.connect(server.url);
  await socket.subscribe('meteor.loginServiceConfiguration');
  const added = socket.frames.filter(({ msg }) => msg === 'added');
  expect(added).toMatchObject([
    { collection: 'meteor_accounts_loginServiceConfiguration', id: service._id, fields: { service: 'corp' } },
  ]);
  expect(JSON.stringify([service, added])).not.toContain('hush');
  await server.admin.post('settings/Accounts_OAuth_Custom-Corp', { value: false });
  await socket.first(({ msg, id }) => msg === 'removed' && id === service._id);
  socket.close();
});

const valuesOf = (settings: Frame[]) => Object.fromEntries(settings.map(({ _id, value }) => [_id, value]));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One transparent pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('logging in', () => {
  const login = (body: object, headers = {}) =>
    server.anonymous.post('login', body, { ...NOBODY, ...headers });

  test('gives what the application keeps of its user, and the socket takes the token', async () => {
    const socket = await DdpClient.connect(server.url);
    const { status, body } = await login({ user: 'alice', password: alice.password });
    expect([status, body.status]).toEqual([200, 'success']);
    expect(body.data).toMatchObject({
      userId: alice.uid,
      authToken: expect.any(String),
      me: {
        _id: alice.uid,
        username: 'alice',
        name: 'alice',
        roles: ['user'],
        status: expect.any(String),
        emails: [{ address: 'alice@example.com', verified: true }],
        settings: { preferences: { alsoSendThreadToChannel: 'default' } },
      },
    });
    const result = await socket.call('login', { resume: body.data.authToken });
    expect(result).toEqual({
      id: alice.uid,
      token: body.data.authToken,
      tokenExpires: date,
      type: 'resume',
    });
    socket.close();
  });

  test('with a wrong password, an unknown token or a token that was revoked is told in words it knows', async () => {
    expect((await login({ user: 'alice', password: 'wrong' })).body).toMatchObject({
      status: 'error',
      error: 'Unauthorized',
      message: expect.any(String),
    });
    const resumed = await login({ resume: 'nobody-has-this' });
    expect(resumed.status).toBe(401);
    expect(resumed.body.message).toMatch(/you've been logged out by the server/i);
    const socket = await DdpClient.connect(server.url);
    await expect(socket.call('login', { resume: 'nobody-has-this' })).rejects.toMatchObject({
      error: 403,
      reason: "You've been logged out by the server. Please log in again.",
    });
    socket.close();
  });

  test('asks for a code with its method, and takes it both ways', async () => {
    const carol = await server.person('carol');
    const proof = { 'x-2fa-code': sha256(carol.password), 'x-2fa-method': 'password' };
    const { body: offer } = await carol.post('users.enableTotp', {}, proof);
    const code = (later = 0) =>
      new TOTP({ secret: offer.secret }).generate({ timestamp: Date.now() + later });
    expect((await carol.post('users.validateTotp', { code: code(-30_000) })).body).toMatchObject({
      success: true,
    });
    const asked = await login({ user: 'carol', password: carol.password });
    expect(asked.status).toBe(401);
    expect(asked.body).toMatchObject({
      status: 'error',
      error: 'totp-required',
      details: { method: 'totp', codeGenerated: false },
      message: expect.any(String),
    });
    const wrong = await login({
      totp: { login: { user: { username: 'carol' }, password: carol.password }, code: '1' },
    });
    expect([wrong.status, wrong.body.error]).toEqual([401, 'totp-invalid']);
    const given = { user: 'carol', password: carol.password, code: code() };
    const right = await login(given, { 'x-2fa-code': given.code, 'x-2fa-method': 'totp' });
    expect(right.body).toMatchObject({ status: 'success', data: { me: { username: 'carol' } } });
  });
});

/** Logs in over the socket, as the limit of logins by REST is used up; gives the credentials of requests. */
async function logInBySocket(user: object, password: string): Promise<{ uid: string; token: string }> {
  const socket = await DdpClient.connect(server.url);
  const { id: uid, token } = await socket.call('login', { user, password });
  socket.close();
  return { uid, token };
}

test('whoever has no name yet is asked for one, and then comes in', async () => {
  const socket = await DdpClient.connect(server.url);
  const form = { email: 'nameless@example.com', pass: 'nameless-password', name: 'No Name' };
  const uid = await socket.call('registerUser', form);
  socket.close();
  const { token } = await logInBySocket({ email: form.email }, form.pass);
  const headers = { 'x-user-id': uid, 'x-auth-token': token };
  const { body: me } = await server.anonymous.get('me', undefined, headers);
  expect(me).toMatchObject({ _id: uid, name: 'No Name', roles: ['user'], success: true });
  expect(me).not.toHaveProperty('username');
  const suggestion = await server.anonymous.get('users.getUsernameSuggestion', undefined, headers);
  expect(suggestion.body).toEqual({ result: expect.stringMatching(/^\S+$/), success: true });
  const data = { username: 'nameless' };
  const chosen = await server.anonymous.post('users.updateOwnBasicInfo', { data }, headers);
  expect(chosen.body).toMatchObject({ user: { _id: uid, username: 'nameless' }, success: true });
  const { body: mine } = await server.anonymous.get('subscriptions.get', undefined, headers);
  expect(mine.update).toMatchObject([{ rid: 'GENERAL', t: 'c' }]);
});

test('what the application shows of its user comes with `me`', async () => {
  const account = { username: 'dave', name: 'Dave', email: 'dave@example.com', password: 'dave-password' };
  await server.admin.post('users.create', { ...account, verified: true });
  const dave = await logInBySocket({ username: 'dave' }, account.password);
  await server.admin.post('users.update', { userId: dave.uid, data: { requirePasswordChange: true } });
  const proof = { 'x-2fa-code': sha256(account.password), 'x-2fa-method': 'password' };
  const headers = { 'x-user-id': dave.uid, 'x-auth-token': dave.token, ...proof };
  const data = { name: 'Dave D', nickname: 'dd', bio: 'climbs', statusText: 'up' };
  const updated = await server.anonymous.post('users.updateOwnBasicInfo', { data }, headers);
  expect(updated.body).toMatchObject({ success: true, user: { _id: dave.uid } });
  const preferences = { language: 'de', alsoSendThreadToChannel: 'always' };
  await server.anonymous.post('users.setPreferences', { data: preferences }, headers);
  const picture = { files: [{ name: 'a.png', type: 'image/png', bytes: PIXEL, field: 'image' }] };
  expect((await sendForm(server, dave, 'users.setAvatar', picture)).status).toBe(200);
  expect((await server.anonymous.get('me', undefined, headers)).body).toMatchObject({
    ...{ _id: dave.uid, username: 'dave', ...data, language: 'de', roles: ['user'] },
    ...{ avatarETag: expect.any(String), requirePasswordChange: true },
    settings: { preferences: { alsoSendThreadToChannel: 'always' } },
  });
});

describe('after login', () => {
  let app: DdpClient;
  beforeAll(async () => {
    app = await alice.ddp();
  });

  test('every subscription is answered, all sent in one burst', async () => {
    const user =
      'message notification rooms-changed subscriptions-changed uiInteraction e2ekeyRequest userData video-conference';
    const subs: [string, string][] = [
      ...user.split(' ').map((event): [string, string] => ['stream-notify-user', `${alice.uid}/${event}`]),
      // Off is off, but the application waits for an answer.
      ['stream-notify-user', `${alice.uid}/otr`],
      ['stream-notify-user', `${alice.uid}/webrtc`],
      ['stream-notify-logged', 'permissions-changed'],
      ['stream-roles', 'roles'],
      ['stream-notify-logged', 'updateAvatar'],
      ['stream-notify-logged', 'Users:NameChanged'],
      ['stream-notify-all', 'public-settings-changed'],
    ];
    for (const [n, [name, event]] of subs.entries()) {
      app.send({ msg: 'sub', id: `ddp-${n}`, name, params: [event, options(false)] });
    }
    for (const n of subs.keys()) {
      await app.first(({ msg, subs: ready }) => msg === 'ready' && ready[0] === `ddp-${n}`);
    }
  });

  test('everything that is fetched at the same time comes, in the shapes that are read', async () => {
    const since = encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString());
    const bodies = await Promise.all(
      [
        'subscriptions.get',
        'rooms.get',
        `subscriptions.get?updatedSince=${since}`,
        `rooms.get?updatedSince=${since}`,
        'permissions.listAll',
        `permissions.listAll?updatedSince=${since}`,
        'emoji-custom.list',
        `emoji-custom.list?updatedSince=${since}`,
        'roles.list',
        'commands.list',
        'roles.getUsersInPublicRoles',
        'e2e.fetchMyKeys',
        'push.info',
        `users.presence?ids=${alice.uid},${bob.uid}`,
      ].map(async (path) => {
        const { status, body } = await alice.get(path);
        expect([path, status, body.success]).toEqual([path, 200, true]);
        return body;
      }),
    );
    const [subscriptions, rooms, newer, newerRooms, permissions, newerPermissions, emoji, newerEmoji] =
      bodies;
    const [roles, commands, inRoles, keys, push, presence] = bodies.slice(8);

    for (const { update, remove } of [
      subscriptions,
      rooms,
      newer,
      newerRooms,
      permissions,
      newerPermissions,
    ]) {
      expect([Array.isArray(update), Array.isArray(remove)]).toEqual([true, true]);
    }
    for (const { emojis } of [emoji, newerEmoji]) expect(emojis).toEqual({ update: [], remove: [] });
    const own = subscriptions.update.find((subscription: Frame) => subscription.rid === rid);
    expect(own).toMatchObject({
      _id: id17,
      t: 'c',
      name: 'lobby',
      fname: 'lobby',
      open: true,
      alert: expect.any(Boolean),
      unread: expect.any(Number),
      ts: iso,
      _updatedAt: iso,
    });
    const ridsOf = ({ update }: Frame, key: string) => update.map((entry: Frame) => entry[key]).sort();
    expect(ridsOf(rooms, '_id')).toEqual(ridsOf(subscriptions, 'rid'));
    expect(rooms.update.find((room: Frame) => room._id === rid)).toMatchObject({
      t: 'c',
      name: 'lobby',
      usersCount: 2,
    });
    const permission = (name: string) => permissions.update.find(({ _id }: Frame) => _id === name);
    // Without it the application hides every way to send files.
    expect(permission('mobile-upload-file')).toMatchObject({ roles: expect.arrayContaining(['user']) });
    for (const name of [
      'create-c',
      'edit-message',
      'pin-message',
      'mention-all',
      'delete-own-message',
      'create-d',
    ])
      expect(permission(name)).toMatchObject({ _id: name, roles: expect.any(Array), _updatedAt: iso });
    expect(roles.roles).toContainEqual(expect.objectContaining({ _id: 'admin', description: 'Admin' }));
    const topic = commands.commands.find(({ command }: Frame) => command === 'topic');
    expect(topic).toMatchObject({ command: 'topic', params: expect.any(String), clientOnly: false });
    expect(inRoles.users).toContainEqual({ _id: server.admin.uid, username: 'root', roles: ['admin'] });
    expect(keys).toEqual({ success: true });
    expect(push).toEqual({
      pushGatewayEnabled: expect.any(Boolean),
      defaultPushGateway: true,
      success: true,
    });
    expect(presence).toMatchObject({
      full: false,
      users: [{ _id: alice.uid, username: 'alice', status: 'online' }],
    });
  });

  test('what is changed in the workspace is heard, in the shapes that are read', async () => {
    const { admin } = server;
    await admin.post('settings/Site_Name', { value: 'Here' });
    const [, setting] = await app.event('notify-all', 'public-settings-changed', ([, changed]) =>
      String(changed?._id).endsWith('Site_Name'),
    );
    expect(setting).toMatchObject({ _id: 'Site_Name', value: 'Here' });
    const permissions = [{ _id: 'pin-message', roles: ['admin', 'owner', 'moderator', 'user'] }];
    await admin.post('permissions.update', { permissions });
    const heard = await app.event('notify-logged', 'permissions-changed');
    expect(heard).toMatchObject(['updated', { ...permissions[0], _updatedAt: date }]);
    const since = { updatedSince: new Date(heard[1]?._updatedAt.$date - 1).toISOString() };
    expect((await alice.get('permissions.listAll', since)).body).toMatchObject({
      update: [{ ...permissions[0], _updatedAt: iso }],
      remove: [],
    });
    const { body } = await admin.post('roles.create', { name: 'crew', scope: 'Users', description: 'Crew' });
    const [role] = await app.event('roles', 'roles');
    expect(role).toMatchObject({ type: 'changed', _id: body.role._id, description: 'Crew' });
    const picture = { files: [{ name: 'a.png', type: 'image/png', bytes: PIXEL, field: 'image' }] };
    await sendForm(server, bob, 'users.setAvatar', picture);
    const [avatar] = await app.event('notify-logged', 'updateAvatar');
    expect(avatar).toEqual({ username: 'bob', etag: expect.any(String) });
    const proof = { 'x-2fa-code': sha256(bob.password), 'x-2fa-method': 'password' };
    await bob.post('users.updateOwnBasicInfo', { data: { name: 'Bobby' } }, proof);
    const [named] = await app.event('notify-logged', 'Users:NameChanged');
    expect(named).toEqual({ _id: bob.uid, name: 'Bobby', username: 'bob' });
    await bob.post('users.updateOwnBasicInfo', { data: { name: 'bob' } }, proof);
  });

  test('presence is watched, the first time with ready, later with nosub, and heard with the user as id', async () => {
    app.send({
      msg: 'sub',
      id: 'presence-1',
      name: 'stream-user-presence',
      params: ['', { added: [alice.uid] }],
    });
    await app.first(({ msg, subs }) => msg === 'ready' && subs[0] === 'presence-1');
    app.send({
      msg: 'sub',
      id: 'presence-2',
      name: 'stream-user-presence',
      params: ['', { added: [bob.uid] }],
    });
    const answer = await app.first(({ msg, id }) => msg === 'nosub' && id === 'presence-2');
    expect(answer).not.toHaveProperty('error');
    await bob.post('users.setStatus', { status: 'busy', message: 'in a call' });
    (await bob.ddp()).close();
    const heard = await app.first(
      ({ collection, id }) => collection === 'stream-user-presence' && id === bob.uid,
    );
    expect(heard.fields).toMatchObject({
      uid: bob.uid,
      args: [['bob', expect.any(Number), 'in a call', 'manual']],
    });
  });

  test('a device registers for messages it will not get, and goes with the logout', async () => {
    const device = {
      value: 'token-of-the-phone',
      type: 'apn',
      appName: 'chat.rocket.reactnative',
      id: 'abc',
    };
    const { body } = await alice.post('push.token', { ...device, voipToken: 'voip' });
    expect(body).toMatchObject({
      success: true,
      result: { _id: 'abc', token: { apn: device.value }, appName: device.appName, userId: alice.uid },
    });
    // Before 8.0 without an id; the same device is the same record.
    const { id: _id, ...older } = device;
    expect((await alice.post('push.token', older)).body).toMatchObject({
      success: true,
      result: { _id: 'abc' },
    });
    const other = { value: 'token-of-another', type: 'gcm', appName: 'chat.rocket.android' };
    expect((await alice.post('push.token', other)).body).toMatchObject({
      success: true,
      result: { token: { gcm: other.value } },
    });
    expect((await alice.delete('push.token', { token: device.value })).body).toEqual({ success: true });
  });

  test('the methods go through the bridge, and say where the user is over the socket', async () => {
    expect(await bridged(alice, 'license:getModules')).toEqual([]);
    expect(await app.call('UserPresence:away')).toBe(true);
    expect(await app.call('UserPresence:online')).toBe(true);
    expect(await app.call('setUserStatus', 'online', 'here')).toBeUndefined();
    expect(await bridged(alice, 'getUserRoles')).toEqual([
      { _id: server.admin.uid, username: 'root', roles: ['admin'] },
    ]);
  });

  test('an unknown subscription of an old version is refused without closing anything', async () => {
    await expect(app.subscribe('activeUsers')).rejects.toMatchObject({ error: 404 });
    await app.barrier();
  });
});

/** `POST method.call/<name>`, with the envelope that the application makes and opens. */
async function bridged(person: Person, method: string, ...params: unknown[]): Promise<unknown> {
  const message = JSON.stringify({ msg: 'method', id: '17', method, params });
  const { status, body } = await person.post(
    `method.call/${encodeURIComponent(method.replaceAll('/', ':'))}`,
    {
      message,
    },
  );
  expect([status, body.success]).toEqual([200, true]);
  const answer = JSON.parse(body.message) as Frame;
  expect(answer).toMatchObject({ msg: 'result', id: '17' });
  if (answer.error) throw Object.assign(new Error(method), answer.error);
  return answer.result;
}

describe('in a room', () => {
  let app: DdpClient;
  let other: DdpClient;
  beforeAll(async () => {
    [app, other] = [await alice.ddp(), await bob.ddp()];
    await app.subscribe('stream-room-messages', rid, options(rid));
    for (const event of ['user-activity', 'deleteMessage', 'deleteMessageBulk', 'messagesRead']) {
      await app.subscribe('stream-notify-room', `${rid}/${event}`, options(rid));
    }
    for (const event of ['subscriptions-changed', 'rooms-changed', 'notification']) {
      await app.subscribe('stream-notify-user', `${alice.uid}/${event}`, options(false));
    }
    await other.subscribe('stream-notify-room', `${rid}/user-activity`, options(rid));
  });

  test('a message keeps the id it was sent with, and its author hears it', async () => {
    const _id = 'aB3dE5fG7hJ9kL2mN';
    const message = { _id, rid, msg: 'from the phone', tshow: false };
    const { body } = await alice.post('chat.sendMessage', { message });
    expect(body).toMatchObject({ success: true, message: { _id, rid, msg: 'from the phone', ts: iso } });
    const [heard] = await app.event('room-messages', rid, ([first]) => first?._id === _id);
    expect(heard).toMatchObject({
      msg: 'from the phone',
      ts: date,
      _updatedAt: date,
      u: { _id: alice.uid, username: 'alice', name: 'alice' },
      md: expect.any(Array),
      urls: [],
      mentions: [],
      channels: [],
    });
  });

  test('others are heard, with the room, the subscription and a notification', async () => {
    const { body } = await bob.post('chat.sendMessage', { message: { rid, msg: 'hi @alice' } });
    const { _id, ts } = body.message;
    await app.event('room-messages', rid, ([first]) => first?._id === _id);
    await app.event(
      'notify-user',
      `${alice.uid}/rooms-changed`,
      ([action, room]) => String(action) === 'updated' && room?.lastMessage?._id === _id,
    );
    const [, subscription] = await app.event(
      'notify-user',
      `${alice.uid}/subscriptions-changed`,
      ([, document]) => document?.rid === rid && document.unread > 0,
    );
    expect(subscription).toMatchObject({ alert: true, userMentions: 1, ts: date, _updatedAt: date });
    const [notification] = await app.event('notify-user', `${alice.uid}/notification`);
    expect(notification).toMatchObject({
      title: '#lobby',
      text: 'bob: hi @alice',
      payload: {
        _id,
        rid,
        type: 'c',
        name: 'lobby',
        sender: { username: 'bob' },
        message: { msg: 'hi @alice' },
      },
    });
    expect((await alice.post('subscriptions.read', { rid })).body).toEqual({ success: true });
    await app.event(
      'notify-user',
      `${alice.uid}/subscriptions-changed`,
      ([, document]) => document?.rid === rid && document.unread === 0 && !document.alert,
    );
    expect((await alice.post('subscriptions.unread', { firstUnreadMessage: { _id } })).body).toEqual({
      success: true,
    });
    const [, unread] = await app.event(
      'notify-user',
      `${alice.uid}/subscriptions-changed`,
      ([, document]) => document?.rid === rid && document.ls?.$date === Date.parse(ts) - 1,
    );
    expect(unread).toMatchObject({ unread: 1, alert: true, open: true });
  });

  test('typing goes to the other phone only', async () => {
    const typing = ['alice', ['user-typing'], { tmid: undefined }];
    await app.call('stream-notify-room', `${rid}/user-activity`, ...typing);
    await app.call('stream-notify-room', `${rid}/user-activity`, 'alice', []);
    expect(await other.event('notify-room', `${rid}/user-activity`)).toMatchObject([
      'alice',
      ['user-typing'],
      {},
    ]);
    await other.event('notify-room', `${rid}/user-activity`, ([, activities]) => activities?.length === 0);
    expect(app.events('notify-room', `${rid}/user-activity`)).toEqual([]);
  });

  test('what happened while the phone slept comes by cursor, and as older versions ask for it', async () => {
    const before = Date.now() - 60_000;
    const { body: sent } = await bob.post('chat.sendMessage', { message: { rid, msg: 'to be deleted' } });
    await bob.post('chat.delete', { roomId: rid, msgId: sent.message._id });
    await app.event('notify-room', `${rid}/deleteMessage`, ([first]) => first?._id === sent.message._id);
    const sync = async (query: string) => (await alice.get(`chat.syncMessages?roomId=${rid}&${query}`)).body;
    const updated = await sync(`next=${before}&count=50&type=UPDATED`);
    expect(updated).toMatchObject({ success: true, result: { cursor: { next: null } } });
    expect(updated.result.cursor).toHaveProperty('previous');
    expect(updated.result.updated[0]).toMatchObject({ _id: id17, rid, ts: iso, _updatedAt: iso });
    const deleted = await sync(`next=${before}&count=50&type=DELETED`);
    expect(deleted.result.deleted).toContainEqual({ _id: sent.message._id, _deletedAt: iso });
    const old = await sync(`lastUpdate=${encodeURIComponent(new Date(before).toISOString())}`);
    expect(old.result).toMatchObject({
      updated: expect.any(Array),
      deleted: [{ _id: sent.message._id, _deletedAt: iso }],
    });
  });

  test('history, members, roles, files and counters of the room are there', async () => {
    const get = async (path: string) => {
      const { status, body } = await alice.get(path);
      expect([path, status, body.success]).toEqual([path, 200, true]);
      return body;
    };
    const history = await get(`channels.history?roomId=${rid}&count=50&showThreadMessages=false`);
    expect(history.messages[0]).toMatchObject({ rid, ts: iso, u: { username: expect.any(String) } });
    const latest = encodeURIComponent(history.messages[0].ts);
    const older = await get(
      `channels.history?roomId=${rid}&count=50&showThreadMessages=false&latest=${latest}`,
    );
    expect(older.messages).toHaveLength(history.messages.length - 1);
    expect((await get(`rooms.info?roomId=${rid}`)).room).toMatchObject({ _id: rid, t: 'c', name: 'lobby' });
    expect((await get(`channels.roles?roomId=${rid}`)).roles).toMatchObject([
      { roles: ['owner'], u: { _id: alice.uid } },
    ]);
    const members = await get(`channels.members?roomId=${rid}&offset=0&count=50&status[]=online&filter=al`);
    expect(members).toMatchObject({ members: [{ _id: alice.uid, username: 'alice' }], total: 1 });
    expect((await get(`channels.files?roomId=${rid}&offset=0&sort={"uploadedAt":-1}`)).files).toEqual([]);
    expect(await get(`channels.counters?roomId=${rid}`)).toMatchObject({ members: 2, joined: true });
    const pinned = await get(`channels.messages?roomId=${rid}&pinned=true&count=50&offset=0&sort={"ts":-1}`);
    expect(pinned.messages).toEqual([]);
    const mentions = await get(`channels.messages?roomId=${rid}&mentionIds=${alice.uid}&count=50`);
    expect(mentions.messages).toMatchObject([{ msg: 'hi @alice' }]);
  });

  test('groups and direct rooms are opened as channels are', async () => {
    const { body: made } = await alice.post('groups.create', { name: 'inner', members: ['bob'] });
    const { body: talk } = await alice.post('im.create', { username: 'bob' });
    for (const [type, roomId] of [
      ['groups', made.group._id],
      ['im', talk.room._id],
    ]) {
      const read = async (path: string) => {
        const { status, body } = await alice.get(`${type}.${path}`);
        expect([type, path, status, body.success]).toEqual([type, path, 200, true]);
        return body;
      };
      await alice.post('chat.sendMessage', { message: { rid: roomId, msg: `in ${type}` } });
      const history = await read(`history?roomId=${roomId}&count=50&showThreadMessages=false`);
      expect(history.messages[0]).toMatchObject({ msg: `in ${type}`, ts: iso });
      const members = await read(`members?roomId=${roomId}&offset=0&count=25`);
      expect(members.members.map(({ username }: Frame) => username).sort()).toEqual(['alice', 'bob']);
      expect(members).toMatchObject({ total: 2, offset: 0 });
      expect(await read(`files?roomId=${roomId}`)).toMatchObject({ files: [], total: 0 });
      expect(await read(`counters?roomId=${roomId}`)).toMatchObject({ joined: true, members: 2 });
      const marked = await read(`messages?roomId=${roomId}&starredIds=${alice.uid}&count=50`);
      expect(marked.messages).toEqual([]);
    }
    expect((await alice.get(`groups.roles?roomId=${made.group._id}`)).body.roles).toMatchObject([
      { u: { _id: alice.uid }, roles: ['owner'] },
    ]);
    expect((await alice.get(`rooms.info?roomId=${talk.room._id}`)).body.room).toMatchObject({
      ...{ _id: [alice.uid, bob.uid].sort().join(''), t: 'd', usersCount: 2 },
      uids: [alice.uid, bob.uid].sort(),
      usernames: ['alice', 'bob'],
    });
    // The list of rooms shows a direct room by the names in the subscription.
    const { body: own } = await alice.get(`subscriptions.getOne?roomId=${talk.room._id}`);
    expect(own.subscription).toMatchObject({ t: 'd', name: 'bob', fname: 'bob', open: true });
    const blocked = { rid: talk.room._id, blocked: bob.uid };
    expect(await bridged(alice, 'blockUser', blocked)).toBe(true);
    expect(
      (await bob.post('chat.sendMessage', { message: { rid: talk.room._id, msg: 'x' } })).body,
    ).toMatchObject({
      success: false,
      error: 'room_is_blocked',
    });
    expect(await bridged(alice, 'unblockUser', blocked)).toBe(true);
  });

  test('what is pruned is told with lists that can be walked through', async () => {
    const { body } = await alice.post('groups.create', { name: 'pruned', members: ['bob'] });
    const roomId = body.group._id as string;
    await app.subscribe('stream-notify-room', `${roomId}/deleteMessageBulk`, options(roomId));
    await alice.post('chat.sendMessage', { message: { rid: roomId, msg: 'old' } });
    const span = { latest: new Date().toISOString(), oldest: new Date(0).toISOString(), inclusive: true };
    expect((await server.admin.post('groups.invite', { roomId, userId: server.admin.uid })).status).toBe(400);
    await alice.post('groups.invite', { roomId, userId: server.admin.uid });
    expect((await server.admin.post('rooms.cleanHistory', { roomId, ...span })).body).toMatchObject({
      success: true,
    });
    const [bulk] = await app.event('notify-room', `${roomId}/deleteMessageBulk`);
    expect(bulk).toMatchObject({ rid: roomId, users: [], ts: expect.any(Object) });
  });

  test('a picture goes up in two steps and comes down with the credentials in the address', async () => {
    const file = { name: 'photo.png', type: 'image/png', bytes: PIXEL };
    const { body } = await sendForm(server, alice, `rooms.media/${rid}`, { files: [file] });
    expect(body).toMatchObject({
      success: true,
      file: { _id: id17, url: expect.stringContaining('/file-upload/') },
    });
    const confirmed = await alice.post(`rooms.mediaConfirm/${rid}/${body.file._id}`, {
      msg: 'look',
      description: '',
    });
    expect(confirmed.body).toMatchObject({
      success: true,
      message: { rid, msg: 'look', file: { _id: body.file._id } },
    });
    const [attachment] = confirmed.body.message.attachments;
    expect(attachment).toMatchObject({ title_link: expect.any(String), image_url: expect.any(String) });
    const path = new URL(attachment.title_link, server.url).pathname;
    const down = await fetchFile(server, alice, path);
    expect([down.status, down.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect((await fetchFile(server, undefined, path)).status).toBe(403);
    // The answer was lost, and the application sends it once more: the same message.
    const again = await alice.post(`rooms.mediaConfirm/${rid}/${body.file._id}`, { msg: 'look' });
    expect(again.body).toMatchObject({ success: true, message: { _id: confirmed.body.message._id } });
    // Versions before 6.10.
    const old = await sendForm(server, alice, `rooms.upload/${rid}`, {
      files: [file],
      fields: { msg: 'older' },
    });
    expect(old.body).toMatchObject({ success: true, message: { msg: 'older' } });
  });

  test.each([['/avatar/alice'], ['/avatar/room/'], ['/avatar/nobody-of-this-name']])(
    'pictures are PNG when that is asked for: %s',
    async (path) => {
      const whole = path.endsWith('/') ? `${path}${rid}` : path;
      const { status, headers, bytes } = await fetchFile(server, alice, `${whole}?format=png&size=100`);
      expect([status, headers.get('content-type')]).toEqual([200, 'image/png']);
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    },
  );

  test('a picture of its own has an address that changes with it, and is kept by the application', async () => {
    const picture = { files: [{ name: 'a.png', type: 'image/png', bytes: PIXEL, field: 'image' }] };
    await sendForm(server, alice, 'users.setAvatar', picture);
    const { body } = await alice.get(`users.info?userId=${alice.uid}`);
    const path = `/avatar/alice?format=png&size=100&etag=${body.user.avatarETag}`;
    const first = await fetchFile(server, alice, path);
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(first.headers.get('cache-control')).toBe('public, max-age=3600');
    expect(first.headers.get('etag')).toBeNull();
    const seen = { 'if-modified-since': first.headers.get('last-modified') ?? '' };
    expect((await fetchFile(server, alice, path, seen)).status).toBe(304);
    expect((await fetchFile(server, undefined, path)).bytes.equals(first.bytes)).toBe(false);
    const room = await bridged(alice, 'saveRoomSettings', rid, {
      roomAvatar: `data:image/png;base64,${PIXEL.toString('base64')}`,
    });
    expect(room).toEqual({ result: true, rid });
    const [, changed] = await app.event(
      'notify-user',
      `${alice.uid}/rooms-changed`,
      ([, document]) => document?._id === rid && document.avatarETag !== undefined,
    );
    const own = await fetchFile(server, alice, `/avatar/room/${rid}?format=png&etag=${changed?.avatarETag}`);
    expect([own.status, own.headers.get('content-type')]).toEqual([200, 'image/png']);
  });

  test('the methods that it still calls answer in the shapes that it reads', async () => {
    const { body } = await alice.post('chat.sendMessage', { message: { rid, msg: 'a thread' } });
    const tmid = body.message._id as string;
    await bob.post('chat.sendMessage', { message: { rid, msg: 'a reply', tmid } });
    const found = (await bridged(alice, 'spotlight', 'bo', ['alice'], { users: true, rooms: true })) as Frame;
    expect(found).toMatchObject({
      users: [{ _id: bob.uid, username: 'bob', name: 'bob', status: expect.any(String) }],
    });
    const around = (await bridged(alice, 'loadSurroundingMessages', { _id: tmid, rid }, 50)) as Frame;
    expect(around).toMatchObject({ moreBefore: false, moreAfter: false });
    expect(around.messages).toContainEqual(expect.objectContaining({ _id: tmid, ts: date }));
    const next = (await bridged(alice, 'loadNextMessages', rid, { $date: 0 }, 50)) as Frame;
    expect(next.messages[0].ts.$date).toBeLessThanOrEqual(next.messages.at(-1).ts.$date);
    const thread = await bridged(alice, 'getThreadMessages', { tmid, limit: 50, skip: 0 });
    expect(thread).toMatchObject([
      { _id: tmid, tcount: 1 },
      { msg: 'a reply', tmid },
    ]);
    expect(await bridged(alice, 'readThreads', tmid)).toBeUndefined();
    expect(await bridged(alice, 'getRoomByTypeAndName', 'c', 'lobby')).toMatchObject({ _id: rid, t: 'c' });
    expect(await bridged(alice, 'saveRoomSettings', rid, { roomTopic: 'news' })).toEqual({
      result: true,
      rid,
    });
    expect(await bridged(alice, 'addUsersToRoom', { rid, users: ['bob'] })).toBe(true);
    expect(await bridged(alice, 'e2e.requestSubscriptionKeys')).toBe(true);
    expect(await bridged(alice, 'getUsersOfRoom', rid, true, { limit: 50 }, '')).toMatchObject({
      total: 2,
      records: expect.arrayContaining([expect.objectContaining({ _id: bob.uid, username: 'bob' })]),
    });
    const mute = { rid, username: 'bob' };
    await bridged(alice, 'muteUserInRoom', mute);
    expect((await alice.get(`rooms.info?roomId=${rid}`)).body.room.muted).toEqual(['bob']);
    expect((await alice.post('rooms.unmuteUser', { roomId: rid, userId: bob.uid })).body).toMatchObject({
      success: true,
    });
    const signal = { action: 'call', params: { callId: 'none', uid: alice.uid, rid } };
    expect(await app.call('stream-notify-user', `${bob.uid}/video-conference`, signal)).toBeUndefined();
    expect(await app.call('stream-notify-room-users', `${rid}/e2ekeyRequest`, rid, 'key')).toBeUndefined();
    await expect(bridged(alice, 'noSuchMethod')).rejects.toMatchObject({ error: 404, isClientSafe: true });
  });

  test('the directory answers in the forms of before 7.0 and after', async () => {
    const found = async (query: string) => {
      const { body } = await alice.get(`directory?${query}&count=50&offset=0`);
      expect(body).toMatchObject({ success: true, count: 1, total: 1, offset: 0 });
      return body.result;
    };
    const old = (type: string, text: string) =>
      `query=${encodeURIComponent(JSON.stringify({ type, text, workspace: 'local' }))}`;
    const sort = `sort=${encodeURIComponent('{"usersCount":-1}')}`;
    const channel = { _id: rid, t: 'c', name: 'lobby', usersCount: 2 };
    expect(await found(`${old('channels', 'lobby')}&${sort}`)).toMatchObject([channel]);
    expect(await found(`type=channels&text=lobby&workspace=local&${sort}`)).toMatchObject([channel]);
    const person = { _id: bob.uid, username: 'bob', name: 'bob' };
    expect(await found(old('users', 'bob'))).toMatchObject([person]);
    expect(await found('type=users&text=bob&workspace=local')).toMatchObject([person]);
  });

  test('a type of room that it does not know yields an address that does not exist, in JSON', async () => {
    const { status, body } = await alice.get(`undefined.members?roomId=${rid}`);
    expect([status, body]).toEqual([404, { success: false, error: 'Resource not found' }]);
  });

  test('leaving ends the subscription with the room it was of', async () => {
    const { body } = await alice.post('channels.create', { name: 'for-a-while', members: ['bob'] });
    await alice.post('channels.addOwner', { roomId: body.channel._id, userId: bob.uid });
    expect((await alice.post('rooms.leave', { roomId: body.channel._id })).body.success).toBe(true);
    const [, removed] = await app.event(
      'notify-user',
      `${alice.uid}/subscriptions-changed`,
      ([action, document]) => String(action) === 'removed' && document?.rid === body.channel._id,
    );
    expect(removed).toMatchObject({ _id: id17, rid: body.channel._id, t: 'c', u: { _id: alice.uid } });
  });
});

test.each(['/channel/lobby', '/group/none?msg=abc', '/direct/rid', '/channel/lobby/thread/abc'])(
  'a link to a room that is opened in a browser leads into the application: %s',
  async (path) => {
    const page = await fetch(`${server.url}${path}`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const opener = `https://go.rocket.chat/room?host=localhost%3A3000&amp;path=${encodeURIComponent(path.slice(1))}`;
    const html = await page.text();
    expect(html).toContain(`<a href="${opener}">`);
    expect(html).toContain(`<code>http://localhost:3000${path}</code>`);
  },
);

test('nothing that stands in such a link gets into the page as HTML', async () => {
  const page = await fetch(`${server.url}/channel/x?msg="><script>alert(1)</script>`);
  expect(await page.text()).not.toContain('<script>');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('whatever a usable application needs exists (spec 41 §2.6)', async () => {
  const needed = `POST login, POST logout, GET settings.public, GET settings.oauth, GET permissions.listAll,
    GET subscriptions.get, POST subscriptions.read, GET rooms.get, POST rooms.media/x, POST rooms.mediaConfirm/x/y,
    POST rooms.upload/x, POST rooms.saveNotification, POST im.create, GET im.history, GET im.files, POST groups.create,
    GET groups.history, GET groups.members, GET groups.files, GET directory, POST chat.sendMessage, POST chat.update,
    GET chat.getMessage, GET chat.syncMessages, GET users.presence, GET users.info, POST users.setStatus, POST push.token,
    POST e2e.setRoomKeyID, GET e2e.getUsersOfRoomWithoutKey, POST method.call/loadSurroundingMessages`.split(
    /,\s+/,
  );
  const missing = [];
  for (const line of needed) {
    const [method = '', path = ''] = line.split(' ');
    // Without a body or credentials: anything but "there is no such thing" will do.
    const { status } = await fetch(`${server.url}/api/v1/${path}`, { method });
    if (status === 404 || status === 405) missing.push(line);
  }
  expect(missing).toEqual([]);
});

test('logging out ends the token on the socket, too', async () => {
  const socket = await bob.ddp();
  expect((await bob.post('logout')).body).toMatchObject({ status: 'success' });
  // Never with 4000: the application takes that for its own doing and does not come back.
  expect((await socket.closed).code).toBe(1000);
  expect((await bob.get('me')).status).toBe(401);
});
