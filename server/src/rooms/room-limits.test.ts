import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let admin: Person;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  world = await startRoomWorld();
  ({ admin, alice, bob } = world);
});
afterAll(() => world.close());

describe('what a room carries to each of its members is limited', () => {
  const long = 'x'.repeat(10_001);
  const huge = { customFields: { text: 'x'.repeat(20_000) } };
  const refused = { status: 400, body: { success: false, errorType: 'error-invalid-params' } };
  const badName = { status: 400, body: { errorType: 'error-invalid-room-name' } };

  test('when it is created', async () => {
    const create = (more: object) => alice.post('channels.create', { name: world.newName(), ...more });
    expect(await create({ extraData: { topic: long } })).toMatchObject(refused);
    expect(await create(huge)).toMatchObject(refused);
    expect(await create({ name: 'x'.repeat(256) })).toMatchObject(badName);
    expect(await create({ name: 'x'.repeat(255) })).toMatchObject({ status: 200 });
  });

  test('when it is changed', async () => {
    const { _id: roomId } = await world.channel();
    const before = await world.room(roomId);
    const texts = { setTopic: 'topic', setDescription: 'description', setAnnouncement: 'announcement' };
    for (const [path, param] of Object.entries(texts)) {
      expect(await alice.post(`channels.${path}`, { roomId, [param]: long })).toMatchObject(refused);
    }
    expect(await alice.post('channels.setCustomFields', { roomId, ...huge })).toMatchObject(refused);
    expect(await alice.post('channels.setJoinCode', { roomId, joinCode: long })).toMatchObject(refused);
    expect(await alice.post('channels.rename', { roomId, name: long })).toMatchObject(badName);
    expect(await world.room(roomId)).toEqual(before);
  });
});

test('not even an administrator makes a direct room one that others can enter', async () => {
  const rid = (await alice.post('im.create', { username: 'bob' })).body.room._id;
  await world.say(bob, rid, 'between us');
  const save = async (settings: object) =>
    (await admin.post('rooms.saveRoomSettings', { rid, ...settings })).body;
  const details = { method: 'saveRoomSettings', action: 'Change_Room_Type' };
  const reason = 'Changing the type of a direct room is not allowed';
  for (const roomType of ['c', 'p']) {
    expect(await save({ roomType })).toEqual(coded('error-action-not-allowed', reason, details));
  }
  expect(await save({ default: true })).toMatchObject({ errorType: 'error-action-not-allowed' });
  expect(await world.room(rid)).toMatchObject({ t: 'd', default: false });
});
