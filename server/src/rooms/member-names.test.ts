import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';
import { createEventBus } from '../kernel/events.ts';
import { usernamesInRoom } from './member-lists.store.ts';
import { MemberNames } from './member-names.ts';

let server: TestServer;
let alice: Person;
let names: MemberNames;
let rid: string;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
  names = new MemberNames(server.server.ctx);
  const { body } = await alice.post('channels.create', { name: 'engines' });
  rid = body.channel._id;
});
afterAll(() => server.close());

const stored = async () => (await usernamesInRoom(server.server.ctx.db, rid)).map(({ username }) => username);
const known = async () => JSON.parse((await names.of(rid)).text) as string[];

test('what is kept stays what is stored, through joins, leaves, kicks, renames, bans and deletions', async () => {
  const people = await Promise.all(
    ['bob', 'carol', 'dave', 'erin', 'frank'].map((name) => server.person(name)),
  );
  const [bob, carol, dave, erin, frank] = people as [Person, Person, Person, Person, Person];
  const { admin } = server;
  const steps: (() => Promise<unknown>)[] = [
    () => bob.post('channels.join', { roomId: rid }),
    () => carol.post('channels.join', { roomId: rid }),
    () => alice.post('channels.invite', { roomId: rid, userIds: [dave.uid, erin.uid] }),
    () => bob.post('channels.leave', { roomId: rid }),
    () => frank.post('channels.join', { roomId: rid }),
    () => bob.post('channels.join', { roomId: rid }),
    () => alice.post('channels.kick', { roomId: rid, userId: carol.uid }),
    () => admin.post('users.update', { userId: dave.uid, data: { username: 'david' } }),
    () => admin.post('users.delete', { userId: erin.uid }),
    () => Promise.all(people.map((person) => person.post('channels.join', { roomId: rid }))),
  ];
  expect(await known()).toEqual(['alice']);
  for (const step of steps) {
    await step();
    expect(await known()).toEqual(await stored());
  }
  expect(await stored()).toContain('david');
});

test('an answer while people come and go is of some moment in between, and later answers are right', async () => {
  const fresh = new MemberNames(server.server.ctx);
  const guests = await Promise.all(['g1', 'g2', 'g3'].map((name) => server.person(name)));
  const joining = guests.map((guest) => guest.post('channels.join', { roomId: rid }));
  const early = JSON.parse((await fresh.of(rid)).text) as string[];
  await Promise.all(joining);
  expect(await stored()).toEqual(expect.arrayContaining(early));
  expect(JSON.parse((await fresh.of(rid)).text)).toEqual(await stored());
});

test('an invitation that is accepted while the room is read is not missed by later answers', async () => {
  const { ctx } = server.server;
  const invited = await server.person('invited');
  await alice.post('channels.invite', { roomId: rid, userId: invited.uid });
  const setStatus = (status: string | null) =>
    ctx.write((tx) =>
      tx.updateTable('subscriptions').set({ status }).where('uid', '=', invited.uid).execute(),
    );
  await setStatus('INVITED');
  const events = createEventBus((error) => {
    throw error;
  });
  const { body } = await invited.get('subscriptions.getOne', { roomId: rid });
  const fresh = new MemberNames({ db: ctx.db, events });
  const reading = fresh.of(rid);
  events.publish('membership.changed', {
    action: 'updated',
    rid,
    uid: invited.uid,
    subscription: { ...body.subscription, status: undefined },
  });
  expect((await reading).text).not.toContain('"invited"');
  await setStatus(null);
  expect((await fresh.of(rid)).text).toContain('"invited"');
});
