import type { Context, WriteScope } from '../../context.ts';
import { updateAllMemberships } from '../membership.store.ts';
import { presentRoom } from '../present-room.ts';
import type { Room } from '../room.ts';
import { type RoomChange, recordActivity, updateRoom } from '../rooms.store.ts';

/**
 * Puts a room into a team, or takes it out. Memberships show the team of their room; who may enter a channel hangs on it.
 * Returns the room as it is then.
 */
export async function changeTeamOfRoom(
  ctx: Context,
  { tx, emit }: WriteScope,
  { id: rid }: Pick<Room, 'id'>,
  change: Pick<RoomChange, 'teamId' | 'teamMain' | 'teamDefault'>,
): Promise<Room | undefined> {
  const at = ctx.clock.stamp();
  await updateRoom(tx, rid, at, change);
  const room = await recordActivity(tx, rid, at, { messages: 0, members: 0 });
  if (!room) return undefined;
  await updateAllMemberships(tx, room, at, {});
  emit('room.accessChanged', { rid, wholeTeam: false });
  emit('memberships.touched', { rid, who: 'all', except: [], also: [] });
  emit('room.changed', { action: 'updated', rid, room: presentRoom(room) });
  return room;
}
