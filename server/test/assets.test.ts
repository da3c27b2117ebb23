import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchFile, sendForm, type TestFile } from './support/files.ts';
import { type Answer, type Person, startServer, type TestServer } from './support/server.ts';

/** Logos and icons of the workspace (spec 23, "Assets"), and its answers about clouds. */

let server: TestServer;
let alice: Person;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
});
afterAll(() => server.close());

const picture = (width: number, height = width): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 4, background: '#08f' } })
    .png()
    .toBuffer();

async function form(
  assetName: string | undefined,
  file: Partial<TestFile> | null,
  person: Person = server.admin,
): Promise<Answer> {
  const files = file ? [{ field: 'asset', name: 'a.png', type: 'image/png', bytes: '', ...file }] : [];
  const fields: Record<string, string> = assetName === undefined ? {} : { assetName };
  return sendForm(server, person, 'assets.setAsset', { files, fields });
}

const settingOf = async (id: string) =>
  (await server.anonymous.get('settings.public', { _id: id })).body.settings[0].value;

test('an own icon stands in the place of ours, is told, and can be taken back', async () => {
  const socket = await alice.ddp();
  await socket.subscribe('stream-notify-all', 'public-settings-changed');
  const bytes = await picture(512);
  expect(await form('favicon_512', { bytes })).toMatchObject({ status: 200, body: { success: true } });
  const value = { url: 'assets/favicon_512.png', defaultUrl: 'assets/favicon_512.png' };
  expect(await socket.event('notify-all', 'public-settings-changed')).toEqual([
    'updated',
    { _id: 'Assets_favicon_512', value },
  ]);
  expect(await settingOf('Assets_favicon_512')).toEqual(value);
  const shown = await fetchFile(server, undefined, '/assets/favicon_512.png');
  expect(shown.bytes.equals(bytes)).toBe(true);
  const { events } = (await server.admin.get('audit.settings', { count: 1 })).body;
  expect(events[0].data).toContainEqual({ key: 'current', value });

  // Another one replaces it; its bytes do not stay.
  expect((await form('favicon_512', { bytes: await picture(512) })).status).toBe(200);
  const files = server.server.ctx.db.selectFrom('files').select('id').where('kind', '=', 'asset');
  expect(await files.execute()).toHaveLength(1);

  const unset = await server.admin.post('assets.unsetAsset', {
    assetName: 'favicon_512',
    refreshAllClients: true,
  });
  expect(unset).toMatchObject({ status: 200, body: { success: true } });
  expect(await settingOf('Assets_favicon_512')).toEqual({ defaultUrl: 'assets/favicon_512.png' });
  expect((await fetchFile(server, undefined, '/assets/favicon_512.png')).bytes.equals(bytes)).toBe(false);
  expect(await files.execute()).toHaveLength(0);
});

test('a drawing may be the logo, named by its file', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>alert(1)</script></svg>';
  expect((await form(undefined, { name: 'logo.svg', type: 'image/svg+xml', bytes: svg })).status).toBe(200);
  const shown = await fetchFile(server, undefined, '/assets/logo.svg');
  expect(shown.headers.get('content-type')).toBe('image/svg+xml');
  expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test.each([
  ['logo_dark.svg', 'image/svg+xml', undefined],
  ['logo_dark.png', 'image/png', 64],
  ['favicon.svg', 'image/svg+xml', undefined],
  ['favicon_ico.ico', 'image/x-icon', undefined],
  ['favicon_16.png', 'image/png', 16],
  ['favicon_192.png', 'image/png', 192],
  ['tile_310_wide.png', 'image/png', 310],
  ['background.svg', 'image/svg+xml', undefined],
])('there is always a %s', async (name, type, width) => {
  const { status, headers, bytes } = await fetchFile(server, undefined, `/assets/${name}`);
  expect([status, headers.get('content-type')]).toEqual([200, type]);
  if (width !== undefined) expect((await sharp(bytes).metadata()).width).toBe(width);
  const etag = headers.get('etag') ?? '';
  expect((await fetchFile(server, undefined, `/assets/${name}`, { 'if-none-match': etag })).status).toBe(304);
});

test.each(['/', '/home', '/login'])('a browser that comes to %s is told how to get in', async (path) => {
  const { status, headers, bytes } = await fetchFile(server, undefined, path);
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = bytes.toString();
  expect(html).toContain('<h1>Rocket.Chat</h1>');
  expect(html).toContain('<code>http://localhost:3000</code>');
  expect(html).toContain('<a href="/api/docs">');
});

test('the icon that browsers ask for by themselves is that of the workspace', async () => {
  const icon = await fetch(`${server.url}/favicon.ico`);
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/x-icon']);
});

test.each(['nonsense.png', 'logo_dark.exe', 'logo', '%2e%2e%2fgantry.db'])('there is no %s', async (name) => {
  expect((await fetchFile(server, undefined, `/assets/${name}`)).status).toBe(404);
});

const coded = (errorType: string, error: string) => ({
  status: 400,
  body: { success: false, error: `${error} [${errorType}]`, errorType },
});
const NOT_ALLOWED = coded('error-action-not-allowed', 'Managing assets not allowed');

test.each<[string, () => Promise<Answer>, object]>([
  ['no permission', async () => form('logo', { bytes: await picture(8) }, alice), NOT_ALLOWED],
  [
    'taking back without permission',
    () => alice.post('assets.unsetAsset', { assetName: 'logo' }),
    NOT_ALLOWED,
  ],
  [
    'no form',
    () => server.admin.post('assets.setAsset', {}),
    { status: 400, body: { error: 'Missing Content-Type' } },
  ],
  [
    'no file',
    () => form('logo', null),
    { status: 400, body: { error: '[No file uploaded]', errorType: 'No file uploaded' } },
  ],
  [
    'an unknown asset',
    async () => form('nonsense', { bytes: await picture(8) }),
    coded('error-invalid-asset', 'Invalid asset'),
  ],
  [
    'taking back an unknown asset',
    () => server.admin.post('assets.unsetAsset', { assetName: 'constructor' }),
    coded('error-invalid-asset', 'Invalid asset'),
  ],
  [
    'another type',
    async () => form('favicon', { bytes: await picture(8) }),
    coded('error-invalid-file-type', 'Invalid file type: image/png'),
  ],
  [
    'text',
    () => form('logo', { name: 'a.txt', type: 'text/plain', bytes: 'text' }),
    coded('error-invalid-file-type', 'Invalid file type: text/plain'),
  ],
  [
    'another width',
    async () => form('tile_70', { bytes: await picture(71, 70) }),
    coded('error-invalid-file-width', 'Invalid file width'),
  ],
  [
    'another height',
    async () => form('tile_70', { bytes: await picture(70, 71) }),
    coded('error-invalid-file-height', 'Invalid file height'),
  ],
  ['no login', () => server.anonymous.post('assets.unsetAsset', { assetName: 'logo' }), { status: 401 }],
])('refused: %s', async (_, call, expected) => {
  expect(await call()).toMatchObject(expected);
});

test('the file for robots is that of the settings', async () => {
  const response = await fetch(`${server.url}/robots.txt`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toBe('User-agent: *\nDisallow: /');
});

const refusing = (error: string) => ({ status: 400, body: { success: false, error } });

test.each<['get' | 'post', string, object, object]>([
  [
    ...(['get', 'cloud.registrationStatus', {}] as const),
    {
      status: 200,
      body: {
        registrationStatus: {
          workspaceRegistered: false,
          workspaceId: '',
          uniqueId: '',
          token: '',
          email: '',
        },
        success: true,
      },
    },
  ],
  ['post', 'cloud.registerPreIntent', {}, { status: 200, body: { offline: true, success: true } }],
  ['post', 'cloud.manualRegister', { cloudBlob: 'x' }, refusing('Invalid cloud blob')],
  ['post', 'cloud.createRegistrationIntent', { resend: false, email: 'a@b.c' }, refusing('Invalid query')],
  ['get', 'cloud.confirmationPoll', { deviceCode: 'x' }, refusing('Invalid query')],
  ['post', 'cloud.syncWorkspace', {}, refusing('Error during workspace sync')],
  [
    'post',
    'cloud.connectWorkspace',
    { token: 'x' },
    refusing('Failed to connect the workspace with Rocket.Chat Cloud'),
  ],
  ['post', 'cloud.removeLicense', {}, refusing('License removal failed')],
])('no cloud knows the workspace: %s %s', async (method, path, input, expected) => {
  const call = (person: Person) =>
    method === 'get' ? person.get(path, { ...input }) : person.post(path, input);
  const { status, body } = await call(server.admin);
  expect({ status, body }).toEqual(expected);
  expect((await call(alice)).status).toBe(403);
});

test('a copy of a workspace gets an id of its own, one that moved keeps it', async () => {
  const id = () => server.server.ctx.settings.text('uniqueID');
  const before = id();
  const confirm = (setDeploymentAs: string, person: Person = server.admin) =>
    person.post('fingerprint', { setDeploymentAs });
  expect(await confirm('updated-configuration')).toMatchObject({ status: 200, body: { success: true } });
  expect(id()).toBe(before);
  expect((await confirm('new-workspace')).status).toBe(200);
  expect(id()).toMatch(/^\w{17}$/);
  expect(id()).not.toBe(before);
  expect(await confirm('nonsense')).toMatchObject({
    status: 400,
    body: { errorType: 'error-invalid-body-params' },
  });
  expect((await confirm('new-workspace', alice)).status).toBe(403);
});
