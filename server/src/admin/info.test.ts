import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../kernel/caller.ts';
import type { Connection } from '../realtime/declarations.ts';
import { adminStreams } from './admin.ddp.ts';
import { type AdminServer, startAdmin } from './admin-test-server.ts';

let server: AdminServer;

beforeEach(async () => {
  server = await startAdmin({ reportedVersion: '8.5' });
});
afterEach(() => server.close());

const minimumClientVersions = { desktop: '3.9.6', mobile: '4.39.0' };

test('anybody learns the version and nothing about the machine', async () => {
  const expected = { status: 200, body: { version: '8.5', minimumClientVersions, success: true } };
  expect(await server.get(null, '/api/info')).toEqual(expected);
  expect(await server.get(await server.addUser('bob', ['user']), '/api/info')).toEqual(expected);
});

test('older clients find the version inside info', async () => {
  expect((await server.get(null, 'info')).body).toEqual({
    info: { version: '8.5' },
    version: '8.5',
    minimumClientVersions,
    success: true,
  });
});

test('an administrator learns the full version and the build', async () => {
  const alice = await server.addUser('alice', ['admin']);
  for (const path of ['/api/info', 'info']) {
    const { body } = await server.get(alice, path);
    expect(body).toMatchObject({
      version: '8.5.0',
      info: {
        version: '8.5.0',
        build: { date: expect.stringMatching(/^20\d\d-.*Z$/), nodeVersion: process.version },
        marketplaceApiVersion: '1.0.0',
      },
      success: true,
    });
  }
});

test('licences: there are none, and clients get the types they expect', async () => {
  expect((await server.method(null, 'license:getModules')).result).toEqual([]);
  expect((await server.method(null, 'license:isEnterprise')).result).toBe(false);
  expect((await server.method(null, 'license:hasLicense', 'auditing')).result).toBe(false);
});

test.each([
  ['notify-all', 'public-settings-changed', null, true],
  ['notify-logged', 'permissions-changed', null, false],
  ['notify-logged', 'permissions-changed', 'user', true],
  ['notify-logged', 'private-settings-changed', 'user', false],
  ['notify-logged', 'private-settings-changed', 'admin', true],
  ['roles', 'roles', null, false],
  ['roles', 'roles', 'user', true],
])('stream %s / %s may be read by %s: %s', async (name, eventName, role, expected) => {
  const caller = role === null ? null : ({ uid: 'u', roles: [role] } as unknown as Caller);
  const stream = adminStreams.find((declared) => declared.name === name);
  const request = { caller, connection: {} as Connection, eventName, args: [] };
  expect(await stream?.mayRead(server.ctx, request)).toBe(expected);
});
