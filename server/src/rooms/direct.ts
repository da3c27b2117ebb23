import { callerFor, findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { sha256hex } from '../kernel/ids.ts';
import type { Db, Tx } from '../storage/database.ts';
import { type MemberUser, newMemberDetails } from './add-to-room.ts';
import { insertMemberships, membershipsIn, updateMembership } from './membership.store.ts';
import type { MembershipDetails } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { directRoomsOfUser, insertRoom, roomById, updateRoom } from './rooms.store.ts';
import { callerRef, userRef } from './user-ref.ts';

const DETAILS = { method: 'createDirectMessage' };

export interface DirectRoomInput {
  usernames: readonly string[];
  excludeSelf?: boolean;
}

/**
 * Opens the direct room of the caller and the named users, creating it when there is none (spec 11 §3 `im.create`).
 *
 * @throws error-invalid-user, error-direct-message-max-user-exceeded, error-not-allowed
 */
export async function createDirectRoom(ctx: Context, caller: Caller, input: DirectRoomInput): Promise<Room> {
  return (await openDirectRoom(ctx, caller, input)).room;
}

/** As `createDirectRoom`, and says whether the room is new (spec 40 §10.1 `createDirectMessage`). */
export async function openDirectRoom(
  ctx: Context,
  caller: Caller,
  input: DirectRoomInput,
): Promise<{ room: Room; isNew: boolean }> {
  const own = caller.username?.toLowerCase();
  const others = [...new Set(input.usernames.map((name) => name.toLowerCase()))].filter(
    (name) => name !== own,
  );
  if (
    others.length === 0 &&
    (input.excludeSelf || !ctx.settings.bool('Message_AllowDirectMessagesToYourself'))
  ) {
    fail('error-invalid-user', 'Invalid user', DETAILS);
  }
  const limit = ctx.settings.int('DirectMesssage_maxUsers') || 8;
  if (others.length + (input.excludeSelf ? 0 : 1) > limit) {
    const reason = `You cannot add more than ${limit} users, including yourself to a direct message`;
    fail('error-direct-message-max-user-exceeded', reason, DETAILS);
  }
  const members: User[] = [];
  if (!input.excludeSelf) members.push(await knownUser(await findUserById(ctx, caller.uid)));
  for (const name of others) {
    const member = await knownUser(await findUserByUsername(ctx, name));
    // The caller's own new name, when they were renamed a moment ago.
    if (!members.some((known) => known._id === member._id)) members.push(member);
  }
  if (input.excludeSelf && members.length === 1) fail('error-invalid-user', 'Invalid user', DETAILS);
  const openForAll = input.excludeSelf === true && ctx.permissions.has(caller, 'view-room-administration');
  return openRoomOf(ctx, caller, members, openForAll);
}

async function knownUser(user: User | undefined): Promise<User> {
  if (!user?.username) fail('error-invalid-user', 'Invalid user', DETAILS);
  return user;
}

async function openRoomOf(
  ctx: Context,
  caller: Caller,
  members: readonly User[],
  openForAll: boolean,
): Promise<{ room: Room; isNew: boolean }> {
  const uids = members.map((member) => member._id);
  const existing = await directRoomOf(ctx.db, uids);
  if (!ctx.permissions.has(caller, 'create-d') && !(existing && ctx.permissions.has(caller, 'view-d-room'))) {
    fail('error-not-allowed', 'Not allowed', DETAILS);
  }
  return ctx.write(async (tx, emit) => {
    const known = await directRoomOf(tx, uids);
    const room =
      known ?? (await insertDirectRoom(ctx, tx, directRoomId(uids), members, encryptedByDefault(ctx)));
    await ensureMemberships(ctx, tx, emit, room, caller, members, openForAll);
    if (!known) emit('room.created', { room: presentRoom(room), creatorId: caller.uid });
    return { room, isNew: !known };
  });
}

const encryptedByDefault = ({ settings }: Context): { encrypted?: true } =>
  settings.bool('E2E_Enable') && settings.bool('E2E_Enabled_Default_DirectRooms') ? { encrypted: true } : {};

/**
 * Two people: their sorted ids, joined, which clients compute themselves; alone: the own id twice. Everybody else: a digest of the member set in
 * the form of an id, so that the same people always find the same room.
 */
export function directRoomId(uids: readonly string[]): string {
  const sorted = [...uids].sort();
  if (sorted.length <= 2) return `${sorted[0]}${sorted[1] ?? sorted[0]}`;
  return sha256hex(`direct:${sorted.join(',')}`).slice(0, 17);
}

/** The direct room of exactly these people. Rooms alone and of many that came from Rocket.Chat have ids of their own (spec 32 D.4). */
export async function directRoomOf(db: Db, uids: readonly string[]): Promise<Room | undefined> {
  const [first = ''] = uids;
  const room = await roomById(db, directRoomId(uids));
  if (room || uids.length === 2) return room;
  const wanted = new Set(uids);
  return (await directRoomsOfUser(db, first)).find(
    ({ details: { uids: has = [] } }) => has.length === wanted.size && has.every((uid) => wanted.has(uid)),
  );
}

/**
 * The direct room of these people as another system had it (spec 32 C.2): the one that there is, or a new one that all of
 * them see.
 */
export async function importDirectRoom(
  ctx: Context,
  { tx, emit }: WriteScope,
  members: readonly User[],
  { createdAt, importIds }: { createdAt?: number | undefined; importIds: readonly string[] },
): Promise<Room> {
  const [first] = members;
  if (!first) throw new Error('a direct room has members');
  const uids = members.map((member) => member._id);
  const known = await directRoomOf(tx, uids);
  const details = known?.details.importIds ?? [];
  const missing = importIds.filter((importId) => !details.includes(importId));
  if (known) {
    if (missing.length > 0)
      await updateRoom(tx, known.id, ctx.clock.stamp(), {
        details: { ...known.details, importIds: [...details, ...missing] },
      });
    return known;
  }
  const room = await insertDirectRoom(ctx, tx, directRoomId(uids), members, {
    createdAt,
    importIds: [...importIds],
  });
  const creator = callerFor(first, { ip: '', userAgent: 'import' });
  await ensureMemberships(ctx, tx, emit, room, creator, members, true);
  emit('room.created', { room: presentRoom(room), creatorId: first._id });
  return room;
}

async function insertDirectRoom(
  ctx: Context,
  tx: Tx,
  id: string,
  members: readonly User[],
  given: { createdAt?: number | undefined; importIds?: string[]; encrypted?: true },
): Promise<Room> {
  const at = ctx.clock.stamp();
  const byName = [...members].sort((a, b) => label(a).localeCompare(label(b)));
  const details = {
    u: userRef(members[0] ?? { _id: '' }),
    sysMes: true,
    uids: members.map((member) => member._id).sort(),
    usernames: byName.map((member) => member.username),
    ...(given.importIds ? { importIds: given.importIds } : {}),
    ...(given.encrypted ? { encrypted: true } : {}),
  };
  await insertRoom(tx, {
    id,
    t: 'd',
    name: null,
    fname: null,
    creator_id: members[0]?._id ?? '',
    ts: given.createdAt ?? at,
    updated_at: at,
    msgs: 0,
    users_count: members.length,
    lm: null,
    last_message: null,
    archived: 0,
    ro: 0,
    is_default: 0,
    team_id: null,
    team_main: 0,
    prid: null,
    join_code: null,
    doc: JSON.stringify(details),
  });
  const room = await roomById(tx, id);
  if (!room) throw new Error(`room ${id} vanished in its own transaction`);
  return room;
}

async function ensureMemberships(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  room: Room,
  caller: Caller,
  members: readonly User[],
  openForAll: boolean,
): Promise<void> {
  const existing = await membershipsIn(
    tx,
    room.id,
    members.map((member) => member._id),
  );
  const known = new Set(existing.map((membership) => membership.uid));
  const at = ctx.clock.stamp();
  const missing = members.filter((member) => !known.has(member._id));
  const everybodyOpen = openForAll || members.length > 2;
  const inserted = await insertMemberships(
    tx,
    room,
    missing.map((member) => ({
      uid: member._id,
      joinedAt: at,
      position: members.indexOf(member),
      open: everybodyOpen || member._id === caller.uid,
      alert: false,
      unread: 0,
      userMentions: 0,
      lastSeenAt: null,
      roles: [],
      favorite: false,
      details: { ...newMemberDetails(ctx, room, member), ...directNames(member, members) },
    })),
  );
  inserted.forEach((membership, index) => {
    const member = missing[index];
    if (!member) return;
    const subscription = presentSubscription(membership, room, userRef(member));
    emit('membership.changed', {
      action: 'inserted',
      rid: room.id,
      uid: member._id,
      subscription,
      room: presentRoom(room),
    });
  });
  const own = existing.find((membership) => membership.uid === caller.uid);
  if (own && !own.open) {
    await updateMembership(tx, own.id, at, { open: true });
    const subscription = presentSubscription({ ...own, open: true, updatedAt: at }, room, callerRef(caller));
    emit('membership.changed', { action: 'updated', rid: room.id, uid: caller.uid, subscription });
  }
}

const label = (user: MemberUser) => user.name || user.username || user._id;

/** Name and display name of a direct room for one member: those of the others, or their own in a room alone. */
export function directNames(
  member: MemberUser,
  members: readonly MemberUser[],
): Pick<MembershipDetails, 'name' | 'fname'> {
  const others = members.filter((other) => other._id !== member._id);
  const shown = others.length > 0 ? others : [member];
  return { name: shown.map((user) => user.username ?? '').join(', '), fname: shown.map(label).join(', ') };
}

/**
 * "DM lookup" (spec 11 §3): a user's id or username, or a room id; the room of two is created when missing.
 *
 * @throws invalid-channel
 */
export async function findDirectRoom(ctx: Context, caller: Caller, idOrUsername: string): Promise<Room> {
  const room = await lookUpDirectRoom(ctx, caller, idOrUsername);
  if (room?.type !== 'd') fail('invalid-channel');
  return room;
}

/** The same without a word on what is missing: for those who refuse it in their own words. */
export async function lookUpDirectRoom(
  ctx: Context,
  caller: Caller,
  idOrUsername: string,
): Promise<Room | undefined> {
  const value = idOrUsername.replace(/^@/, '');
  const user = (await findUserById(ctx, value)) ?? (await exactUsername(ctx, value));
  if (user?.username) return createDirectRoom(ctx, caller, { usernames: [user.username] });
  return roomById(ctx.db, value);
}

async function exactUsername(ctx: Context, username: string): Promise<User | undefined> {
  const user = await findUserByUsername(ctx, username);
  return user?.username === username ? user : undefined;
}
