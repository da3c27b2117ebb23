import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resetPasswordAsServer } from '../src/accounts/administration.ts';
import { storeSetting } from '../src/admin/change-settings.ts';
import { forgetOldActions } from '../src/audit/forget-old.ts';
import { type Person, startServer, type TestServer } from './support/server.ts';

/** What administrators do is written down with it: who, what, when, from where. */

let server: TestServer;
let bob: Person;
let crew: string;

beforeAll(async () => {
  server = await startServer({ createTokensForUsers: true });
  bob = await server.person('bob');
  crew = (await server.admin.post('roles.create', { name: 'crew' })).body.role._id;
});
afterAll(() => server.close());

/** The newest entries, the newest first, each with its data as an object. */
async function newest(query: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> {
  const { body } = await server.admin.get('audit.actions', query);
  return body.events.map(({ data, ...event }: { data: { key: string; value: unknown }[] }) => ({
    ...event,
    data: Object.fromEntries(data.map(({ key, value }) => [key, value])),
  }));
}

test('an entry says who, what, when and from where', async () => {
  const before = Date.now();
  await server.admin.post('settings/Site_Name', { value: 'Ours' }, { 'user-agent': 'a browser' });
  const { status, body } = await server.admin.get('audit.settings', { settingId: 'Site_Name' });
  expect(status).toBe(200);
  expect(body).toEqual({
    events: [
      {
        _id: expect.any(String),
        t: 'settings.changed',
        ts: expect.any(String),
        actor: {
          type: 'user',
          _id: server.admin.uid,
          username: 'root',
          ip: '127.0.0.1',
          useragent: 'a browser',
        },
        data: [
          { key: 'id', value: 'Site_Name' },
          { key: 'previous', value: 'Rocket.Chat' },
          { key: 'current', value: 'Ours' },
        ],
      },
    ],
    ...{ count: 1, offset: 0, total: 1, success: true },
  });
  expect(Date.parse(body.events[0].ts)).toBeGreaterThanOrEqual(before);
});

/** The server itself may. */
const withoutTrace = (id: string, value: boolean) => {
  const { ctx } = server.server;
  return ctx.write((tx, emit) => storeSetting(ctx, tx, emit, id, value));
};

const user = () => ({ _id: bob.uid, username: 'bob' });
const withPermission = (roles: string[]) => ({ permissions: [{ _id: 'create-team', roles }] });

describe.each<{
  name: string;
  does(): Promise<unknown>;
  entry(): { t: string; data: Record<string, unknown> };
}>([
  {
    name: 'several settings over DDP',
    does: async () =>
      (await server.admin.ddp()).call('saveSettings', [{ _id: 'Site_Name', value: 'Theirs' }]),
    entry: () => ({ t: 'settings.changed', data: { id: 'Site_Name', previous: 'Ours', current: 'Theirs' } }),
  },
  {
    name: 'a setting that is a credential',
    does: () => server.admin.post('settings/SMTP_Password', { value: 'not for the trail' }),
    entry: () => ({
      t: 'settings.changed',
      data: { id: 'SMTP_Password', previous: '', current: '********' },
    }),
  },
  {
    name: 'the button that lets everybody hear again who is there',
    async does() {
      await withoutTrace('Presence_broadcast_disabled', true);
      await server.admin.post('presence.enableBroadcast');
    },
    entry: () => ({
      t: 'settings.changed',
      data: { id: 'Presence_broadcast_disabled', previous: true, current: false },
    }),
  },
  {
    name: 'what a database is that was found elsewhere',
    async does() {
      await withoutTrace('Deployment_FingerPrint_Verified', false);
      await server.admin.post('fingerprint', { setDeploymentAs: 'updated-configuration' });
    },
    entry: () => ({
      t: 'settings.changed',
      data: { id: 'Deployment_FingerPrint_Verified', previous: false, current: true },
    }),
  },
  {
    name: 'the roles of a permission',
    does: () => server.admin.post('permissions.update', withPermission(['admin'])),
    entry: () => ({
      t: 'permission.changed',
      data: { id: 'create-team', previous: ['admin', 'user'], current: ['admin'] },
    }),
  },
  {
    name: 'a role more for a permission',
    does: () => server.admin.post('permissions.addRole', { permissionId: 'create-team', role: crew }),
    entry: () => ({
      t: 'permission.changed',
      data: { id: 'create-team', previous: ['admin'], current: ['admin', crew] },
    }),
  },
  {
    name: 'a role taken from a permission',
    does: () => server.admin.post('permissions.removeRole', { permissionId: 'create-team', role: crew }),
    entry: () => ({
      t: 'permission.changed',
      data: { id: 'create-team', previous: ['admin', crew], current: ['admin'] },
    }),
  },
  {
    name: 'a role itself',
    does: () => server.admin.post('roles.update', { roleId: crew, name: 'crew', mandatory2fa: true }),
    entry: () => ({
      t: 'role.changed',
      data: {
        previous: { name: 'crew', scope: 'Users', description: '', mandatory2fa: false },
        current: { name: 'crew', scope: 'Users', description: '', mandatory2fa: true },
      },
    }),
  },
  {
    name: 'a role given',
    does: () => server.admin.post('roles.addUserToRole', { roleId: crew, username: 'bob' }),
    entry: () => ({ t: 'role.given', data: { role: crew, user: user() } }),
  },
  {
    name: 'a role taken',
    does: () => server.admin.post('roles.removeUserFromRole', { roleId: crew, username: 'bob' }),
    entry: () => ({ t: 'role.taken', data: { role: crew, user: user() } }),
  },
  {
    name: 'a role removed',
    does: () => server.admin.post('roles.delete', { roleId: crew }),
    entry: () => ({
      t: 'role.deleted',
      data: { previous: { name: 'crew', scope: 'Users', description: '', mandatory2fa: true } },
    }),
  },
  {
    name: 'an edit of an account, without the password',
    does: () =>
      server.admin.post('users.update', {
        userId: bob.uid,
        data: { name: 'Robert', password: 'Something-new-4711' },
      }),
    entry: () => ({
      t: 'user.changed',
      data: { user: user(), previous: { name: 'bob' }, current: { name: 'Robert' }, password: 'changed' },
    }),
  },
  {
    name: 'an account switched off',
    does: () => server.admin.post('users.setActiveStatus', { userId: bob.uid, activeStatus: false }),
    entry: () => ({ t: 'user.deactivated', data: { user: user() } }),
  },
  {
    name: 'an account switched on',
    does: () => server.admin.post('users.setActiveStatus', { userId: bob.uid, activeStatus: true }),
    entry: () => ({ t: 'user.activated', data: { user: user() } }),
  },
  {
    name: 'somebody logged out',
    does: () => server.admin.post('users.logout', { userId: bob.uid }),
    entry: () => ({ t: 'user.loggedOut', data: { user: user() } }),
  },
  {
    name: 'a second factor taken away',
    does: () => server.admin.post('users.resetTOTP', { userId: bob.uid }),
    entry: () => ({ t: 'user.secondFactorReset', data: { user: user() } }),
  },
  {
    name: 'a token made for somebody',
    does: () => server.admin.post('users.createToken', { userId: bob.uid }),
    entry: () => ({ t: 'user.tokenCreated', data: { user: user() } }),
  },
  {
    name: 'an account removed',
    does: () => server.admin.post('users.delete', { userId: bob.uid }),
    entry: () => ({ t: 'user.deleted', data: { user: user(), erasure: 'Delete' } }),
  },
])('the trail names', ({ name, does, entry }) => {
  test(name, async () => {
    const { total } = (await server.admin.get('audit.actions')).body;
    await does();
    const [latest] = await newest();
    expect(latest).toMatchObject(entry());
    expect((await server.admin.get('audit.actions')).body.total).toBe(total + 1);
  });
});

test('what was refused or changed nothing leaves no entry', async () => {
  const { total } = (await server.admin.get('audit.actions')).body;
  const carol = await server.person('carol');
  const attempts = [
    await carol.post('settings/Site_Name', { value: 'Hers' }),
    await carol.post('users.delete', { username: 'carol' }),
    await server.admin.post('settings/Site_Name', { value: 'Theirs' }),
    await server.admin.post('roles.addUserToRole', { roleId: 'user', username: 'carol' }),
    await server.admin.post('users.setActiveStatus', { userId: carol.uid, activeStatus: true }),
    await server.admin.post('users.delete', { userId: 'rocket.cat' }),
  ];
  expect(attempts.map(({ status }) => status)).toEqual([403, 403, 200, 400, 200, 400]);
  const [created, ...others] = await newest({ count: 2 });
  expect(created).toMatchObject({ t: 'user.created', data: { user: { username: 'carol' } } });
  expect(others[0]).not.toMatchObject({ t: 'user.created', data: { user: { username: 'carol' } } });
  expect((await server.admin.get('audit.actions')).body.total).toBe(total + 1);
});

test('the operator at the command line is named as the system', async () => {
  const dan = await server.person('dan');
  await resetPasswordAsServer(server.server.ctx, 'dan', 'Something-new-4711');
  const [latest] = await newest();
  expect(latest).toMatchObject({
    t: 'user.changed',
    actor: { type: 'system', reason: 'command line' },
    data: { user: { _id: dan.uid }, password: 'changed' },
  });
});

test('the trail is filtered by kind, subject, actor and time, and read in pages', async () => {
  const { admin } = server;
  const kinds = async (query: object) =>
    (await admin.get('audit.actions', { count: 0, ...query })).body.events.map(({ t }: { t: string }) => t);
  expect(await kinds({ type: 'role.given' })).toEqual(['role.given']);
  expect((await kinds({ subject: 'create-team' })).length).toBe(3);
  expect(await kinds({ subject: 'create-team', actor: 'nobody' })).toEqual([]);
  expect((await kinds({ subject: 'create-team', actor: 'root' })).length).toBe(3);
  expect((await kinds({ subject: 'create-team', actor: admin.uid })).length).toBe(3);
  expect(await kinds({ end: '2020-01-01T00:00:00.000Z' })).toEqual([]);
  expect(await kinds({ start: '2999-01-01T00:00:00.000Z' })).toEqual([]);
  const oldest = await admin.get('audit.actions', { sort: '{"ts":1}', count: 1, offset: 1 });
  expect(oldest.body).toMatchObject({ count: 1, offset: 1, events: [{ t: 'role.created' }] });
});

test.each(['audit.settings', 'audit.actions'])('%s refuses', async (path) => {
  const erin = await server.person(`erin-${path.slice(6)}`);
  expect((await server.anonymous.get(path)).status).toBe(401);
  expect(await erin.get(path)).toMatchObject({
    status: 403,
    body: { error: 'User does not have the permissions required for this action [error-unauthorized]' },
  });
  expect(await server.admin.get(path, { start: 'yesterday-ish' })).toMatchObject({
    status: 400,
    body: { errorType: 'error-invalid-params' },
  });
  const auditor = await server.person(`auditor-${path.slice(6)}`, { roles: ['user', 'auditor'] });
  expect((await auditor.get(path)).status).toBe(200);
});

test('entries go when they are old enough, and only then', async () => {
  const { ctx } = server.server;
  const total = async () => (await server.admin.get('audit.actions')).body.total;
  const in730Days = Date.now() + 730 * 24 * 60 * 60_000;
  const at = (now: number, changes = {}) => ({
    ...ctx,
    config: { ...ctx.config, ...changes },
    clock: { ...ctx.clock, now: () => now },
  });
  // More than go in one transaction.
  const [row] = await ctx.db.selectFrom('audit_events').selectAll().limit(1).execute();
  if (!row) throw new Error('the trail is empty');
  const older = Array.from({ length: 1100 }, (_, n) => ({ ...row, id: `older-${n}`, at: row.at - 1000 - n }));
  await ctx.write(async (tx) => {
    for (const one of older) await tx.insertInto('audit_events').values(one).execute();
  });
  const before = await total();
  await forgetOldActions(at(in730Days - 60 * 60_000));
  expect(await total()).toBe(before);
  await forgetOldActions(at(in730Days * 2, { auditDays: 0 }));
  expect(await total()).toBe(before);
  await forgetOldActions(at(row.at + 730 * 24 * 60 * 60_000));
  expect(await total()).toBeLessThanOrEqual(before - 1100);
  expect(await total()).toBeGreaterThan(0);
});
