import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fetchFile } from '../support/files.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { hasSlapd, PEOPLE, personEntry, type Slapd, startSlapd } from '../support/slapd.ts';
import { configure, directorySettings } from './support.ts';

/** Pictures that people have in the directory. */

const jpeg = (background: string, width = 300, height = 200) =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();

describe.skipIf(!hasSlapd())('pictures of the directory', () => {
  let slapd: Slapd;
  let server: TestServer;
  let red: Buffer;
  let blue: Buffer;
  let people = 0;
  /** Somebody new in each test, with a red picture. */
  let name: string;
  const dn = () => `uid=${name},${PEOPLE}`;

  beforeAll(async () => {
    [red, blue] = await Promise.all([jpeg('#ff0000'), jpeg('#0000ff')]);
    slapd = await startSlapd([]);
    server = await startServer();
    // Without the one that switches it on: the administrator is not in the directory.
    const { LDAP_Enable, ...settings } = directorySettings(slapd);
    await configure(server, {
      ...settings,
      LDAP_Port: slapd.port,
      LDAP_Authentication: true,
      LDAP_Login_Fallback: true,
      LDAP_Enable: LDAP_Enable === 'true',
    });
  });
  afterAll(async () => {
    await server?.close();
    await slapd?.close();
  });
  beforeEach(async () => {
    people += 1;
    name = `person${people}`;
    await slapd.add(personEntry(name, { jpegPhoto: red }));
  });

  async function logIn() {
    const { status, body } = await server.anonymous.post('login', { user: name, password: `${name}-ldap` });
    if (status !== 200) throw new Error(JSON.stringify(body));
    await server.server.jobs.idle();
    return { 'x-user-id': body.data.userId as string, 'x-auth-token': body.data.authToken as string };
  }

  async function sync() {
    expect((await server.admin.post('ldap.syncNow')).status).toBe(200);
    await server.server.jobs.idle();
  }

  const userOf = async () => (await server.admin.get('users.info', { username: name })).body.user;

  /** What everybody sees: its size, and whether it is red or blue. */
  async function seen() {
    const { bytes, headers } = await fetchFile(server, server.admin, `/avatar/${name}`);
    const type = headers.get('content-type');
    if (type === 'image/svg+xml') return 'letters';
    const { width, height } = await sharp(bytes).metadata();
    const { dominant } = await sharp(bytes).stats();
    const color = dominant.r > dominant.b ? 'red' : 'blue';
    return `${color} ${width}x${height} ${type}`;
  }
  const RED = 'red 200x200 image/jpeg';
  const BLUE = 'blue 200x200 image/jpeg';

  const having = async (settings: Record<string, unknown>, work: () => Promise<void>) => {
    const before = Object.keys(settings).map((id) => [id, server.server.ctx.settings.value(id)] as const);
    await configure(server, settings);
    await work().finally(() => configure(server, Object.fromEntries(before)));
  };

  test('whoever logs in has theirs, and the next one when it changes', async () => {
    const socket = await server.admin.ddp();
    await socket.subscribe('stream-notify-logged', 'updateAvatar');
    await logIn();
    const [change] = await socket.event('notify-logged', 'updateAvatar');
    expect(change).toMatchObject({ username: name });
    expect(await seen()).toBe(RED);
    const before = await userOf();
    expect(before.avatarETag).toBe(change?.etag);
    expect(JSON.stringify(before)).not.toContain('directoryPicture');

    await logIn();
    expect((await userOf()).avatarETag).toBe(before.avatarETag);
    await slapd.replace(dn(), { jpegPhoto: blue });
    await logIn();
    expect(await seen()).toBe(BLUE);
    expect((await userOf()).avatarETag).not.toBe(before.avatarETag);
    socket.close();
  });

  test('the synchronization brings those of newcomers and of people who are there', async () => {
    await sync();
    expect(await seen()).toBe(RED);
    const { avatarETag } = await userOf();
    await sync();
    expect((await userOf()).avatarETag).toBe(avatarETag);
    await slapd.replace(dn(), { jpegPhoto: blue });
    await having({ LDAP_Background_Sync_Keep_Existant_Users_Updated: false }, sync);
    expect(await seen()).toBe(RED);
    await sync();
    expect(await seen()).toBe(BLUE);
  });

  test('one that was chosen or taken away here stays so until the directory has another', async () => {
    const headers = await logIn();
    const chosen = `data:image/jpeg;base64,${blue.toString('base64')}`;
    const reset = await server.anonymous.post('users.resetAvatar', { username: name }, headers);
    expect(reset.status).toBe(200);
    await logIn();
    await sync();
    expect(await seen()).toBe('letters');
    const message = JSON.stringify({
      msg: 'method',
      id: 'x',
      method: 'setAvatarFromService',
      params: [chosen, 'image/jpeg', 'upload'],
    });
    const set = await server.anonymous.post('method.call/setAvatarFromService', { message }, headers);
    expect(JSON.parse(set.body.message)).not.toHaveProperty('error');
    await logIn();
    await sync();
    expect(await seen()).toBe(BLUE);
    // Gone from the directory, it stays here.
    await slapd.replace(dn(), { jpegPhoto: undefined });
    await sync();
    expect(await seen()).toBe(BLUE);
    await slapd.replace(dn(), { jpegPhoto: await jpeg('#bb0000') });
    await sync();
    expect(await seen()).toBe(RED);
  });

  test('what is no picture is not taken, and nobody is kept out by it', async () => {
    const cut = Buffer.concat([red.subarray(0, 2), Buffer.from('<script>alert(1)</script>')]);
    await slapd.replace(dn(), { jpegPhoto: cut });
    await logIn();
    await sync();
    expect(await seen()).toBe('letters');
    await slapd.replace(dn(), { jpegPhoto: blue });
    await logIn();
    expect(await seen()).toBe(BLUE);
  });

  test('one that is too large for an upload is not taken', async () => {
    await having({ FileUpload_MaxFileSize: 500 }, async () => {
      await logIn();
      expect(await seen()).toBe('letters');
    });
  });

  test('the attribute is a setting', async () => {
    await slapd.replace(dn(), { audio: blue });
    await having({ LDAP_Avatar_Field: 'AUDIO' }, async () => {
      await logIn();
      expect(await seen()).toBe(BLUE);
    });
    // Of an attribute that nobody has there is none.
    await slapd.add(personEntry(`${name}x`, { jpegPhoto: red }));
    name = `${name}x`;
    await having({ LDAP_Avatar_Field: 'nothing' }, async () => {
      await logIn();
      expect(await seen()).toBe('letters');
    });
  });

  test('it can be switched off', async () => {
    await having({ LDAP_Sync_User_Avatar: false }, async () => {
      await logIn();
      await sync();
      expect(await seen()).toBe('letters');
    });
  });

  test('without updates at logins only newcomers have theirs', async () => {
    await having({ LDAP_Update_Data_On_Login: false }, async () => {
      await logIn();
      expect(await seen()).toBe(RED);
      await slapd.replace(dn(), { jpegPhoto: blue });
      await logIn();
      expect(await seen()).toBe(RED);
    });
  });
});
