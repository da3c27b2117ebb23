import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';
import { callerFor, findUserById } from '../accounts/find-users.ts';
import type { Caller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import { findPlace, type Place } from './sending-rules.ts';
import { storeMessage } from './store-message.ts';

/** What happens between the check of the rules and the transaction: the place is as it was before. */

let server: TestServer;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
  bob = await server.person('bob');
});
afterAll(() => server.close());

async function checkedPlace(): Promise<{ rid: string; caller: Caller; place: Place }> {
  const { body } = await alice.post('channels.create', { name: `race-${newId()}`, members: ['bob'] });
  const rid = body.channel._id as string;
  const { ctx } = server.server;
  const user = await findUserById(ctx, bob.uid);
  if (!user) throw new Error('bob is missing');
  const caller = callerFor(user, { ip: '127.0.0.1', userAgent: '' });
  const place = await findPlace(ctx, caller, rid);
  if (!place) throw new Error('the room is missing');
  return { rid, caller, place };
}

function store({ rid, caller, place }: { rid: string; caller: Caller; place: Place }) {
  const message = { _id: newId(), rid, msg: 'too late', u: { _id: bob.uid, username: 'bob' } };
  const reach = { mentionedIds: [], highlightedIds: [], groupMention: false };
  return storeMessage(server.server.ctx, caller, place, message, reach);
}

const stored = async (rid: string) => {
  const { body } = await alice.get('channels.history', { roomId: rid });
  return body.messages.map((message: { msg: string }) => message.msg);
};

test('a sender who was removed meanwhile is refused and leaves nothing', async () => {
  const checked = await checkedPlace();
  await alice.post('channels.kick', { roomId: checked.rid, userId: bob.uid });
  await expect(store(checked)).rejects.toMatchObject({ kind: 'plain', reason: 'error-not-allowed' });
  expect(await stored(checked.rid)).toEqual(['bob']);
});

test('a room that was archived meanwhile takes nothing more', async () => {
  const checked = await checkedPlace();
  await alice.post('channels.archive', { roomId: checked.rid });
  await expect(store(checked)).rejects.toMatchObject({ kind: 'plain', reason: 'room_is_archived' });
  const { body } = await alice.get('channels.info', { roomId: checked.rid });
  expect([body.channel.msgs, body.channel.lm]).toEqual([1, undefined]);
});

test('without such a change it is stored', async () => {
  const checked = await checkedPlace();
  await store(checked);
  expect(await stored(checked.rid)).toEqual(['too late']);
});
