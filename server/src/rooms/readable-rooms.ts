import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { canAccessRoom } from './access.ts';
import { membershipsOfUser } from './membership.store.ts';
import type { Room } from './room.ts';
import { roomsOfUser } from './rooms.store.ts';

/** The rooms that the caller is in and may read, those with the latest messages first. */
export async function readableRooms(ctx: Context, caller: Caller): Promise<Room[]> {
  const memberships = await membershipsOfUser(ctx.db, caller.uid);
  const byRoom = new Map(memberships.map((membership) => [membership.rid, membership]));
  const rooms = await roomsOfUser(ctx.db, caller.uid);
  const allowed = await Promise.all(
    rooms.map((room) => canAccessRoom(ctx, caller, room, { membership: byRoom.get(room.id) })),
  );
  return rooms
    .filter((_room, index) => allowed[index])
    .sort((one, other) => (other.lastMessageAt ?? 0) - (one.lastMessageAt ?? 0));
}
