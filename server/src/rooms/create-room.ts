import { findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid, refuse } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { newId } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { isUniqueViolation } from '../storage/errors.ts';
import type { TeamRow } from '../storage/schema.ts';
import { hasInRoom } from './access.ts';
import { type MemberUser, newMemberDetails } from './add-to-room.ts';
import { insertMemberships } from './membership.store.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room, RoomDetails } from './room.ts';
import { refuseHugeDetails } from './room-limits.ts';
import { refuseTakenName, validRoomName } from './room-name.ts';
import { insertRoom, roomById } from './rooms.store.ts';
import { announceInTeam } from './teams/announce-in-team.ts';
import { isTeamMember, teamById, teamByName, teamMemberIds } from './teams.store.ts';
import { callerRef, userRef } from './user-ref.ts';

export interface NewRoom {
  type: 'c' | 'p';
  name: string;
  /** What to answer to an empty name, where that differs from a blank one (REST). */
  emptyNameText?: string;
  /** Usernames; unknown ones are skipped. */
  members?: readonly string[];
  /** Names of teams whose members are added too (channels only). */
  teams?: readonly string[];
  readOnly?: boolean;
  /** Do not subscribe the creator; nobody becomes owner then. */
  excludeSelf?: boolean;
  customFields?: Record<string, unknown>;
  /** Only the documented members are read; unknown ones are ignored (spec 10 §5). */
  extraData?: Record<string, unknown>;
}

/**
 * Creates a channel or a group (spec 10 §5). Returns the room with its members counted.
 *
 * @throws 403 or error-not-allowed without permission, error-invalid-name, error-invalid-user and the name errors of §5.1
 */
export async function createRoom(ctx: Context, caller: Caller, input: NewRoom): Promise<Room> {
  const team = await teamOf(ctx, input);
  if (!(await mayCreate(ctx, caller, input.type, team))) {
    if (input.type === 'c') forbid();
    fail('error-not-allowed', 'Not allowed', { method: 'createPrivateGroup' });
  }
  if (input.name === '' && input.emptyNameText) refuse(input.emptyNameText);
  const displayName = input.name.trim();
  if (!displayName) fail('error-invalid-name', 'Invalid name', { function: 'RocketChat.createRoom' });
  if (!caller.username) fail('error-invalid-user', 'Invalid user', { function: 'RocketChat.createRoom' });
  const members = await membersOf(ctx, caller, input);
  const draft = roomDraft(ctx, caller, input, team);
  refuseHugeDetails(draft.details);
  try {
    return await ctx.write(async (tx, emit) => {
      const slug = await validRoomName(ctx, tx, displayName);
      return storeRoom(ctx, tx, emit, caller, {
        ...draft,
        slug,
        displayName,
        members,
        owned: !input.excludeSelf,
      });
    });
  } catch (error) {
    // Two creations of one name at the same moment: the unique index decides, the loser gets the documented refusal.
    if (isUniqueViolation(error)) refuseTakenName(displayName);
    throw error;
  }
}

async function teamOf(ctx: Context, input: NewRoom): Promise<TeamRow | undefined> {
  const teamId = input.extraData?.teamId;
  return typeof teamId === 'string' && teamId ? teamById(ctx.db, teamId) : undefined;
}

async function mayCreate(
  ctx: Context,
  caller: Caller,
  type: 'c' | 'p',
  team: TeamRow | undefined,
): Promise<boolean> {
  if (!team) return ctx.permissions.has(caller, `create-${type}`);
  return hasInRoom(ctx, caller, type === 'c' ? 'create-team-channel' : 'create-team-group', team.room_id);
}

/** The initial members in the order given, the creator first unless excluded, everybody once. */
async function membersOf(ctx: Context, caller: Caller, input: NewRoom): Promise<MemberUser[]> {
  const usernames = [...new Set(input.members ?? [])];
  const byName = usernames.length > 0 ? inOrder(usernames, await findUsers(ctx, { usernames })) : [];
  const ids = await teamsMemberIds(ctx, caller, input.teams ?? []);
  if (!input.excludeSelf) ids.unshift(caller.uid);
  const byId = ids.length > 0 ? await findUsers(ctx, { ids: [...new Set(ids)] }) : [];
  const self = byId.filter((user) => user._id === caller.uid);
  const all = new Map<string, MemberUser>();
  for (const user of [...self, ...byName, ...byId]) {
    const skipped = input.excludeSelf && user._id === caller.uid;
    if (!skipped && user.username) all.set(user._id, user);
  }
  return [...all.values()];
}

/** The users as the caller listed them: the order in which members joined is shown, and decides who inherits a room. */
function inOrder(usernames: readonly string[], users: readonly MemberUser[]): MemberUser[] {
  const byKey = new Map(users.map((user) => [user.username?.toLowerCase(), user]));
  return usernames.flatMap((name) => byKey.get(name.toLowerCase()) ?? []);
}

async function teamsMemberIds(ctx: Context, caller: Caller, names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names.slice(0, 100)) {
    const team = await teamByName(ctx.db, name);
    if (!team) continue;
    const visible =
      team.type === 0 ||
      ctx.permissions.has(caller, 'view-all-teams') ||
      (await isTeamMember(ctx.db, team.id, caller.uid));
    if (visible) ids.push(...(await teamMemberIds(ctx.db, team.id)));
  }
  return ids;
}

/** What a new room starts with, as its creator wants it. */
export function roomDraft(ctx: Context, caller: Caller, input: NewRoom, team: TeamRow | undefined) {
  const extra = input.extraData ?? {};
  const broadcast = extra.broadcast === true;
  const details: RoomDetails = {
    u: callerRef(caller),
    sysMes: true,
    customFields: input.customFields ?? {},
    ...(typeof extra.topic === 'string' ? { topic: extra.topic } : {}),
    ...(typeof extra.broadcast === 'boolean' ? { broadcast } : {}),
    ...(typeof extra.encrypted === 'boolean'
      ? { encrypted: extra.encrypted }
      : encryptedByDefault(ctx, input.type)),
  };
  return { type: input.type, readOnly: broadcast || input.readOnly === true, details, team };
}

const encryptedByDefault = (ctx: Context, type: 'c' | 'p') =>
  type === 'p' && ctx.settings.bool('E2E_Enable') && ctx.settings.bool('E2E_Enabled_Default_PrivateRooms')
    ? { encrypted: true }
    : {};

export interface RoomToStore {
  type: 'c' | 'p';
  slug: string;
  displayName: string;
  readOnly: boolean;
  details: RoomDetails;
  team: TeamRow | undefined;
  /** The room is the team's main one. */
  isTeamMain?: boolean;
  members: readonly MemberUser[];
  /** The caller becomes owner. */
  owned: boolean;
  /** The room it is a discussion of. */
  parentId?: string;
  /** A fixed id (`GENERAL`); default: a new one. */
  id?: string;
  isDefault?: boolean;
  /** ms; default: now. */
  createdAt?: number;
  /** Nobody's list shows it. */
  archived?: boolean;
}

/** Stores a room with its first members and emits what they must see. No system message is posted for them (spec 10 §5). */
export async function storeRoom(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  creator: Pick<Caller, 'uid'>,
  room: RoomToStore,
): Promise<Room> {
  const at = ctx.clock.stamp();
  const id = room.id ?? newId();
  const archived = room.archived === true;
  await insertRoom(tx, {
    id,
    t: room.type,
    name: room.slug,
    fname: room.displayName,
    creator_id: creator.uid,
    ts: room.createdAt ?? at,
    updated_at: at,
    msgs: 0,
    users_count: room.members.length,
    lm: null,
    last_message: null,
    archived: Number(archived),
    ro: Number(room.readOnly),
    is_default: Number(room.isDefault ?? false),
    team_id: room.team?.id ?? null,
    team_main: Number(room.isTeamMain ?? false),
    prid: room.parentId ?? null,
    join_code: null,
    doc: JSON.stringify(room.details),
  });
  const stored = await roomById(tx, id);
  if (!stored) throw new Error(`room ${id} vanished in its own transaction`);
  const isCreator = (user: MemberUser) => user._id === creator.uid && room.owned;
  const memberships = await insertMemberships(
    tx,
    stored,
    room.members.map((user, position) => ({
      uid: user._id,
      joinedAt: at,
      position,
      open: !archived,
      alert: false,
      unread: 0,
      userMentions: 0,
      lastSeenAt: isCreator(user) ? at : null,
      roles: isCreator(user) ? ['owner'] : [],
      favorite: false,
      details: newMemberDetails(ctx, stored, user),
    })),
  );
  const wire = presentRoom(stored);
  emit('room.created', { room: wire, creatorId: creator.uid });
  memberships.forEach((membership, index) => {
    const user = room.members[index];
    if (!user) return;
    const subscription = presentSubscription(membership, stored, userRef(user));
    emit('membership.changed', { action: 'inserted', rid: id, uid: user._id, subscription, room: wire });
  });
  if (room.team && !room.isTeamMain && room.type === 'c') {
    const message = { t: 'user-added-room-to-team', msg: stored.name ?? '', user: stored.details.u };
    await announceInTeam(ctx, { tx, emit }, room.team.room_id, message);
  }
  return stored;
}
