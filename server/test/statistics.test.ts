import { afterAll, beforeAll, expect, test } from 'vitest';
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
    teams: { totalTeams: 0, totalRoomsInsideTeams: 0 },
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

test('the daily figures are made once a day', async () => {
  const total = async () => (await server.admin.get('statistics.list')).body.total;
  const before = await total();
  await collectDaily(server.server.ctx);
  expect(await total()).toBe(before);
  const clock = { ...server.server.ctx.clock, now: () => Date.now() + 25 * 60 * 60_000 };
  await collectDaily({ ...server.server.ctx, clock });
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
