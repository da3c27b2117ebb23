import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  INVALID_PARAMS,
  ISO,
  NO_PERMISSION,
  plain,
  type RoomWorld,
  startRoomWorld,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let people = 0;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const posted = async (person: Person, path: string, body: object) => {
  const answer = await person.post(path, body);
  return [answer.status, answer.body];
};
const read = async (path: string, query: Record<string, unknown> = {}) =>
  (await world.admin.get(path, query)).body;
const DONE = [200, { success: true }];

/** A new person who wrote these messages into a new channel, each reported by bob. */
async function offender(...texts: string[]) {
  const { server, bob, channel, say } = world;
  const person = await server.person(`offender-${++people}`);
  const { _id: rid } = await channel([person, bob]);
  const ids: string[] = [];
  for (const text of texts) {
    const { _id } = await say(person, rid, text);
    ids.push(_id);
    await bob.post('chat.reportMessage', { messageId: _id, description: `${text} is rude` });
  }
  return { person, rid, ids };
}

describe('reporting', () => {
  test('a message, over REST and DDP', async () => {
    const { bob, channel, carol, say } = world;
    const { person, ids, rid } = await offender('zounds');
    const [messageId = ''] = ids;
    expect(await (await bob.ddp()).call('reportMessage', messageId, 'again')).toBe(true);
    expect(await posted(bob, 'chat.reportMessage', { messageId, description: 'more' })).toEqual(DONE);
    const { reports, total } = await read('moderation.reports', { msgId: messageId });
    expect(total).toBe(3);
    expect(reports[0]).toEqual({
      _id: expect.any(String),
      description: 'more',
      reportedBy: { _id: bob.uid, username: 'bob', name: 'bob', createdAt: ISO },
      ts: ISO,
      room: { _id: rid, name: expect.any(String), fname: expect.any(String), t: 'c' },
    });
    const { report } = await read('moderation.reportInfo', { reportId: reports[0]._id });
    expect(report).toMatchObject({ message: { _id: messageId, msg: 'zounds', u: { _id: person.uid } } });

    const secret = await world.group();
    const { _id: hidden } = await say(world.alice, secret._id, 'psst');
    const report_ = (body: object) => posted(carol, 'chat.reportMessage', body);
    expect(await report_({ messageId })).toEqual([400, INVALID_PARAMS]);
    expect(await report_({ messageId, description: ' ' })).toEqual([400, plain('error-invalid-description')]);
    for (const unknown of ['nowhere', hidden])
      expect(await report_({ messageId: unknown, description: 'x' })).toEqual([
        400,
        plain('error-invalid-message_id'),
      ]);
    expect(await channel()).toBeDefined();
  });

  test('a person', async () => {
    const { bob, carol } = world;
    const report = (body: object) => posted(bob, 'moderation.reportUser', body);
    expect(await report({ userId: carol.uid, description: 'loud' })).toEqual(DONE);
    expect(await report({ userId: carol.uid, description: ' ' })).toEqual([400, INVALID_PARAMS]);
    expect(await report({ userId: 'nobody', description: 'x' })).toEqual([
      400,
      plain('Invalid user id provided.'),
    ]);
    expect(await read('moderation.user.reportsByUserId', { userId: carol.uid })).toMatchObject({
      user: {
        _id: carol.uid,
        username: 'carol',
        name: 'carol',
        emails: [{ address: expect.stringContaining('carol'), verified: expect.any(Boolean) }],
        roles: ['user'],
        active: true,
        createdAt: ISO,
      },
      reports: [{ description: 'loud', reportedUser: { _id: carol.uid }, reportedBy: { username: 'bob' } }],
      ...{ count: 1, total: 1, offset: 0 },
    });
    const { reports } = await read('moderation.userReports', { selector: 'CAROL' });
    expect(reports).toEqual([
      { reportedUser: expect.objectContaining({ username: 'carol' }), ts: ISO, count: 1 },
    ]);
  });
});

describe('reading', () => {
  test('one entry for each author of reported messages, the newest first', async () => {
    const before = new Date().toISOString();
    const first = await offender('egad', 'gadzooks');
    const second = await offender('fie');
    const { reports, total } = await read('moderation.reportsByUsers', { oldest: before });
    expect(total).toBe(2);
    expect(reports.map(({ userId }: { userId: string }) => userId)).toEqual([
      second.person.uid,
      first.person.uid,
    ]);
    expect(reports[1]).toEqual({
      userId: first.person.uid,
      username: first.person.username,
      name: first.person.username,
      message: 'gadzooks',
      msgId: first.ids[1],
      ts: ISO,
      rooms: [expect.objectContaining({ _id: first.rid })],
      count: 2,
      isUserDeleted: false,
    });
    const upwards = await read('moderation.reportsByUsers', { oldest: before, sort: '{"ts":1}', count: 1 });
    expect([upwards.reports[0].userId, upwards.count]).toEqual([first.person.uid, 1]);
    expect((await read('moderation.reportsByUsers', { latest: before, selector: 'egad' })).reports).toEqual(
      [],
    );
    expect((await read('moderation.reportsByUsers', { selector: 'EGAD' })).total).toBe(1);
  });

  test('each message of an author once, also when the author is gone', async () => {
    const { admin, bob } = world;
    const { person, ids } = await offender('alas', 'alack');
    await bob.post('chat.reportMessage', { messageId: ids[0], description: 'twice' });
    await admin.post('users.delete', { userId: person.uid });
    const found = await read('moderation.user.reportedMessages', { userId: person.uid });
    expect(found).toMatchObject({ user: null, total: 2, count: 2, offset: 0, success: true });
    expect(found.messages.map(({ message }: { message: { msg: string } }) => message.msg).sort()).toEqual([
      'alack',
      'alas',
    ]);
    const { reports } = await read('moderation.reportsByUsers', { selector: person.username });
    expect(reports).toMatchObject([{ isUserDeleted: true, username: person.username, count: 3 }]);
  });

  test('an unknown report', async () => {
    expect(await read('moderation.reportInfo', { reportId: 'x' })).toEqual(plain('error-report-not-found'));
  });
});

describe('acting', () => {
  test('reported messages of an author are deleted, in every room, and their reports dismissed', async () => {
    const { admin, bob, listen } = world;
    const { person, rid, ids } = await offender('bosh', 'tosh');
    const socket = await listen(bob);
    for (const event of ['deleteMessage', 'deleteMessageBulk'])
      await socket.socket.subscribe('stream-notify-room', `${rid}/${event}`);
    const act = () =>
      posted(admin, 'moderation.user.deleteReportedMessages', { userId: person.uid, reason: 'rude' });
    const { reports } = await read('moderation.reports', { msgId: ids[0] });
    expect(await act()).toEqual(DONE);
    await socket.socket.barrier();
    const gone = socket.socket.events('notify-room', `${rid}/deleteMessage`).map(([message]) => message);
    expect(gone).toEqual(expect.arrayContaining(ids.map((_id) => ({ _id }))));
    const [bulk] = socket.socket.events('notify-room', `${rid}/deleteMessageBulk`).map(([one]) => one);
    expect(bulk).toMatchObject({ rid, users: [], excludePinned: false, ignoreDiscussion: false });
    expect((bulk as { ids: string[] }).ids.toSorted()).toEqual(ids.toSorted());
    expect(await world.messages(rid)).toEqual([]);
    expect(await world.room(rid)).toMatchObject({ msgs: 0 });
    expect(await act()).toEqual([400, plain('No reported messages found for this user.')]);
    expect(await read('moderation.reportInfo', { reportId: reports[0]._id })).toMatchObject({
      success: false,
    });
    const stored = await world.server.server.ctx.db
      .selectFrom('reports')
      .select('moderation')
      .where('id', '=', reports[0]._id)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(stored.moderation ?? '')).toEqual({
      moderatedBy: admin.uid,
      hiddenAt: ISO,
      action: 'DELETE Messages',
      reason: 'rude',
    });
  });

  test('reports are dismissed by message, by author and by person', async () => {
    const { admin, bob } = world;
    const { person, ids } = await offender('pish', 'tush');
    await bob.post('moderation.reportUser', { userId: person.uid, description: 'rude' });
    const dismiss = (body: object) => posted(admin, 'moderation.dismissReports', body);
    expect(await dismiss({ msgId: ids[0] })).toEqual(DONE);
    expect(await dismiss({ msgId: ids[0] })).toEqual([400, plain('no-reports-found')]);
    expect((await read('moderation.user.reportedMessages', { userId: person.uid })).total).toBe(1);
    expect(await dismiss({ userId: person.uid, reason: 'fine', action: 'None' })).toEqual(DONE);
    expect((await read('moderation.user.reportedMessages', { userId: person.uid })).total).toBe(0);
    expect(await dismiss({})).toEqual([400, INVALID_PARAMS]);
    expect(await dismiss({ userId: person.uid, msgId: 'x' })).toEqual([400, INVALID_PARAMS]);
    const dismissUser = (body: object) => posted(admin, 'moderation.dismissUserReports', body);
    expect(await dismissUser({ msgId: 'x' })).toEqual([400, plain('error-user-id-param-not-provided')]);
    expect(await dismissUser({ userId: person.uid })).toEqual(DONE);
    expect(await dismissUser({ userId: person.uid })).toEqual([400, plain('no-reports-found')]);
  });

  test('only moderators may', async () => {
    const { alice, server } = world;
    const routes = server.server.doors.endpoints.filter(
      ({ path }) => path.startsWith('moderation.') && path !== 'moderation.reportUser',
    );
    expect(routes).toHaveLength(9);
    for (const { method, path } of routes) {
      const answer = method === 'GET' ? await alice.get(path) : await alice.post(path, {});
      expect([path, answer.status, answer.body]).toEqual([path, 403, NO_PERMISSION]);
    }
  });
});
