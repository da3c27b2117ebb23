import { findUsers } from '../../accounts/find-users.ts';
import { type Context, type WriteScope, within } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { forbid, refuse } from '../../kernel/errors.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { canAccessRoom } from '../access.ts';
import { addToRoom } from '../add-to-room.ts';
import { membershipOf } from '../membership.store.ts';
import { isActiveMember } from '../membership.ts';
import { presentRoom } from '../present-room.ts';
import type { Room } from '../room.ts';
import { lockRoomById, roomById, roomsByIds, updateRoom } from '../rooms.store.ts';
import { teamById, teamMemberIds } from '../teams.store.ts';
import { callerRef } from '../user-ref.ts';
import { announceInTeam } from './announce-in-team.ts';
import { changeTeamOfRoom } from './change-team-of-room.ts';
import { hasInTeam, requireInTeam } from './find-team.ts';

const NO_ROOM = 'invalid-room';
const TAKEN = 'room-already-on-team';
const NO_TEAM = 'team-does-not-exist';

/**
 * Puts rooms of the caller into a team (spec 11 §8 `addRooms`); nothing changes when one of them may not be.
 *
 * @throws 403 error-no-permission-team-channel; invalid-room, room-already-on-team, error-no-owner-channel (plain)
 */
export async function addRoomsToTeam(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  rids: readonly string[],
): Promise<Room[]> {
  if (!(await hasInTeam(ctx, caller, 'move-room-to-team', team))) forbid('error-no-permission-team-channel');
  const wanted = [...new Set(rids)];
  const found = new Map((await roomsByIds(ctx.db, wanted)).map((room) => [room.id, room]));
  const rooms: Room[] = [];
  for (const rid of wanted) {
    const room = found.get(rid);
    if (!room || room.type === 'd' || !(await canAccessRoom(ctx, caller, room))) refuse(NO_ROOM);
    rooms.push(room);
  }
  for (const room of rooms) {
    if (room.teamId !== null) refuse(TAKEN);
    const membership = await membershipOf(ctx.db, room.id, caller.uid);
    if (!isActiveMember(membership) || !membership.roles.includes('owner')) refuse('error-no-owner-channel');
  }
  return ctx.write(async (tx, emit) => {
    await lockTeam({ tx, emit }, team);
    const moved: Room[] = [];
    for (const { id } of rooms) moved.push(await moveIn(ctx, { tx, emit }, caller, team, id));
    return moved;
  });
}

async function moveIn(
  ctx: Context,
  scope: WriteScope,
  caller: Caller,
  team: TeamRow,
  rid: string,
): Promise<Room> {
  // Somebody may have been faster.
  const current = await lockRoomById(scope.tx, rid);
  if (!current) refuse(NO_ROOM);
  if (current.teamId !== null) refuse(TAKEN);
  const room = await changeTeamOfRoom(ctx, scope, current, { teamId: team.id });
  if (!room) refuse(NO_ROOM);
  if (room.type === 'c') {
    const message = { t: 'user-added-room-to-team', msg: room.name ?? '', user: callerRef(caller) };
    await announceInTeam(ctx, scope, team.room_id, message);
  }
  return room;
}

/** The team must not end while something is put into it. */
async function lockTeam({ tx }: WriteScope, team: TeamRow): Promise<void> {
  const main = await lockRoomById(tx, team.room_id);
  if (main?.teamId !== team.id) refuse(NO_TEAM);
}

/** Takes a room out of its team. @throws 403; invalid-room, room-not-on-that-team (plain) */
export async function removeRoomFromTeam(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  rid: string,
): Promise<Room> {
  await requireInTeam(ctx, caller, team, 'remove-team-channel');
  const known = await visibleRoom(ctx, caller, team, rid);
  if (known.teamId !== team.id || known.teamMain) refuse('room-not-on-that-team');
  return ctx.write(async (tx, emit) => {
    const current = await lockRoomById(tx, rid);
    if (current?.teamId !== team.id) refuse('room-not-on-that-team');
    const room = await changeTeamOfRoom(ctx, { tx, emit }, current, { teamId: null, teamDefault: null });
    if (!room) refuse(NO_ROOM);
    if (room.type === 'c') {
      const message = { t: 'user-removed-room-from-team', msg: room.name ?? '', user: callerRef(caller) };
      await announceInTeam(ctx, { tx, emit }, team.room_id, message);
    }
    return room;
  });
}

/** A room that the caller may enter, or of a team all of whose rooms the caller may see. */
async function visibleRoom(ctx: Context, caller: Caller, team: TeamRow, rid: string): Promise<Room> {
  const room = await roomById(ctx.db, rid);
  if (!room) refuse(NO_ROOM);
  const allowed =
    (await hasInTeam(ctx, caller, 'view-all-team-channels', team)) ||
    (await canAccessRoom(ctx, caller, room));
  if (!allowed) refuse(NO_ROOM);
  return room;
}

/**
 * Makes the members of a room's team join it by themselves, or no longer; those who are in the team are added at once.
 *
 * @throws 403; invalid-room, room-not-on-team (plain)
 */
export async function setTeamDefault(
  ctx: Context,
  caller: Caller,
  rid: string,
  isDefault: boolean,
): Promise<Room> {
  const known = await roomById(ctx.db, rid);
  if (!known) refuse(NO_ROOM);
  const team = known.teamId === null || known.teamMain ? undefined : await teamById(ctx.db, known.teamId);
  if (!team) refuse('room-not-on-team');
  await requireInTeam(ctx, caller, team, 'edit-team-channel');
  await visibleRoom(ctx, caller, team, rid);
  const addedBy = callerRef(caller);
  return ctx.write(async (tx, emit) => {
    const current = await lockRoomById(tx, rid);
    if (current?.teamId !== team.id) refuse('room-not-on-team');
    await updateRoom(tx, rid, ctx.clock.stamp(), { teamDefault: isDefault });
    if (isDefault) {
      const limit = ctx.settings.int('API_User_Limit');
      const ids = await teamMemberIds(tx, team.id);
      const users = await findUsers(within(ctx, tx), { ids: limit > 0 ? ids.slice(0, limit) : ids });
      for (const user of users) {
        if (user.active && user.username)
          await addToRoom(ctx, tx, emit, rid, user, { addedBy, skipBanned: true });
      }
    }
    const room = await roomById(tx, rid);
    if (!room) refuse(NO_ROOM);
    emit('room.changed', { action: 'updated', rid, room: presentRoom(room) });
    return room;
  });
}
