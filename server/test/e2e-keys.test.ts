import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coded, type RoomWorld, startRoomWorld, type TestRoom } from './support/rooms.ts';
import type { Answer, Person } from './support/server.ts';

/** End-to-end encryption: the server keeps keys that it cannot use (spec 31 §6). */

let world: RoomWorld;
let secret: TestRoom;

beforeAll(async () => {
  world = await startRoomWorld({ settingOverrides: { E2E_Enable: 'true' } });
  const { alice, bob } = world;
  for (const person of [alice, bob]) await setKeys(person);
  secret = await world.group([bob], { extraData: { encrypted: true } });
  await alice.post('e2e.setRoomKeyID', { rid: secret._id, keyID: 'key-1' });
  await give(alice, secret, alice, 'for alice');
});
afterAll(() => world.close());

const refusal = (...refused: Parameters<typeof coded>) => ({ status: 400, body: coded(...refused) });
const OK = { status: 200, body: { success: true } };

const setKeys = (person: Person, more: object = {}): Promise<Answer> =>
  person.post('e2e.setUserPublicAndPrivateKeys', {
    public_key: `public ${person.username}`,
    private_key: `private ${person.username}`,
    ...more,
  });

const give = (from: Person, { _id: rid }: TestRoom, to: Person, key: string): Promise<Answer> =>
  from.post('e2e.updateGroupKey', { rid, uid: to.uid, key });

const waitingIn = async (rid: string) =>
  ((await world.room(rid)).usersWaitingForE2EKeys as { userId: string }[] | undefined)?.map(
    ({ userId }) => userId,
  );

describe('own keys', () => {
  test('are kept for their owner, and replaced only on demand', async () => {
    const { alice, carol } = world;
    expect((await alice.get('e2e.fetchMyKeys')).body).toEqual({
      ...{ public_key: 'public alice', private_key: 'private alice', success: true },
    });
    expect((await carol.get('e2e.fetchMyKeys')).body).toEqual({ success: true });
    expect(await setKeys(alice)).toMatchObject(
      refusal('error-keys-already-set', 'Keys already set', { method: 'e2e.setUserPublicAndPrivateKeys' }),
    );
    expect(await setKeys(alice, { force: true })).toMatchObject(OK);
    expect(await (await alice.ddp()).call('e2e.fetchMyKeys')).toMatchObject({ public_key: 'public alice' });
  });

  test('are in no answer about people', async () => {
    const { alice, admin } = world;
    for (const person of [alice, admin]) {
      const info = await person.get('users.info', { username: 'bob' });
      expect(JSON.stringify(info.body)).not.toContain('private bob');
    }
  });
});

describe('the key of a room', () => {
  test('is named once, by who may see the room', async () => {
    const { alice, carol } = world;
    expect(await world.room(secret._id)).toMatchObject({ encrypted: true, e2eKeyId: 'key-1' });
    const name = (person: Person, rid: string) => person.post('e2e.setRoomKeyID', { rid, keyID: 'key-2' });
    const details = { method: 'e2e.setRoomKeyID' };
    expect(await name(alice, secret._id)).toMatchObject(
      refusal('error-room-e2e-key-already-exists', 'E2E Key ID already exists', details),
    );
    for (const [person, rid] of [
      [carol, secret._id],
      [alice, 'nowhere'],
    ] as const) {
      expect(await name(person, rid)).toMatchObject(refusal('error-invalid-room', 'Invalid room', details));
    }
  });

  test('is given to a member who lacks it, and counts once it is accepted', async () => {
    const { alice, bob } = world;
    const lacking = await alice.get('e2e.getUsersOfRoomWithoutKey', { rid: secret._id });
    expect(lacking.body).toEqual({
      users: [{ _id: bob.uid, e2e: { public_key: 'public bob' } }],
      success: true,
    });
    const ears = await world.listen(bob);
    expect(await give(alice, secret, bob, 'for bob')).toMatchObject(OK);
    expect(await world.subscription(bob, secret._id)).toMatchObject({ E2ESuggestedKey: 'for bob' });
    expect((await ears.subscriptions(secret._id)).at(-1)).toMatchObject([
      'updated',
      { E2ESuggestedKey: 'for bob' },
    ]);
    expect(await bob.post('e2e.acceptSuggestedGroupKey', { rid: secret._id })).toMatchObject(OK);
    const subscription = await world.subscription(bob, secret._id);
    expect(subscription).toMatchObject({ E2EKey: 'for bob' });
    expect(subscription).not.toHaveProperty('E2ESuggestedKey');
    expect(await bob.post('e2e.acceptSuggestedGroupKey', { rid: secret._id })).toMatchObject(
      refusal('error-no-suggested-key-available', 'No suggested key available'),
    );
    expect((await alice.get('e2e.getUsersOfRoomWithoutKey', { rid: secret._id })).body.users).toEqual([]);
  });

  test('a newcomer with keys waits for it and the others learn that; who refuses waits on', async () => {
    const { alice, carol } = world;
    const room = await world.group([], { extraData: { encrypted: true } });
    await alice.post('e2e.setRoomKeyID', { rid: room._id, keyID: 'key-3' });
    await give(alice, room, alice, 'for alice');
    await setKeys(carol, { force: true });
    const socket = await alice.ddp();
    await socket.subscribe('stream-notify-user', `${alice.uid}/e2ekeyRequest`);
    await alice.post('groups.invite', { roomId: room._id, userId: carol.uid });
    expect(await socket.event('notify-user', `${alice.uid}/e2ekeyRequest`)).toEqual([room._id, 'key-3']);
    expect(await waitingIn(room._id)).toEqual([carol.uid]);
    const asked = await alice.get('e2e.fetchUsersWaitingForGroupKey', {
      roomIds: [room._id, secret._id, 'x'],
    });
    expect(asked.body).toEqual({
      usersWaitingForE2EKeys: { [room._id]: [{ _id: carol.uid, public_key: 'public carol' }] },
      success: true,
    });
    const oldKeys = [{ e2eKeyId: 'key-0', ts: new Date(0).toISOString(), E2EKey: 'old' }];
    const suggest = (person: Person, rid: string) =>
      person.post('e2e.provideUsersSuggestedGroupKeys', {
        usersSuggestedGroupKeys: { [rid]: [{ _id: carol.uid, key: 'for carol', oldKeys }] },
      });
    expect(await suggest(alice, room._id)).toMatchObject(OK);
    expect(await waitingIn(room._id)).toEqual([]);
    expect(await carol.post('e2e.rejectSuggestedGroupKey', { rid: room._id })).toMatchObject(OK);
    expect(await world.subscription(carol, room._id)).not.toHaveProperty('E2ESuggestedKey');
    expect(await waitingIn(room._id)).toEqual([carol.uid]);
    await suggest(alice, room._id);
    await carol.post('e2e.acceptSuggestedGroupKey', { rid: room._id });
    expect(await world.subscription(carol, room._id)).toMatchObject({
      E2EKey: 'for carol',
      oldRoomKeys: oldKeys,
    });
    // Nobody gives keys of rooms that are not theirs.
    expect(await suggest(world.bob, room._id)).toMatchObject(OK);
    expect(await world.subscription(carol, room._id)).not.toHaveProperty('E2ESuggestedKey');
  });

  test('whoever is banned waits no more, and waits anew after coming back', async () => {
    const { alice, carol } = world;
    const room = await world.group([carol], { extraData: { encrypted: true } });
    await alice.post('e2e.setRoomKeyID', { rid: room._id, keyID: 'key-5' });
    await give(alice, room, alice, 'for alice');
    await alice.post('groups.kick', { roomId: room._id, userId: carol.uid });
    await alice.post('groups.invite', { roomId: room._id, userId: carol.uid });
    expect(await waitingIn(room._id)).toEqual([carol.uid]);
    await alice.post('rooms.banUser', { roomId: room._id, userId: carol.uid });
    expect(await waitingIn(room._id)).toEqual([]);
    await alice.post('rooms.unbanUser', { roomId: room._id, userId: carol.uid });
    await alice.post('groups.invite', { roomId: room._id, userId: carol.uid });
    expect(await waitingIn(room._id)).toEqual([carol.uid]);
  });

  test('members who get keys later wait then, and may ask', async () => {
    const { alice, server } = world;
    const dan = await server.person('dan');
    const room = await world.group([dan], { extraData: { encrypted: true } });
    await alice.post('e2e.setRoomKeyID', { rid: room._id, keyID: 'key-4' });
    expect(await waitingIn(room._id)).toBeUndefined();
    await setKeys(dan);
    expect(await waitingIn(room._id)).toEqual([dan.uid]);
    const socket = await alice.ddp();
    await socket.subscribe('stream-notify-room', `${room._id}/e2e.keyRequest`);
    expect(await dan.post('e2e.requestSubscriptionKeys')).toMatchObject(OK);
    expect(await socket.event('notify-room', `${room._id}/e2e.keyRequest`)).toEqual(['key-4']);
  });

  test('is replaced by a new one, for which the others wait; the former ones are kept', async () => {
    const { alice, bob, carol } = world;
    const room = await world.group([bob, carol], { extraData: { encrypted: true } });
    await alice.post('e2e.setRoomKeyID', { rid: room._id, keyID: 'first' });
    await give(alice, room, alice, 'first of alice');
    await give(bob, room, bob, 'first of bob');
    await give(alice, room, carol, 'suggested');
    const ears = await world.listen(bob);
    const reset = (person: Person, n: string, rid = room._id) =>
      person.post('e2e.resetRoomKey', { rid, e2eKey: `${n} of alice`, e2eKeyId: n });
    expect(await reset(bob, 'second')).toEqual(
      expect.objectContaining({ status: 403, body: { success: false, error: 'error-not-allowed' } }),
    );
    for (const rid of [room._id, 'nowhere'])
      expect(await reset(world.admin, 'second', rid)).toMatchObject({
        status: 400,
        body: { success: false, error: 'error-not-allowed' },
      });
    expect((await alice.post('e2e.resetRoomKey', { rid: room._id })).body.errorType).toBe(
      'error-invalid-params',
    );
    expect(await reset(alice, 'second')).toMatchObject(OK);
    expect(await world.room(room._id)).toMatchObject({ encrypted: true, e2eKeyId: 'second' });
    expect(await waitingIn(room._id)).toEqual(expect.arrayContaining([bob.uid, carol.uid]));
    expect((await ears.subscriptions(room._id)).at(-1)?.[1]).not.toHaveProperty('E2EKey');
    // Dates as any other: `$date` on the socket, ISO texts over REST.
    const ts = { $date: expect.any(Number) };
    expect((await ears.subscriptions(room._id)).at(-1)?.[1]).toMatchObject({ oldRoomKeys: [{ ts }] });
    expect((await ears.rooms(room._id)).at(-1)?.[1]).toMatchObject({
      usersWaitingForE2EKeys: [{ ts }, { ts }],
    });
    const first = (person: Person) => ({
      ...{ e2eKeyId: 'first', ts: expect.any(String), E2EKey: `first of ${person.username}` },
    });
    expect(await world.subscription(alice, room._id)).toMatchObject({
      ...{ E2EKey: 'second of alice', oldRoomKeys: [first(alice)] },
    });
    expect(await world.subscription(bob, room._id)).toMatchObject({ oldRoomKeys: [first(bob)] });
    const lacking = await world.subscription(carol, room._id);
    for (const member of ['E2EKey', 'E2ESuggestedKey', 'oldRoomKeys'])
      expect(lacking).not.toHaveProperty(member);
    await reset(alice, 'third');
    const { oldRoomKeys } = (await world.subscription(alice, room._id)) ?? {};
    expect(oldRoomKeys.map(({ e2eKeyId }: { e2eKeyId: string }) => e2eKeyId)).toEqual(['second', 'first']);
  });

  test.each<[string, () => Promise<Answer>, object]>([
    ['no login', () => world.server.anonymous.get('e2e.fetchMyKeys'), { status: 401 }],
    [
      'no keys',
      () => world.alice.post('e2e.setUserPublicAndPrivateKeys', {}),
      { status: 400, body: { errorType: 'error-invalid-params' } },
    ],
    [
      'members of a room that is not theirs',
      () => world.carol.get('e2e.getUsersOfRoomWithoutKey', { rid: secret._id }),
      refusal('error-invalid-room', 'Invalid room', { method: 'e2e.getUsersOfRoomWithoutKey' }),
    ],
    [
      'accepting in a room that is not theirs',
      () => world.carol.post('e2e.acceptSuggestedGroupKey', { rid: secret._id }),
      refusal('error-subscription-not-found', 'Subscription not found'),
    ],
    [
      'rejecting nothing',
      () => world.alice.post('e2e.rejectSuggestedGroupKey', { rid: secret._id }),
      refusal('error-no-suggested-key-available', 'No suggested key available'),
    ],
  ])('refused: %s', async (_, call, expected) => {
    expect(await call()).toMatchObject(expected);
  });

  test('keys given to or by strangers change nothing, and are no error', async () => {
    const { alice, carol } = world;
    expect(await give(carol, secret, alice, 'not hers')).toMatchObject(OK);
    expect(await give(alice, secret, carol, 'for nobody')).toMatchObject(OK);
    expect(await world.subscription(alice, secret._id)).toMatchObject({ E2EKey: 'for alice' });
    expect(await world.subscription(alice, secret._id)).not.toHaveProperty('E2ESuggestedKey');
  });
});

describe('resetting keys', () => {
  test('takes them with those of the rooms, and ends all sessions', async () => {
    const { server, admin, alice } = world;
    const erin = await server.person('erin');
    await setKeys(erin);
    const room = await world.group([erin], { extraData: { encrypted: true } });
    await alice.post('e2e.setRoomKeyID', { rid: room._id, keyID: 'key-5' });
    await give(erin, room, erin, 'for erin');
    expect(await admin.post('users.resetE2EKey', { username: 'erin' })).toMatchObject(OK);
    expect((await erin.get('me')).status).toBe(401);
    const { ctx } = server.server;
    const left = await ctx.db.selectFrom('e2e_keys').select('uid').where('uid', '=', erin.uid).execute();
    expect(left).toEqual([]);
    const docs = await ctx.db.selectFrom('subscriptions').select('doc').where('uid', '=', erin.uid).execute();
    expect(docs.map(({ doc }) => doc).join()).not.toContain('for erin');
    const { events } = (await admin.get('audit.actions', { count: 1 })).body;
    expect(events[0]).toMatchObject({ t: 'user.keysReset' });
  });

  test('is for oneself, or for those who may reset those of others', async () => {
    const { server, alice } = world;
    const fay = await server.person('fay');
    expect(await fay.post('users.resetE2EKey', { userId: alice.uid })).toMatchObject(
      refusal('error-not-allowed', 'Not allowed', { method: 'resetE2EKey' }),
    );
    expect(await world.admin.post('users.resetE2EKey', { username: 'nobody' })).toMatchObject({
      status: 400,
      body: { errorType: 'error-invalid-user' },
    });
    expect(await fay.post('users.resetE2EKey', {})).toMatchObject(OK);
    expect((await fay.get('me')).status).toBe(401);
  });
});
