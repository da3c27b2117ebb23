// The official desktop application (Electron). It shows the workspace's own page in a frame; what it asks of the server
// itself is little (spec 41 §4).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ testMode: false });
});
afterAll(() => server.close());

test('a server is added by its address: its version is 2.0.0 or later, and other origins may read it', async () => {
  const response = await fetch(`${server.url}/api/info`, { headers: { origin: 'http://localhost' } });
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  expect(response.redirected).toBe(false);
  const { version, success } = (await response.json()) as { version: string; success: boolean };
  const [major = 0] = version.split('.').map(Number);
  expect([success, major >= 2]).toEqual([true, true]);
});

test('no list of supported versions is made up: the application then asks by the id of the workspace', async () => {
  const info = await (await fetch(`${server.url}/api/info`)).json();
  expect(info).not.toHaveProperty('supportedVersions');
  const { body } = await server.anonymous.get('settings.public?_id=uniqueID');
  expect(body).toMatchObject({
    settings: [{ _id: 'uniqueID', value: expect.stringMatching(/./) }],
    total: 1,
  });
});

test('the version that is told can be raised without a new server', async () => {
  const other = await startServer({ reportedVersion: '9.1' });
  const info = await (await fetch(`${other.url}/api/info`)).json();
  expect(info).toMatchObject({ version: '9.1', success: true });
  await other.close();
});

test('the icon of the workspace is where the settings say', async () => {
  const { body } = await server.anonymous.get('settings.public?_id=Assets_favicon_512');
  const icon = await fetch(`${server.url}/${body.settings[0].value.defaultUrl}`);
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/png']);
});
