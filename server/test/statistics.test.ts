import { afterAll, beforeAll, expect, test } from 'vitest';
import { Instances } from '../src/admin/instances.ts';
import { collectDaily } from '../src/admin/statistics.ts';
import { type Person, startServer, type TestServer } from './support/server.ts';

/** Figures of the workspace (spec 23, "Statistics, instances"). */

let server: TestServer;
let alice: Person;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice', { joinDefaultChannels: true });
});
afterAll(() => server.close());

test('figures are counted on demand, kept until then, and listed', async () => {
  const first = (await server.admin.get('statistics')).body;
  const { _id: channel } = (await alice.post('channels.create', { name: 'one' })).body.channel;
  await alice.post('groups.create', { name: 'two' });
  await alice.post('im.create', { username: 'root' });
  await alice.post('rooms.createDiscussion', { prid: channel, t_name: 'three' });
  const said = (await alice.post('chat.sendMessage', { message: { rid: channel, msg: 'one' } })).body.message;
  await alice.post('chat.sendMessage', { message: { rid: channel, msg: 'two', tmid: said._id } });
  const gone = await server.person('gone');
  await server.admin.post('users.setActiveStatus', { userId: gone.uid, activeStatus: false });

  expect((await server.admin.get('statistics')).body).toEqual(first);
  const now = (await server.admin.get('statistics', { refresh: true })).body;
  expect(now._id).not.toBe(first._id);
  expect(now).toMatchObject({
    uniqueId: expect.stringMatching(/^\w{17}$/),
    totalUsers: first.totalUsers + 1,
    activeUsers: first.activeUsers,
    nonActiveUsers: 1,
    totalRooms: first.totalRooms + 4,
    totalPrivateGroups: 1,
    totalDirect: 1,
    totalDiscussions: 1,
    totalThreads: 1,
    uploadsTotal: 0,
    uploadsTotalSize: 0,
    instanceCount: 1,
    teams: { totalTeams: 0, totalRoomsInsideTeams: 0, totalDefaultRoomsInsideTeams: 0 },
    process: { nodeVersion: process.version },
    lastMessageSentAt: expect.any(String),
    installedAt: expect.any(String),
    createdAt: expect.any(String),
    success: true,
  });
  expect(now.totalMessages).toBeGreaterThan(first.totalMessages);
  expect(now.totalChannels + now.totalPrivateGroups + now.totalDirect).toBe(now.totalRooms);

  const list = (await server.admin.get('statistics.list', { count: 1 })).body;
  expect(list).toMatchObject({ statistics: [{ _id: now._id }], count: 1, offset: 0, total: 2 });
  const oldest = (await server.admin.get('statistics.list', { count: 1, sort: '{"createdAt":1}' })).body;
  expect(oldest.statistics[0]._id).toBe(first._id);
});

test('what the settings say, what people made, and what clients look for without asking whether it is there', async () => {
  const { admin } = server;
  const figures = async () => (await admin.get('statistics', { refresh: true })).body;
  const before = await figures();
  expect(before).toMatchObject({
    wizard: { organizationType: '', registerServer: false },
    migration: { _id: 'control', locked: false, version: expect.any(Number), _updatedAt: expect.any(String) },
    apps: { totalInstalled: 0, totalActive: 0, totalFailed: 0 },
    services: {
      ldap: { users: 0, enabled: false, encryption: 'plain' },
      oauth: { github: { enabled: false, users: 0 }, custom: {} },
    },
    settings: { message: { allowEditing: true }, email: { smtp: { smtpHost: '' } } },
    integrations: { totalIntegrations: 0, totalIncoming: 0, totalOutgoingActive: 0 },
    videoConf: { direct: { calling: 0, started: 0, ended: 0 }, settings: { dms: true } },
    homeTitleChanged: false,
    totalUserRoles: 12,
    totalSubscriptionRoles: 3,
    totalCustomRoles: 0,
  });
  expect(before.migration.version).toBeGreaterThan(100);

  const hook = {
    type: 'webhook-incoming',
    name: 'in',
    username: 'root',
    channel: '#general',
    scriptEnabled: false,
  };
  await admin.post('integrations.create', { ...hook, enabled: true });
  await admin.post('integrations.create', {
    ...hook,
    enabled: false,
    scriptEnabled: true,
    script: 'class Script {}',
  });
  await admin.post('settings/Layout_Home_Title', { value: 'Ours' });
  await admin.post('settings/Accounts_OAuth_Github', { value: true });
  await admin.post('roles.create', { name: 'helper' });
  await admin.post('findOrCreateInvite', { rid: 'GENERAL', days: 1, maxUses: 5 });
  await alice.post('push.token', { type: 'gcm', value: 'a-token', appName: 'main' });
  const after = await figures();
  expect(after).toMatchObject({
    integrations: {
      totalIntegrations: 2,
      totalIncoming: 2,
      totalIncomingActive: 1,
      totalOutgoing: 0,
      totalWithScriptEnabled: 1,
    },
    services: { oauth: { github: { enabled: true, users: 0 } } },
    homeTitleChanged: true,
    totalUserRoles: 13,
    totalCustomRoles: 1,
    totalLinkInvitation: 1,
    totalLinkInvitationUses: 0,
    push: 1,
  });
  await admin.post('settings/Accounts_OAuth_Github', { value: false });
});

test('the daily figures are made once a day', async () => {
  const total = async () => (await server.admin.get('statistics.list')).body.total;
  const before = await total();
  const instances = new Instances(server.server.ctx, () => 0, undefined);
  await collectDaily(server.server.ctx, instances);
  expect(await total()).toBe(before);
  const clock = { ...server.server.ctx.clock, now: () => Date.now() + 25 * 60 * 60_000 };
  await collectDaily({ ...server.server.ctx, clock }, instances);
  expect(await total()).toBe(before + 1);
});

test('the one process is listed with its connections', async () => {
  await alice.ddp();
  const { instances } = (await server.admin.get('instances.get')).body;
  expect(instances).toMatchObject([
    {
      currentStatus: { connected: true, local: true },
      instanceRecord: { pid: process.pid, extraInformation: { conns: 1, os: { cpus: expect.any(Number) } } },
    },
  ]);
});

test('what clients count is taken and forgotten', async () => {
  const { status, body } = await alice.post('statistics.telemetry', { params: [{ eventName: 'x' }] });
  expect({ status, body }).toEqual({ status: 200, body: { success: true } });
});

test('only those with the permission see figures', async () => {
  for (const path of ['statistics', 'statistics.list']) {
    expect((await server.anonymous.get(path)).status).toBe(401);
    const { status, body } = await alice.get(path);
    expect({ status, body }).toEqual({ status: 400, body: { success: false, error: 'error-not-allowed' } });
  }
  expect((await alice.get('instances.get')).status).toBe(403);
});
