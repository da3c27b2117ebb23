import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { secretsEqual } from '../kernel/ids.ts';
import { canAccessRoom } from './access.ts';
import { addToRoom, type MemberUser } from './add-to-room.ts';
import { membershipOf } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import type { Room } from './room.ts';
import { roomById } from './rooms.store.ts';

const DETAILS = { method: 'joinRoom' };

/**
 * Joins a room (spec 10 §6.1). Joining again changes nothing and succeeds. Returns the room as it is afterwards.
 * `user` is the caller's account.
 *
 * @throws error-invalid-room, error-not-allowed, error-code-required, error-code-invalid, error-user-is-banned
 */
export async function joinRoom(
  ctx: Context,
  caller: Caller,
  user: MemberUser,
  rid: string,
  joinCode?: string,
): Promise<Room> {
  const room = await roomById(ctx.db, rid);
  if (!room) fail('error-invalid-room', 'Invalid room', DETAILS);
  if (room.type === 'd') fail('error-not-allowed', 'Not allowed', DETAILS);
  const membership = await membershipOf(ctx.db, rid, caller.uid);
  if (!(await canAccessRoom(ctx, caller, room, { membership })))
    fail('error-not-allowed', 'Not allowed', DETAILS);
  if (room.joinCode !== null && !ctx.permissions.has(caller, 'join-without-join-code')) {
    if (!joinCode) fail('error-code-required', 'Code required', DETAILS);
    if (!secretsEqual(joinCode, room.joinCode)) fail('error-code-invalid', 'Invalid code', DETAILS);
  }
  if (isActiveMember(membership)) return room;
  const joined = await ctx.write((tx, emit) => addToRoom(ctx, tx, emit, rid, user));
  return joined ?? room;
}
