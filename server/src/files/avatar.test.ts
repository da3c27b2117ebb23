import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../test/support/ddp-client.ts';
import { fetchFile, sendForm } from '../../test/support/files.ts';
import {
  coded,
  NO_USER,
  NO_USER_PARAM,
  NOT_LOGGED_IN,
  plain,
  withPermission,
} from '../../test/support/rooms.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;
let pictures: Server;
let origin: string;
let served = { status: 200, type: 'image/png', body: Buffer.alloc(0) };

const picture = (background: string, width = 300, height = 200, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background } });
const dataUri = async (background: string) =>
  `data:image/png;base64,${(await picture(background).png().toBuffer()).toString('base64')}`;

beforeAll(async () => {
  pictures = createServer((_, response) => {
    response.writeHead(served.status, { 'content-type': served.type }).end(served.body);
  });
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`;
  server = await startServer({ outboundAllow: ['127.0.0.1'] });
  [alice, bob] = await Promise.all([
    server.person('alice'),
    server.person('bob', { name: 'Bob der Baumeister' }),
  ]);
});
afterAll(async () => {
  pictures.close();
  await server.close();
});

const show = (path: string, person: Person | 'stranger' = bob, headers = {}) =>
  fetchFile(server, person === 'stranger' ? undefined : person, path, headers);
const etagOf = async (person: Person) => (await person.get('me')).body.avatarETag;
const set = async (id: string, value: unknown) =>
  expect(await server.admin.post(`settings/${id}`, { value })).toMatchObject({ status: 200 });

describe('letters', () => {
  it('are shown for who has no picture', async () => {
    const { status, headers, bytes } = await show('/avatar/alice');
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/svg+xml',
      'cache-control': 'public, max-age=3600',
      'content-disposition': 'inline',
      'last-modified': 'Thu, 01 Jan 2015 00:00:00 GMT',
    });
    expect(headers.get('etag')).toBeNull();
    const svg = bytes.toString();
    expect(svg).toContain('viewBox="0 0 200 200"');
    // Five letters: the last of the six colours.
    expect(svg).toContain('<rect width="100%" height="100%" fill="#6C727A"/>');
    expect(svg).toMatch(/font-size="125"[^>]*>A<\/text>/);
    const again = await show('/avatar/alice', bob, { 'if-modified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' });
    expect(again.status).toBe(304);
  });

  it.each([
    ['nobody', '#158D65', 'N'],
    ['@zed', '#E26D0E', 'Z'],
    ['%3F', '#000', ''],
    ['%3Csvg%3E', '#6C727A', 'S'],
    ['%D0%96', '#7F1B9F', ''],
  ])('of %s', async (name, colour, letter) => {
    const svg = (await show(`/avatar/${name}`)).bytes.toString();
    expect(svg).toContain(`fill="${colour}"`);
    expect(svg).toMatch(new RegExp(`>${letter}</text>`));
  });

  it('come as a bitmap and in a size for those who ask', async () => {
    const png = await show('/avatar/alice?format=png&size=50');
    expect(png.headers.get('content-type')).toBe('image/png');
    const { data, info } = await sharp(png.bytes).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 50, height: 50 });
    // The ground in the corner, and something white on it.
    expect([...data.subarray(0, 3)]).toEqual([0x6c, 0x72, 0x7a]);
    expect(data.includes(Buffer.from([255, 255, 255]))).toBe(true);
    const jpeg = await show('/avatar/alice?format=jpg&size=9999');
    expect(await sharp(jpeg.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 1024 });
    expect((await show('/avatar/alice?size=1')).bytes.toString()).toContain('viewBox="0 0 16 16"');
    expect((await show('/avatar/alice?size=x&cacheTime=60')).headers.get('cache-control')).toBe(
      'public, max-age=60',
    );
  });

  it('are the initials of the real name where the workspace wants that', async () => {
    await set('UI_Use_Name_Avatar', true);
    expect((await show('/avatar/bob')).bytes.toString()).toMatch(/font-size="80"[^>]*>BDB<\/text>/);
    expect((await show(`/avatar/uid/${bob.uid}`)).bytes.toString()).toContain('>BDB</text>');
    const painted = await show('/avatar/bob?format=png');
    expect(await sharp(painted.bytes).metadata()).toMatchObject({ format: 'png', width: 200 });
    await set('UI_Use_Name_Avatar', false);
  });

  it('by id; an unknown id is missing', async () => {
    expect((await show(`/avatar/uid/${alice.uid}`)).bytes.toString()).toContain('>A</text>');
    expect((await show('/avatar/uid/unknown')).status).toBe(404);
    expect((await show('/avatar/room/unknown')).status).toBe(404);
  });
});

describe('an uploaded picture', () => {
  const upload = async (person: Person, fields = {}, background = '#ff0000') =>
    sendForm(server, person, 'users.setAvatar', {
      fields,
      files: [
        {
          field: 'image',
          name: 'me.png',
          type: 'image/png',
          bytes: await picture(background).png().toBuffer(),
        },
      ],
    });

  it('is shown, and everybody hears of it', async () => {
    const socket = await bob.ddp();
    await socket.subscribe('stream-notify-logged', 'updateAvatar');
    const own = await alice.ddp();
    await own.subscribe('stream-notify-user', `${alice.uid}/userData`);
    expect(await upload(alice)).toMatchObject({ status: 200, body: { success: true } });
    const etag = await etagOf(alice);
    expect(etag).toMatch(/^\w{8}$/);
    expect(await socket.event('notify-logged', 'updateAvatar')).toEqual([{ username: 'alice', etag }]);
    // That she is online is told in a document of its own, sooner or later.
    const ofPicture = ([{ diff } = {}]: Frame[]) => 'avatarETag' in diff;
    expect(await own.event('notify-user', `${alice.uid}/userData`, ofPicture)).toMatchObject([
      { type: 'updated', id: alice.uid, diff: { avatarETag: etag, avatarOrigin: 'rest' } },
    ]);

    for (const path of ['/avatar/alice', `/avatar/uid/${alice.uid}`]) {
      const { headers, bytes } = await show(`${path}?format=jpg&size=20&etag=${etag}`);
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-type': 'image/png',
        'content-length': String(bytes.length),
        'cache-control': 'public, max-age=3600',
        'content-disposition': 'inline',
        'content-security-policy': "default-src 'none'",
        'last-modified': expect.any(String),
      });
      expect(headers.get('etag')).toBeNull();
      expect(await sharp(bytes).metadata()).toMatchObject({ width: 200, height: 200 });
      const since = headers.get('last-modified') ?? '';
      expect((await show(path, bob, { 'if-modified-since': since })).status).toBe(304);
    }
    // The look-up is exact.
    expect((await show('/avatar/Alice')).headers.get('content-type')).toBe('image/svg+xml');
  });

  it('is not shown to who is not logged in, unless the workspace is open', async () => {
    const letters = await show('/avatar/alice', 'stranger');
    expect([letters.status, letters.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    const byHeaders = await show('/avatar/alice', 'stranger', {
      'x-user-id': bob.uid,
      'x-auth-token': bob.token,
    });
    expect(byHeaders.headers.get('content-type')).toBe('image/svg+xml');
    const byCookie = await show('/avatar/alice', 'stranger', {
      cookie: `rc_uid=${bob.uid}; rc_token=${bob.token}`,
    });
    expect(byCookie.headers.get('content-type')).toBe('image/png');
    await set('Accounts_AvatarBlockUnauthenticatedAccess', false);
    expect((await show('/avatar/alice', 'stranger')).headers.get('content-type')).toBe('image/png');
    await set('Accounts_AvatarBlockUnauthenticatedAccess', true);
  });

  it('replaces the one before; a reset brings the letters back', async () => {
    const before = await etagOf(alice);
    await upload(alice, { service: 'upload' }, '#0000ff');
    const etag = await etagOf(alice);
    expect(etag).not.toBe(before);
    const { ctx } = server.server;
    const rows = await ctx.db.selectFrom('files').selectAll().where('uid', '=', alice.uid).execute();
    expect(rows).toMatchObject([{ kind: 'avatar', rid: null }]);

    const socket = await bob.ddp();
    await socket.subscribe('stream-notify-logged', 'updateAvatar');
    const seen = (await show('/avatar/alice')).headers.get('last-modified') ?? '';
    expect((await alice.post('users.resetAvatar', { userId: alice.uid })).body).toEqual({ success: true });
    // Letters are older than the picture was, and yet something else.
    const after = await show('/avatar/alice', bob, { 'if-modified-since': seen });
    expect([after.status, after.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(await socket.event('notify-logged', 'updateAvatar')).toEqual([{ username: 'alice' }]);
    expect(await etagOf(alice)).toBeUndefined();
    expect((await show('/avatar/alice')).headers.get('content-type')).toBe('image/svg+xml');
  });

  it('that is transparent in places is shown whole', async () => {
    const bytes = await picture('#00ff0080', 300, 100, 4).webp().toBuffer();
    await sendForm(server, alice, 'users.setAvatar', {
      files: [{ field: 'image', type: 'image/webp', bytes }],
    });
    const shown = await sharp((await show('/avatar/alice')).bytes)
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(shown.info).toMatchObject({ width: 200, height: 200 });
    expect(shown.data[3]).toBe(0);
  });

  it('goes with the account', async () => {
    const dora = await server.person('dora');
    await upload(dora);
    await server.admin.post('users.delete', { userId: dora.uid });
    const rows = await server.server.ctx.db.selectFrom('files').select('uid').execute();
    expect(rows.map(({ uid }) => uid)).not.toContain(dora.uid);
  });

  it.each<[string, object, number, object]>([
    ['without a picture', { fields: { userId: 'x' } }, 400, plain("The 'image' param is required")],
    ['under another name', { files: [{ bytes: 'x' }] }, 400, { errorType: 'invalid-field' }],
    [
      'that is none',
      { files: [{ field: 'image', type: 'image/png', name: 'a.png', bytes: 'x' }] },
      400,
      coded('error-invalid-image', 'Invalid image'),
    ],
    [
      'of somebody unknown',
      { fields: { username: 'nobody' }, files: [{ field: 'image', bytes: 'x' }] },
      400,
      NO_USER,
    ],
    [
      'of somebody else',
      { fields: { username: 'bob' }, files: [{ field: 'image', bytes: 'x' }] },
      400,
      coded('error-not-allowed', 'Change avatar is not allowed', { method: 'users.setAvatar' }),
    ],
  ])('%s is refused', async (_what, form, status, body) => {
    expect(await sendForm(server, alice, 'users.setAvatar', form)).toMatchObject({ status, body });
  });

  it('is for those who may, and an administrator sets that of others', async () => {
    await set('Accounts_AllowUserAvatarChange', false);
    const refused = coded('error-not-allowed', 'Change avatar is not allowed', { method: 'users.setAvatar' });
    expect(await upload(alice)).toMatchObject({ status: 400, body: refused });
    expect(await alice.post('users.resetAvatar', { userId: alice.uid })).toMatchObject({
      status: 400,
      body: coded('error-not-allowed', 'Reset avatar is not allowed', { method: 'users.resetAvatar' }),
    });
    expect(await upload(server.admin, { username: 'bob' })).toMatchObject({ status: 200 });
    expect(await etagOf(bob)).toBeDefined();
    await set('Accounts_AllowUserAvatarChange', true);
    expect(await server.anonymous.post('users.setAvatar')).toMatchObject({
      status: 401,
      body: NOT_LOGGED_IN,
    });
    await withPermission({ server }, 'manage-moderation-actions', ['user'], async () => {
      expect(await alice.post('users.resetAvatar', { username: 'bob' })).toMatchObject({ status: 200 });
    });
    expect(await alice.post('users.resetAvatar', { username: 'bob' })).toMatchObject({ status: 400 });
    expect(await alice.post('users.resetAvatar', {})).toMatchObject({ status: 400, body: NO_USER_PARAM });
  });
});

describe('a picture from an address', () => {
  it('is fetched by the server', async () => {
    served = { status: 200, type: 'image/png', body: await picture('#123456').png().toBuffer() };
    const before = await etagOf(bob);
    expect((await bob.post('users.setAvatar', { avatarUrl: `${origin}/me.png` })).body).toEqual({
      success: true,
    });
    expect(await etagOf(bob)).not.toBe(before);
    expect((await bob.get('me')).body.avatarOrigin).toBe('url');
  });

  it.each([
    ['no URL', 'nonsense', 'error-avatar-invalid-url'],
    ['another scheme', 'file:///etc/passwd', 'error-avatar-invalid-url'],
    ['a private address', 'http://192.168.1.1/x.png', 'error-avatar-url-handling'],
    ['nobody', 'http://127.0.0.1:1/x.png', 'error-avatar-url-handling'],
  ])('%s is refused', async (_what, avatarUrl, errorType) => {
    expect(await bob.post('users.setAvatar', { avatarUrl })).toMatchObject({
      status: 400,
      body: { errorType },
    });
  });

  it('what is no picture is refused', async () => {
    for (const [answer, errorType] of [
      [{ status: 200, type: 'text/html' }, 'error-avatar-invalid-url'],
      [{ status: 404, type: 'image/png' }, 'error-avatar-invalid-url'],
      [{ status: 200, type: 'image/png' }, 'error-invalid-image'],
    ] as const) {
      served = { ...answer, body: Buffer.from('<html>') };
      expect(await bob.post('users.setAvatar', { avatarUrl: origin })).toMatchObject({
        status: 400,
        body: { errorType },
      });
    }
    expect(await bob.post('users.setAvatar', {})).toMatchObject({
      status: 400,
      body: plain("The 'image' param is required"),
    });
    expect(await bob.post('users.setAvatar', { avatarUrl: origin, username: 'alice' })).toMatchObject({
      status: 403,
      body: plain('unauthorized'),
    });
  });

  it('people may be shown by another service', async () => {
    served = { status: 200, type: 'image/png', body: Buffer.from('their picture') };
    await set('Accounts_AvatarExternalProviderUrl', `${origin}/{username}.png`);
    const both = ['/avatar/alice', `/avatar/uid/${alice.uid}`];
    for (const path of both) {
      const { status, headers, bytes } = await show(path);
      expect([status, headers.get('content-type'), bytes.toString()]).toEqual([
        200,
        'image/png',
        'their picture',
      ]);
    }
    expect((await show('/avatar/uid/nobody')).status).toBe(404);
    served.status = 500;
    for (const path of both) expect((await show(path)).status).toBe(502);
    await set('Accounts_AvatarExternalProviderUrl', '');
  });
});

it('the methods do the same', async () => {
  const socket = await bob.ddp();
  await socket.call('setAvatarFromService', await dataUri('#00ff00'), 'image/png', 'upload');
  expect((await bob.get('me')).body.avatarOrigin).toBe('upload');
  await expect(
    socket.call('setAvatarFromService', await dataUri('#00ff00'), 'image/png', 'upload', alice.uid),
  ).rejects.toMatchObject({ error: 'error-not-allowed' });
  await expect(socket.call('setAvatarFromService', 'data:,x', '', 'upload')).rejects.toMatchObject({
    error: 'error-invalid-image',
  });
  await socket.call('resetAvatar');
  expect(await etagOf(bob)).toBeUndefined();
  expect(await socket.call('getAvatarSuggestion')).toEqual({});
  expect((await bob.get('users.getAvatarSuggestion')).body).toEqual({ suggestions: {}, success: true });
});

it('users.getAvatar leads to the picture', async () => {
  const response = await fetch(`${server.url}/api/v1/users.getAvatar?username=alice`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location'), await response.json()]).toEqual([
    307,
    'http://localhost:3000/avatar/alice',
    'http://localhost:3000/avatar/alice',
  ]);
  expect(await server.anonymous.get('users.getAvatar')).toMatchObject({ status: 400, body: NO_USER_PARAM });
});

describe('rooms', () => {
  it('get a picture by their settings, discussions that of their parent', async () => {
    const { channel } = (await alice.post('channels.create', { name: 'zoo', members: ['bob'] })).body;
    expect((await show(`/avatar/room/${channel._id}`)).bytes.toString()).toContain('>Z</text>');
    const socket = await bob.ddp();
    await socket.subscribe('stream-notify-logged', 'updateAvatar');
    const rid = channel._id;
    const saved = await alice.post('rooms.saveRoomSettings', { rid, roomAvatar: await dataUri('#aa00aa') });
    expect(saved.body).toEqual({ rid, success: true });
    const etag = (await bob.get('rooms.info', { roomId: rid })).body.room.avatarETag;
    expect(etag).toMatch(/^\w{8}$/);
    expect(await socket.event('notify-logged', 'updateAvatar')).toEqual([{ rid, etag }]);
    const { messages } = (await bob.get('channels.messages', { roomId: rid })).body;
    expect(messages[0]).toMatchObject({ t: 'room_changed_avatar', msg: '', u: { username: 'alice' } });
    const { discussion } = (await alice.post('rooms.createDiscussion', { prid: rid, t_name: 'Lions' })).body;
    for (const id of [rid, discussion._id]) {
      const shown = await show(`/avatar/room/${id}`);
      expect(await sharp(shown.bytes).metadata()).toMatchObject({ format: 'png', width: 200 });
    }
    const files = await bob.get('channels.files', { roomId: rid });
    expect(files.body.files).toEqual([]);

    const own = await alice.ddp();
    await own.call('saveRoomSettings', rid, 'roomAvatar', '');
    expect((await bob.get('rooms.info', { roomId: rid })).body.room).not.toHaveProperty('avatarETag');
    expect((await show(`/avatar/room/${rid}`)).bytes.toString()).toContain('>Z</text>');
    expect((await show(`/avatar/room/${discussion._id}`)).bytes.toString()).toContain('>L</text>');
  });

  it('are refused what is no picture, and to who may not', async () => {
    const { channel } = (await alice.post('channels.create', { name: 'garden' })).body;
    for (const roomAvatar of ['x', 'data:image/png;base64,eHg=', 'https://example.com/x.png']) {
      expect(await alice.post('rooms.saveRoomSettings', { rid: channel._id, roomAvatar })).toMatchObject({
        status: 400,
        body: coded('error-invalid-image', 'Invalid image'),
      });
    }
    await withPermission({ server }, 'edit-room-avatar', ['admin'], async () => {
      const body = { rid: channel._id, roomAvatar: await dataUri('#000000') };
      expect(await alice.post('rooms.saveRoomSettings', body)).toMatchObject({
        status: 400,
        body: coded('error-action-not-allowed', 'Editing a room avatar is not allowed', {
          method: 'saveRoomSettings',
          action: 'Editing_room',
        }),
      });
    });
  });

  it('a direct room has the letters of the other person, for its own people', async () => {
    const { room } = (await alice.post('im.create', { username: 'bob' })).body;
    expect((await show(`/avatar/room/${room._id}`, alice)).bytes.toString()).toContain('>B</text>');
    expect((await show(`/avatar/room/${room._id}`, bob)).bytes.toString()).toContain('>A</text>');
    expect((await show(`/avatar/room/${room._id}`, server.admin)).bytes.toString()).toContain('></text>');
  });
});
