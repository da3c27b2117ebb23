import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from './support/server.ts';

let server: TestServer;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  server = await startServer();
  [alice, bob] = (await Promise.all(['alice', 'bob'].map((name) => server.person(name)))) as [Person, Person];
});
afterAll(() => server.close());

const stored = () =>
  server.server.ctx.db
    .selectFrom('push_tokens')
    .select(['uid', 'service', 'value'])
    .orderBy('value')
    .execute();

describe('push.token', () => {
  const device = { type: 'gcm', value: 'token-of-a-phone', appName: 'main' };

  test('a device is registered, moves to the next user, and goes', async () => {
    const { status, body } = await alice.post('push.token', { ...device, id: 'phone' });
    expect(status).toBe(200);
    const iso = expect.stringMatching(/Z$/);
    expect(body).toEqual({
      result: {
        _id: 'phone',
        token: { gcm: 'token-of-a-phone' },
        appName: 'main',
        userId: alice.uid,
        enabled: true,
        createdAt: iso,
        updatedAt: iso,
      },
      success: true,
    });
    await bob.post('push.token', device);
    expect(await stored()).toEqual([{ uid: bob.uid, service: 'gcm', value: 'token-of-a-phone' }]);
    const gone = await alice.delete('push.token', { token: device.value });
    expect([gone.status, gone.body]).toEqual([404, { success: false, error: 'Resource not found' }]);
    expect((await bob.delete('push.token', { token: device.value })).body).toEqual({ success: true });
    expect(await stored()).toEqual([]);
  });

  test('nobody takes over a record by naming its id', async () => {
    await alice.post('push.token', { ...device, id: 'mine', value: 'of alice' });
    await bob.post('push.token', { ...device, id: 'mine', value: 'of bob' });
    expect(await stored()).toEqual([
      { uid: alice.uid, service: 'gcm', value: 'of alice' },
      { uid: bob.uid, service: 'gcm', value: 'of bob' },
    ]);
  });

  test('it goes with the login that it was registered by', async () => {
    const carol = await server.person('carol');
    await carol.post('push.token', { ...device, value: 'of carol' });
    await carol.post('logout');
    await expect.poll(async () => (await stored()).map(({ value }) => value)).not.toContain('of carol');
  });

  test.each([
    ['an id that is no text', { ...device, id: 7 }, 'error-id-param-not-valid'],
    ['no type', { value: 'x', appName: 'main' }, 'error-type-param-not-valid'],
    ['an unknown type', { ...device, type: 'pigeon' }, 'error-type-param-not-valid'],
    ['no value', { type: 'apn', appName: 'main' }, 'error-token-param-not-valid'],
    ['no app', { type: 'apn', value: 'x' }, 'error-appName-param-not-valid'],
  ])('%s is refused by name', async (_what, body, errorType) => {
    const answer = await alice.post('push.token', body);
    expect([answer.status, answer.body.errorType]).toEqual([400, errorType]);
  });

  test('to end one takes its value', async () => {
    expect((await alice.delete('push.token', {})).body.errorType).toBe('error-token-param-not-valid');
  });

  test('push.info tells of the gateway', async () => {
    expect((await alice.get('push.info')).body).toEqual({
      pushGatewayEnabled: true,
      defaultPushGateway: true,
      success: true,
    });
    await server.admin.post('settings/Push_gateway', { value: 'https://push.example.com' });
    await server.admin.post('settings/Push_enable', { value: false });
    expect((await alice.get('push.info')).body).toMatchObject({
      pushGatewayEnabled: false,
      defaultPushGateway: false,
    });
  });
});

describe('licences', () => {
  test('there are none, and none are needed', async () => {
    const { body } = await alice.get('licenses.info');
    expect(body).toMatchObject({ license: { activeModules: [], hasValidLicense: false }, success: true });
    const { activeUsers, maxActiveUsers } = (await alice.get('licenses.maxActiveUsers')).body;
    const users = (await server.admin.get('users.list', { count: 1 })).body;
    expect([maxActiveUsers, activeUsers]).toEqual([null, users.total]);
  });

  test('clients from before 7.0 hear the same', async () => {
    expect((await alice.get('licenses.get')).body).toEqual({ licenses: [], success: true });
    expect((await alice.get('licenses.isEnterprise')).body).toEqual({ isEnterprise: false, success: true });
  });

  test('none is taken', async () => {
    const { admin } = server;
    expect((await admin.post('licenses.add', { license: 'x' })).body).toEqual({
      success: false,
      error: 'Invalid license',
    });
    expect((await admin.post('licenses.validate', { license: 'x' })).body).toMatchObject({
      success: false,
      error: 'license-invalid',
      reasons: [{ behavior: 'invalidate_license' }],
    });
    for (const path of ['licenses.add', 'licenses.validate']) {
      expect(await alice.post(path, { license: 'x' })).toMatchObject({
        status: 403,
        body: { error: 'User does not have the permissions required for this action [error-unauthorized]' },
      });
    }
  });
});

describe('banners', () => {
  test('there are none', async () => {
    for (const path of ['banners', 'banners/some-banner']) {
      const { status, body } = await alice.get(path, { platform: 'web' });
      expect([status, body]).toEqual([200, { banners: [], success: true }]);
      expect((await alice.get(path, { platform: 'fridge' })).body.errorType).toBe('error-invalid-params');
    }
    const unknown = await alice.post('banners.dismiss', { bannerId: 'some-banner' });
    expect([unknown.status, unknown.body]).toEqual([400, { success: false, error: 'Banner not found' }]);
    const socket = await alice.ddp();
    await expect(socket.call('banner/dismiss', { id: 'some-banner' })).rejects.toThrow();
  });
});
