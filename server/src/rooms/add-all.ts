import { findAllUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { addToRoom } from './add-to-room.ts';
import type { Room } from './room.ts';
import { roomById } from './rooms.store.ts';

const DETAILS = { method: 'addAllToRoom' };

/** Adds every user of the workspace (spec 10 §6.4), up to `API_User_Limit`. @throws 403 "Access to Method Forbidden", error-user-limit-exceeded */
export async function addAllToRoom(
  ctx: Context,
  caller: Caller,
  room: Room,
  activeOnly: boolean,
): Promise<Room> {
  if (!ctx.permissions.has(caller, 'add-all-to-room')) fail(403, 'Access to Method Forbidden', DETAILS);
  const limit = ctx.settings.int('API_User_Limit');
  const users = await findAllUsers(ctx, { activeOnly, limit: limit + 1 });
  if (users.length > limit) fail('error-user-limit-exceeded', 'User Limit Exceeded', DETAILS);
  await ctx.write(async (tx, emit) => {
    for (const user of users) {
      if (user.username) await addToRoom(ctx, tx, emit, room.id, user, { skipBanned: true });
    }
  });
  return (await roomById(ctx.db, room.id)) ?? room;
}
