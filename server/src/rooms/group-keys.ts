import { publicKeysOf } from '../accounts/e2e-keys.ts';
import { loadUser } from '../accounts/find-users.ts';
import type { Context, WriteScope } from '../context.ts';
import type { Caller, UserRef } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from './access.ts';
import { changeMembership } from './change-membership.ts';
import { getMembership, getRoom } from './get-room.ts';
import { membersWaitingForKey } from './group-keys.store.ts';
import { membershipOf, membershipsOfUser } from './membership.store.ts';
import { isActiveMember, type Membership, type MembershipDetails } from './membership.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';
import './rooms.events.ts';
import { lockRoomById, roomsByIds, updateRoom } from './rooms.store.ts';
import { userRef } from './user-ref.ts';

/**
 * Keys of encrypted rooms (spec 31 §6). The server keeps them, each encrypted for one member, and who waits for one; it can
 * read none. A member gives the others the key: what they are given they accept or not.
 */

const MAX_ASKED = 500;
const METHOD = 'e2e.';

/** Names the first key of a room. @throws error-invalid-room, error-room-e2e-key-already-exists */
export async function setRoomKeyId(
  ctx: Context,
  caller: Caller,
  { rid, keyId }: { rid: string; keyId: string },
): Promise<void> {
  const details = { method: `${METHOD}setRoomKeyID` };
  const known = await getRoom(ctx, rid);
  if (!known || !(await canAccessRoom(ctx, caller, known)))
    fail('error-invalid-room', 'Invalid room', details);
  await ctx.write(async (tx, emit) => {
    const room = (await lockRoomById(tx, rid)) ?? fail('error-invalid-room', 'Invalid room', details);
    if (room.details.e2eKeyId) {
      fail('error-room-e2e-key-already-exists', 'E2E Key ID already exists', details);
    }
    await changeDetails(ctx, { tx, emit }, room, { e2eKeyId: keyId });
  });
}

/** Members who have a public key and not the room's. @throws error-invalid-room */
export async function membersWithoutKey(
  ctx: Context,
  caller: Caller,
  rid: string,
): Promise<{ uid: string; publicKey: string }[]> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) {
    fail('error-invalid-room', 'Invalid room', { method: `${METHOD}getUsersOfRoomWithoutKey` });
  }
  return membersWaitingForKey(ctx.db, rid, MAX_ASKED);
}

/** The caller's own key of a room, or a suggestion for another member. Nothing happens where the caller is no member. */
export async function updateGroupKey(
  ctx: Context,
  caller: Caller,
  { rid, uid, key }: { rid: string; uid: string; key: string },
): Promise<void> {
  if (!isActiveMember(await getMembership(ctx, rid, caller.uid))) return;
  await ctx.write(async (tx, emit) => {
    const own = uid === caller.uid;
    await changeKeys(ctx, { tx, emit }, rid, uid, own ? { E2EKey: key } : { E2ESuggestedKey: key });
    if (own) await stopWaiting(ctx, { tx, emit }, rid, [uid]);
  });
}

/** Asks the members of the caller's encrypted rooms for the keys that are missing. */
export async function requestKeys(ctx: Context, caller: Caller): Promise<void> {
  await ctx.write(async (tx, emit) => {
    for (const { room } of await roomsWithoutKey({ tx, emit }, caller.uid)) {
      emit('groupKey.requested', { rid: room.id, keyId: room.details.e2eKeyId ?? '' });
    }
  });
}

/** Takes the key that another member gave, or not. @throws error-subscription-not-found, error-no-suggested-key-available */
export async function answerSuggestedKey(
  ctx: Context,
  caller: Caller,
  rid: string,
  accepted: boolean,
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const membership = await membershipOf(tx, rid, caller.uid);
    if (!isActiveMember(membership)) fail('error-subscription-not-found', 'Subscription not found');
    const { E2ESuggestedKey: key, suggestedOldRoomKeys: old } = membership.details;
    if (key === undefined) fail('error-no-suggested-key-available', 'No suggested key available');
    const taken = accepted ? { E2EKey: key, ...(old ? { oldRoomKeys: old } : {}) } : {};
    const change = { ...taken, E2ESuggestedKey: undefined, suggestedOldRoomKeys: undefined };
    await changeKeys(ctx, { tx, emit }, rid, caller.uid, change);
    if (accepted) await stopWaiting(ctx, { tx, emit }, rid, [caller.uid]);
    else await startWaiting(ctx, { tx, emit }, rid, caller.uid);
  });
}

/** Who waits for the key, by room, of those rooms that the caller is a member of. */
export async function waitingMembers(
  ctx: Context,
  caller: Caller,
  rids: readonly string[],
): Promise<Record<string, { _id: string; public_key: string }[]>> {
  if (!ctx.settings.bool('E2E_Enable')) return {};
  const mine = new Set(
    (await membershipsOfUser(ctx.db, caller.uid)).filter(isActiveMember).map(({ rid }) => rid),
  );
  const rooms = await roomsByIds(
    ctx.db,
    rids.filter((rid) => mine.has(rid)),
  );
  const waiting = new Map(rooms.map((room) => [room.id, waitingIn(room).slice(0, MAX_ASKED)]));
  const keys = await publicKeysOf(ctx.db, [...new Set([...waiting.values()].flat())]);
  const found: Record<string, { _id: string; public_key: string }[]> = {};
  for (const [rid, uids] of waiting) {
    const members = uids.flatMap((_id) => {
      const public_key = keys.get(_id);
      return public_key === undefined ? [] : [{ _id, public_key }];
    });
    if (members.length > 0) found[rid] = members;
  }
  return found;
}

export interface SuggestedKey {
  uid: string;
  key: string;
  oldKeys?: MembershipDetails['oldRoomKeys'];
}

/** Gives members who wait the key of a room; rooms that the caller is no member of are passed over. */
export async function suggestKeys(
  ctx: Context,
  caller: Caller,
  byRoom: ReadonlyMap<string, readonly SuggestedKey[]>,
): Promise<void> {
  for (const [rid, given] of byRoom) {
    if (!isActiveMember(await getMembership(ctx, rid, caller.uid))) continue;
    await ctx.write(async (tx, emit) => {
      for (const { uid, key, oldKeys } of given) {
        const change = { E2ESuggestedKey: key, ...(oldKeys ? { suggestedOldRoomKeys: oldKeys } : {}) };
        await changeKeys(ctx, { tx, emit }, rid, uid, change);
      }
      const uids = given.map(({ uid }) => uid);
      await stopWaiting(ctx, { tx, emit }, rid, uids);
    });
  }
}

/** A user got keys: members of the encrypted rooms that lack one are told that somebody waits (`RoomHooks`). */
export async function waitForGroupKeys(ctx: Context, scope: WriteScope, uid: string): Promise<void> {
  for (const { room } of await roomsWithoutKey(scope, uid)) await startWaiting(ctx, scope, room.id, uid);
}

/** Whoever comes into an encrypted room and has keys waits for that of the room; `room` is changed in place. */
export async function waitForRoomKey(
  ctx: Context,
  { tx, emit }: WriteScope,
  room: Room,
  uid: string,
): Promise<void> {
  const { encrypted, e2eKeyId: keyId, usersWaitingForE2EKeys: waiting = [] } = room.details;
  if (!encrypted || !keyId || waitingIn(room).includes(uid)) return;
  if (!(await publicKeysOf(tx, [uid])).has(uid)) return;
  const entry = { userId: uid, ts: new Date(ctx.clock.now()).toISOString() };
  room.details.usersWaitingForE2EKeys = [...waiting, entry];
  await updateRoom(tx, room.id, ctx.clock.stamp(), { details: room.details });
  emit('groupKey.awaited', { rid: room.id, keyId, uid });
}

/** A user lost the keys: those of rooms, which only they could open, are of no use any more (`RoomHooks`). */
export async function forgetGroupKeys(ctx: Context, scope: WriteScope, user: UserRef): Promise<void> {
  const none = { E2EKey: undefined, E2ESuggestedKey: undefined };
  const old = { oldRoomKeys: undefined, suggestedOldRoomKeys: undefined };
  for (const membership of await membershipsOfUser(scope.tx, user._id)) {
    const { E2EKey, E2ESuggestedKey, oldRoomKeys } = membership.details;
    if (E2EKey === undefined && E2ESuggestedKey === undefined && oldRoomKeys === undefined) continue;
    await changeKeys(ctx, scope, membership.rid, user._id, { ...none, ...old });
  }
}

async function roomsWithoutKey(
  { tx }: WriteScope,
  uid: string,
): Promise<{ room: Room; membership: Membership }[]> {
  const memberships = (await membershipsOfUser(tx, uid)).filter(
    (membership) => isActiveMember(membership) && membership.details.E2EKey === undefined,
  );
  const rooms = await roomsByIds(
    tx,
    memberships.map(({ rid }) => rid),
  );
  const byId = new Map(rooms.map((room) => [room.id, room]));
  return memberships.flatMap((membership) => {
    const room = byId.get(membership.rid);
    return room?.details.encrypted && room.details.e2eKeyId ? [{ room, membership }] : [];
  });
}

type KeyChange = {
  [K in 'E2EKey' | 'E2ESuggestedKey' | 'oldRoomKeys' | 'suggestedOldRoomKeys']?:
    | MembershipDetails[K]
    | undefined;
};

/** Members with `undefined` are removed. Nothing happens to who is no member. */
async function changeKeys(
  ctx: Context,
  scope: WriteScope,
  rid: string,
  uid: string,
  change: KeyChange,
): Promise<void> {
  const [room, membership, user] = [
    (await roomsByIds(scope.tx, [rid]))[0],
    await membershipOf(scope.tx, rid, uid),
    await loadUser(scope.tx, uid),
  ];
  if (!room || !isActiveMember(membership) || !user) return;
  // JSON leaves out what is undefined.
  const details = { ...membership.details, ...change } as MembershipDetails;
  await changeMembership(ctx, scope, room, membership, userRef(user), { details });
}

const waitingIn = (room: Room): string[] =>
  (room.details.usersWaitingForE2EKeys ?? []).map(({ userId }) => userId);

async function startWaiting(ctx: Context, scope: WriteScope, rid: string, uid: string): Promise<void> {
  const room = await lockRoomById(scope.tx, rid);
  if (!room || waitingIn(room).includes(uid)) return;
  const entry = { userId: uid, ts: new Date(ctx.clock.now()).toISOString() };
  const usersWaitingForE2EKeys = [...(room.details.usersWaitingForE2EKeys ?? []), entry];
  await changeDetails(ctx, scope, room, { usersWaitingForE2EKeys });
}

async function stopWaiting(
  ctx: Context,
  scope: WriteScope,
  rid: string,
  uids: readonly string[],
): Promise<void> {
  const room = await lockRoomById(scope.tx, rid);
  if (!room || !waitingIn(room).some((uid) => uids.includes(uid))) return;
  const left = room.details.usersWaitingForE2EKeys?.filter(({ userId }) => !uids.includes(userId));
  await changeDetails(ctx, scope, room, { usersWaitingForE2EKeys: left ?? [] });
}

async function changeDetails(
  ctx: Context,
  { tx, emit }: WriteScope,
  room: Room,
  change: Partial<Room['details']>,
): Promise<void> {
  const changed: Room = { ...room, details: { ...room.details, ...change } };
  const at = ctx.clock.stamp();
  await updateRoom(tx, room.id, at, { details: changed.details });
  emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom({ ...changed, updatedAt: at }) });
}
