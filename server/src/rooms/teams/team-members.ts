import { findUserById, findUsers } from '../../accounts/find-users.ts';
import { listRoles } from '../../admin/roles.ts';
import type { Context, WriteScope } from '../../context.ts';
import type { Caller, UserRef } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import type { Db, Tx } from '../../storage/database.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { addToRoom } from '../add-to-room.ts';
import { countRoomRole, membershipOf } from '../membership.store.ts';
import { isActiveMember, type Membership } from '../membership.ts';
import { removeFromRoom } from '../remove-from-room.ts';
import type { Room } from '../room.ts';
import { setRolesInRoom } from '../room-roles.ts';
import { lockRoomById, recordActivity, roomsByIds } from '../rooms.store.ts';
import { setTeamMemberRoles, teamMemberRoles } from '../teams.store.ts';
import { callerRef, userRef } from '../user-ref.ts';
import { requireInTeam } from './find-team.ts';

/** The members of a team are those of its main room (spec 11 §8): every change begins there. */

export interface MemberWish {
  userId: string;
  roles?: readonly string[] | undefined;
}

const NOT_A_MEMBER = 'member-does-not-exist';
const LAST_OWNER = 'last-owner-can-not-be-removed';

/** Adds people with these roles; who is in already only gets the roles. Unknown and inactive users are skipped. */
export async function addMembersToTeam(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  wishes: readonly MemberWish[],
): Promise<void> {
  await requireInTeam(ctx, caller, team, 'add-team-member', 'edit-team-member');
  const found = await findUsers(ctx, { ids: wishes.map(({ userId }) => userId) });
  const users = new Map(found.filter((user) => user.active && user.username).map((user) => [user._id, user]));
  const addedBy = callerRef(caller);
  await ctx.write(async (tx, emit) => {
    const known = await roomRoleIds(tx);
    for (const { userId, roles = [] } of wishes) {
      const user = users.get(userId);
      if (!user) continue;
      await addToRoom(ctx, tx, emit, team.room_id, user, { addedBy });
      if (roles.length === 0) continue;
      const add = (held: readonly string[], given: readonly string[]) => [...new Set([...held, ...given])];
      await changeRoles(ctx, { tx, emit }, team, userRef(user), { given: roles, known, change: add });
    }
  });
}

/** Gives a member exactly these roles, in the team and in its main room. @throws plain refusals, as documented */
export async function updateTeamMember(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  { userId, roles = [] }: MemberWish,
): Promise<void> {
  await requireInTeam(ctx, caller, team, 'edit-team-member');
  const user = await findUserById(ctx, userId);
  if (!user) refuse('invalid-user');
  await ctx.write(async (tx, emit) => {
    const known = await roomRoleIds(tx);
    const change: RoleChange['change'] = (_held, given) => [...given];
    await changeRoles(ctx, { tx, emit }, team, userRef(user), { given: [...new Set(roles)], known, change });
  });
}

interface RoleChange {
  given: readonly string[];
  /** The roles that a room may give. */
  known: ReadonlySet<string>;
  change: (held: readonly string[], given: readonly string[]) => string[];
}

/** `member` and other words that no room knows are roles of the team only. */
async function changeRoles(
  ctx: Context,
  scope: WriteScope,
  team: TeamRow,
  user: UserRef,
  { given, known, change }: RoleChange,
): Promise<void> {
  const { tx } = scope;
  const { room, membership } = await memberOf(tx, await lockRoomById(tx, team.room_id), user._id);
  const held = await teamMemberRoles(tx, team.id, user._id);
  if (!held) refuse(NOT_A_MEMBER);
  const inRoom = change(
    membership.roles,
    given.filter((role) => known.has(role)),
  );
  if (!inRoom.includes('owner')) await refuseLastOwner(scope, membership);
  await setTeamMemberRoles(tx, team.id, user._id, change(held, given), ctx.clock.stamp());
  await setRolesInRoom(ctx, scope, room, membership, user, inRoom);
}

async function roomRoleIds(db: Db): Promise<ReadonlySet<string>> {
  const roles = await listRoles(db);
  return new Set(roles.filter((role) => role.scope === 'Subscriptions').map((role) => role._id));
}

/** Takes somebody out of a team, and out of these of its rooms. @throws plain refusals, as documented */
export async function removeFromTeam(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  { userId, rooms = [] }: { userId: string; rooms?: readonly string[] | undefined },
): Promise<void> {
  await requireInTeam(ctx, caller, team, 'edit-team-member');
  const user = await findUserById(ctx, userId);
  if (!user?.active) refuse('invalid-user');
  await ctx.write((tx, emit) =>
    endMemberships(ctx, { tx, emit }, team, userRef(user), rooms, callerRef(caller)),
  );
}

/** Leaves a team, and these of its rooms. @throws member-does-not-exist, last-owner-can-not-be-removed (plain) */
export async function leaveTeam(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  rooms: readonly string[] = [],
): Promise<void> {
  await ctx.write((tx, emit) => endMemberships(ctx, { tx, emit }, team, callerRef(caller), rooms));
}

/** The main room first: who is no member of the team is told so, and other rooms are not touched. */
async function endMemberships(
  ctx: Context,
  scope: WriteScope,
  team: TeamRow,
  user: UserRef,
  rids: readonly string[],
  remover?: UserRef,
): Promise<void> {
  await endMembership(ctx, scope, team.room_id, user, {
    t: remover ? 'removed-user-from-team' : 'ult',
    user: remover ?? user,
  });
  const rooms = await roomsByIds(scope.tx, [...new Set(rids)]);
  for (const { id } of rooms.filter((room) => room.teamId === team.id && !room.teamMain)) {
    if (!isActiveMember(await membershipOf(scope.tx, id, user._id))) continue;
    await endMembership(ctx, scope, id, user, { t: remover ? 'ru' : 'ul', user: remover ?? user });
  }
}

async function endMembership(
  ctx: Context,
  scope: WriteScope,
  rid: string,
  user: UserRef,
  { t, user: actor }: { t: string; user: UserRef },
): Promise<void> {
  const { tx, emit } = scope;
  // Also locks the room: of two owners who leave at the same moment the second one is the last.
  const counted = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 1, members: -1 });
  const { room, membership } = await memberOf(tx, counted, user._id);
  await refuseLastOwner(scope, membership);
  const message = { t, msg: user.username, user: actor };
  await removeFromRoom(ctx, tx, emit, { room, membership, user, message });
}

async function memberOf(
  tx: Tx,
  room: Room | undefined,
  uid: string,
): Promise<{ room: Room; membership: Membership }> {
  const membership = room && (await membershipOf(tx, room.id, uid));
  if (!room || !isActiveMember(membership)) refuse(NOT_A_MEMBER);
  return { room, membership };
}

async function refuseLastOwner({ tx }: WriteScope, { roles, rid }: Membership): Promise<void> {
  if (roles.includes('owner') && (await countRoomRole(tx, rid, 'owner')) === 1) refuse(LAST_OWNER);
}
