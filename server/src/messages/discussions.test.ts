import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../test/support/ddp-client.ts';
import {
  coded,
  INVALID_PARAMS,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const start = async (person: Person, body: object): Promise<Frame> =>
  (await person.post('rooms.createDiscussion', body)).body;
const announcement = async (rid: string) =>
  (await world.messages(rid)).findLast(({ t }) => t === 'discussion-created') as Frame;
const DETAILS = { method: 'DiscussionCreation' };

describe('rooms.createDiscussion', () => {
  test('from a message: a room beside the room, announced there, with the author in it', async () => {
    const { alice, bob, channel, say, messages, subscription } = world;
    const parent = await channel([bob]);
    const root = await say(bob, parent._id, 'what about steam?');
    const { discussion, success } = await start(alice, {
      prid: parent._id,
      pmid: root._id,
      t_name: 'Steam',
      reply: 'let us talk',
    });
    expect(success).toBe(true);
    expect(discussion).toMatchObject({
      _id: expect.any(String),
      rid: discussion._id,
      t: 'c',
      prid: parent._id,
      fname: 'Steam',
      topic: parent.name,
      description: 'what about steam?',
      usersCount: 2,
      u: { username: 'alice' },
    });
    expect(discussion.name).not.toBe('Steam');
    expect(await announcement(parent._id)).toMatchObject({
      msg: 'Steam',
      drid: discussion._id,
      u: { username: 'alice' },
      attachments: [{ text: 'what about steam?', author_name: 'bob' }],
    });
    const said = (await messages(discussion._id)).filter(({ t }) => t === undefined);
    expect(said.map(({ msg, attachments }) => [msg, attachments?.length ?? 0])).toEqual([
      ['', 1],
      ['let us talk', 0],
    ]);
    expect(await subscription(bob, discussion._id)).toMatchObject({ prid: parent._id, fname: 'Steam' });
    expect((await subscription(alice, discussion._id))?.roles).toEqual(['owner']);
  });

  test('its announcement tells how much is said in it', async () => {
    const { alice, bob, channel, say } = world;
    const parent = await channel([bob]);
    const { discussion } = await start(alice, { prid: parent._id, t_name: 'Counting', users: ['bob'] });
    expect(await announcement(parent._id)).toMatchObject({ dcount: 0 });
    const message = await say(bob, discussion._id, 'one');
    await say(alice, discussion._id, 'two');
    const after = await announcement(parent._id);
    expect(after).toMatchObject({ dcount: 2, dlm: expect.any(String) });
    await bob.post('chat.delete', { roomId: discussion._id, msgId: message._id });
    expect(await announcement(parent._id)).toMatchObject({ dcount: 1 });
    const list = await alice.get('chat.getDiscussions', { roomId: parent._id });
    expect(list.body).toMatchObject({
      count: 1,
      total: 1,
      messages: [{ _id: after._id, drid: discussion._id }],
    });
    expect((await alice.get('chat.getDiscussions', { roomId: parent._id, text: 'nope' })).body.total).toBe(0);
  });

  test('a second one from the same message is the first', async () => {
    const { alice, bob, channel, say, subscription } = world;
    const parent = await channel([bob]);
    const root = await say(alice, parent._id, 'once');
    const first = await start(alice, { prid: parent._id, pmid: root._id, t_name: 'Once' });
    const second = await start(bob, { prid: parent._id, pmid: root._id, t_name: 'Twice' });
    expect(second.discussion).toEqual({ _id: first.discussion._id, rid: first.discussion._id });
    expect(await subscription(bob, first.discussion._id)).toMatchObject({ open: true });
  });

  test('beside a group or a direct room it is private', async () => {
    const { alice, bob, carol, group } = world;
    const parent = await group([bob]);
    const { discussion } = await start(alice, { prid: parent._id, t_name: 'Secret' });
    expect(discussion.t).toBe('p');
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    expect((await start(alice, { prid: direct, t_name: 'Between us' })).discussion.t).toBe('p');
    expect((await carol.get('rooms.info', { roomId: discussion._id })).status).toBe(400);
    // Whoever may enter the parent may enter the discussion.
    expect((await bob.get('rooms.info', { roomId: discussion._id })).status).toBe(200);
  });

  test('it goes with its announcement, and with its parent', async () => {
    const { alice, bob, channel, room } = world;
    const parent = await channel([bob]);
    const one = (await start(alice, { prid: parent._id, t_name: 'One' })).discussion._id;
    const msgId = (await announcement(parent._id))._id;
    const two = (await start(alice, { prid: parent._id, t_name: 'Two' })).discussion._id;
    for (const [sort, order] of [
      [undefined, [two, one]],
      ['{"ts":1}', [one, two]],
    ] as const) {
      const { messages } = (await alice.get('chat.getDiscussions', { roomId: parent._id, sort })).body;
      expect(messages.map(({ drid }: { drid: string }) => drid)).toEqual(order);
    }
    await alice.post('chat.delete', { roomId: parent._id, msgId });
    expect(await room(one)).toBeUndefined();
    const { body } = await alice.get('rooms.getDiscussions', { roomId: parent._id });
    expect(body).toMatchObject({ count: 1, total: 1, discussions: [{ _id: two, prid: parent._id }] });
    await alice.post('channels.delete', { roomId: parent._id });
    expect(await room(two)).toBeUndefined();
  });

  test('deleted by itself it leaves the announcement, which leads nowhere any more', async () => {
    const { alice, bob, channel } = world;
    const parent = await channel([bob]);
    const { discussion } = await start(alice, { prid: parent._id, t_name: 'Short' });
    const before = await announcement(parent._id);
    const ear = await bob.ddp();
    await ear.subscribe('stream-room-messages', parent._id);
    expect((await alice.post('rooms.delete', { roomId: discussion._id })).body).toEqual({ success: true });
    const after = await announcement(parent._id);
    expect(after).toMatchObject({ _id: before._id, t: 'discussion-created', msg: 'Short' });
    for (const gone of ['drid', 'dcount', 'dlm']) expect(after).not.toHaveProperty(gone);
    expect(after._updatedAt > before._updatedAt).toBe(true);
    await ear.barrier();
    const [[told]] = ear.events('room-messages', parent._id) as [[object]];
    expect(told).toMatchObject({ _id: before._id });
    expect(told).not.toHaveProperty('drid');
  });

  test('its topic follows the name of the parent room until somebody writes another one', async () => {
    const { alice, bob, channel, room, newName } = world;
    const parent = await channel([bob]);
    const following = (await start(alice, { prid: parent._id, t_name: 'One' })).discussion;
    const own = (await start(alice, { prid: parent._id, t_name: 'Two', topic: 'steam' })).discussion;
    const ear = await world.listen(bob);
    await bob.post('channels.join', { roomId: following._id });
    const name = newName();
    await alice.post('channels.rename', { roomId: parent._id, name });
    expect(await room(following._id)).toMatchObject({ topic: name, fname: 'One' });
    expect((await ear.rooms(following._id)).at(-1)?.[1]).toMatchObject({ topic: name });
    expect(await room(own._id)).toMatchObject({ topic: 'steam' });
  });

  test('DDP `createDiscussion` does the same', async () => {
    const { alice, channel } = world;
    const parent = await channel();
    const socket = await alice.ddp();
    const made = await socket.call('createDiscussion', { prid: parent._id, t_name: 'By socket', users: [] });
    expect(made).toMatchObject({ rid: made._id, prid: parent._id, fname: 'By socket' });
  });

  test('the refusals in their documented order', async () => {
    const { alice, bob, carol, channel, group, say } = world;
    const parent = await channel([bob]);
    const other = await group();
    const elsewhere = await say(alice, other._id, 'elsewhere');
    const t_name = 'No';
    const notAllowed = coded('error-action-not-allowed', 'You are not allowed to create a discussion', {
      method: 'createDiscussion',
    });
    expect(await start(alice, { t_name })).toEqual(INVALID_PARAMS);
    expect(await start(alice, { prid: parent._id })).toEqual(INVALID_PARAMS);
    await world.withSettings({ Discussion_enabled: false }, async () => {
      expect(await start(alice, { prid: parent._id, t_name })).toEqual(notAllowed);
    });
    await withPermission(world, 'start-discussion', [], async () => {
      await withPermission(world, 'start-discussion-other-user', [], async () => {
        expect(await start(bob, { prid: 'nowhere', t_name })).toEqual(notAllowed);
      });
    });
    expect(await start(alice, { prid: parent._id, t_name, pmid: 'nothing' })).toEqual(
      coded('error-invalid-message', 'Invalid message', DETAILS),
    );
    expect(await start(alice, { prid: parent._id, t_name, pmid: elsewhere._id })).toEqual(
      coded('error-invalid-arguments', 'Root message room ID does not match parent room ID ', DETAILS),
    );
    expect(await start(alice, { prid: 'nowhere', t_name })).toEqual(
      coded('error-invalid-room', 'Invalid room', DETAILS),
    );
    expect(await start(carol, { prid: other._id, t_name })).toEqual(plain('error-not-allowed'));
    const { discussion } = await start(alice, { prid: parent._id, t_name: 'Fine' });
    expect(await start(alice, { prid: discussion._id, t_name })).toEqual(
      coded('error-nested-discussion', 'Cannot create nested discussions', DETAILS),
    );
    expect(await start(alice, { prid: parent._id, t_name, encrypted: true, reply: 'x' })).toEqual(
      coded('error-invalid-arguments', 'Encrypted discussions must not receive an initial reply.', DETAILS),
    );
    expect((await carol.get('rooms.getDiscussions', { roomId: other._id })).body).toEqual(
      plain('not-allowed', 'Not Allowed'),
    );
    expect((await carol.get('chat.getDiscussions', { roomId: other._id })).body).toEqual(
      plain('error-not-allowed'),
    );
  });
});
