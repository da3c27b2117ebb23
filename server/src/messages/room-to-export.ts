import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom, hasInRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';

export const EXPORT_METHOD = 'roomsExport';

/**
 * The room, when the caller may take messages out of it, by mail or as an archive (spec 11 §4 `rooms.export`).
 *
 * @throws error-action-not-allowed, error-invalid-room, error-not-allowed
 */
export async function roomToExport(ctx: Context, caller: Caller, rid: string): Promise<Room> {
  const details = { method: EXPORT_METHOD };
  if (!(await hasInRoom(ctx, caller, 'mail-messages', rid)))
    fail('error-action-not-allowed', 'Mailing is not allowed', { ...details, action: 'Mailing' });
  const room = await getRoom(ctx, rid);
  if (!room) fail('error-invalid-room');
  if (!(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not Allowed', details);
  return room;
}
