import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';

/** Calendar events (spec 11 §14). */

let server: TestServer;
let alice: Person;
let bob: Person;
beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
  bob = await server.person('bob');
});
afterAll(() => server.close());

const START = '2031-03-26T10:00:00.000Z';
const meeting = { startTime: START, subject: 'Standup', description: 'Every day' };
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

async function created(person: Person, input: object): Promise<string> {
  const { status, body } = await person.post('calendar-events.create', input);
  expect([status, body]).toEqual([200, { id: expect.any(String), success: true }]);
  return body.id;
}

const eventOf = async (person: Person, id: string) =>
  (await person.get('calendar-events.info', { id })).body.event;

const INVALID = { success: false, error: 'invalid-calendar-event' };

describe('events', () => {
  test('are their owner’s alone', async () => {
    const id = await created(alice, { ...meeting, endTime: '2031-03-26T10:30:00.000Z' });
    expect(await eventOf(alice, id)).toEqual({
      ...{ _id: id, uid: alice.uid, ...meeting, endTime: '2031-03-26T10:30:00.000Z', meetingUrl: null },
      ...{ reminderMinutesBeforeStart: 5, reminderTime: '2031-03-26T09:55:00.000Z' },
      ...{ notificationSent: false, busy: false, _updatedAt: expect.any(String) },
    });
    const foreign = await bob.get('calendar-events.info', { id });
    expect([foreign.status, foreign.body]).toEqual([400, { success: false }]);
    for (const answer of [
      await bob.post('calendar-events.update', { eventId: id, ...meeting }),
      await bob.post('calendar-events.delete', { eventId: id }),
      await bob.post('calendar-events.delete', { eventId: 'none' }),
    ]) {
      expect([answer.status, answer.body]).toEqual([400, INVALID]);
    }
    const { status, body } = await alice.post('calendar-events.delete', { eventId: id });
    expect([status, body]).toEqual([200, { success: true }]);
    expect((await alice.get('calendar-events.info', { id })).body).toEqual({ success: false });
  });

  test('are listed by day, in order', async () => {
    const late = await created(bob, { ...meeting, startTime: '2032-05-05T15:00:00.000Z' });
    const early = await created(bob, { ...meeting, startTime: '2032-05-05T11:00:00.000Z' });
    await created(bob, { ...meeting, startTime: '2032-05-08T11:00:00.000Z' });
    const { body } = await bob.get('calendar-events.list', { date: '2032-05-05T12:00:00.000Z' });
    expect(body.data.map((event: { _id: string }) => event._id)).toEqual([early, late]);
    expect((await alice.get('calendar-events.list', { date: '2032-05-05' })).body.data).toEqual([]);
  });

  test('change in what is said of them', async () => {
    const id = await created(alice, { ...meeting, meetingUrl: 'https://meet.example/a' });
    const input = { eventId: id, startTime: '2031-03-27T10:00:00.000Z', subject: 'Later', description: '' };
    await alice.post('calendar-events.update', { ...input, reminderMinutesBeforeStart: 30 });
    expect(await eventOf(alice, id)).toMatchObject({
      ...{ subject: 'Later', meetingUrl: 'https://meet.example/a' },
      ...{ reminderMinutesBeforeStart: 30, reminderTime: '2031-03-27T09:30:00.000Z' },
    });
  });

  test('are imported once per person', async () => {
    const description = 'Join at https://elsewhere.example/?callUrl=https%3A%2F%2Fmeet.example%2Fb&x=1';
    const input = { ...meeting, description, externalId: 'outlook-1' };
    const { id } = (await alice.post('calendar-events.import', input)).body;
    const again = await alice.post('calendar-events.import', { ...input, subject: 'Moved' });
    expect(again.body).toEqual({ id, success: true });
    expect(await eventOf(alice, id)).toMatchObject({
      ...{ externalId: 'outlook-1', subject: 'Moved', meetingUrl: 'https://meet.example/b' },
    });
    expect((await bob.post('calendar-events.import', input)).body.id).not.toBe(id);
    const missing = await alice.post('calendar-events.import', meeting);
    expect([missing.status, missing.body.errorType]).toEqual([400, 'error-invalid-params']);
  });
});

describe('reminders', () => {
  test('come before the event, once, to whoever wants them', async () => {
    const ddp = await alice.ddp();
    await ddp.subscribe('stream-notify-user', `${alice.uid}/calendar`);
    // Its time to remind has come already.
    const id = await created(alice, { ...meeting, startTime: soon(60_000) });
    const frame = await ddp.event('notify-user', `${alice.uid}/calendar`);
    expect(frame).toEqual([
      {
        title: 'Standup',
        text: expect.stringMatching(/^\d\d:\d\d$/),
        payload: { _id: id, startTimeUtc: (await eventOf(alice, id)).startTime },
      },
    ]);
    expect((await eventOf(alice, id)).notificationSent).toBe(true);
    await alice.post('users.setPreferences', { data: { notifyCalendarEvents: false } });
    const second = await created(alice, { ...meeting, startTime: soon(60_000) });
    await server.server.jobs.idle();
    await ddp.barrier();
    expect((await eventOf(alice, second)).notificationSent).toBe(true);
    expect(ddp.events('notify-user', `${alice.uid}/calendar`)).toHaveLength(1);
  });
});

describe('busy events', () => {
  test('show their owner as busy while they last, and not when they are moved away', async () => {
    const ddp = await bob.ddp();
    await ddp.call('UserPresence:online');
    const status = async () => {
      const { user } = (await alice.get('users.info', { userId: bob.uid })).body;
      return user.status;
    };
    const now = { ...meeting, startTime: soon(-60_000), endTime: soon(600_000), busy: true };
    const id = await created(bob, now);
    expect(await status()).toBe('busy');
    const me = (await bob.get('me')).body;
    expect([me.statusSource, me.statusExpiresAt]).toEqual(['external', now.endTime]);
    await bob.post('calendar-events.update', { eventId: id, ...meeting, endTime: START });
    expect(await status()).toBe('online');
    await bob.post('calendar-events.update', { eventId: id, ...now });
    await bob.post('users.setStatus', { status: 'away', message: '' });
    await bob.post('calendar-events.delete', { eventId: id });
    expect(await status()).toBe('away');
  });
});

test('a calendar goes with the account', async () => {
  const carol = await server.person('carol');
  await created(carol, meeting);
  await server.admin.post('users.delete', { userId: carol.uid });
  const { db } = server.server.ctx;
  const rows = await db.selectFrom('calendar_events').select('id').where('uid', '=', carol.uid).execute();
  expect(rows).toEqual([]);
});
