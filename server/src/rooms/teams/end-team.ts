import type { Context, WriteScope } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { fail, refuse } from '../../kernel/errors.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { dissolveTeam, mayErase, removeRoom } from '../delete-room.ts';
import { roomById, roomsByIds } from '../rooms.store.ts';
import { callerRef } from '../user-ref.ts';
import { announceInTeam } from './announce-in-team.ts';
import { requireInTeam } from './find-team.ts';

/** Deletes a team with its main room and these of its rooms; the others go on without it (spec 11 §8). @throws 403, error-not-allowed */
export async function deleteTeam(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  roomsToRemove: readonly string[] = [],
): Promise<void> {
  await requireInTeam(ctx, caller, team, 'delete-team');
  await requireMayEraseAll(ctx, caller, team, roomsToRemove);
  await ctx.write(async (tx, emit) => {
    await removeRoomsOfTeam(ctx, { tx, emit }, team, roomsToRemove);
    const main = await roomById(tx, team.room_id);
    if (!main) refuse('team-does-not-exist');
    await removeRoom(ctx, tx, emit, main);
  });
}

/** Ends a team and keeps its main room as an ordinary one. @throws 403, error-not-allowed */
export async function convertToChannel(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  roomsToRemove: readonly string[] = [],
): Promise<void> {
  await requireInTeam(ctx, caller, team, 'convert-team');
  await requireMayEraseAll(ctx, caller, team, roomsToRemove);
  const user = callerRef(caller);
  await ctx.write(async (tx, emit) => {
    const scope = { tx, emit };
    const main = await roomById(tx, team.room_id);
    if (main?.teamId !== team.id) refuse('team-does-not-exist');
    for (const name of await removeRoomsOfTeam(ctx, scope, team, roomsToRemove)) {
      await announceInTeam(ctx, scope, main.id, { t: 'user-deleted-room-from-team', msg: name, user });
    }
    await dissolveTeam(ctx, scope, team.id, 'kept');
    const message = { t: 'user-converted-to-channel', msg: main.name ?? '', user };
    await announceInTeam(ctx, scope, main.id, message);
    // Channels of a private team were open to its members only, those of a public one to everybody.
    emit('room.accessChanged', { rid: main.id, wholeTeam: true });
  });
}

async function requireMayEraseAll(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  rids: readonly string[],
): Promise<void> {
  for (const room of await roomsByIds(ctx.db, rids)) {
    if (room.teamId !== team.id || room.teamMain) continue;
    if (!(await mayErase(ctx, caller, room, team)))
      fail('error-not-allowed', 'Not allowed', { method: 'eraseRoom' });
  }
}

/** Returns the names of the rooms that are gone. */
async function removeRoomsOfTeam(
  ctx: Context,
  { tx, emit }: WriteScope,
  team: TeamRow,
  rids: readonly string[],
): Promise<string[]> {
  const rooms = await roomsByIds(tx, [...new Set(rids)]);
  const doomed = rooms.filter((room) => room.teamId === team.id && !room.teamMain);
  for (const room of doomed) await removeRoom(ctx, tx, emit, room);
  return doomed.map((room) => room.name ?? '');
}
