import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { postSystemMessage } from '../messages/system-message.ts';
import { hasInRoom } from './access.ts';
import { membershipOf } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import { presentRoom } from './present-room.ts';
import type { Room, RoomDetails } from './room.ts';
import { recordActivity, roomById, updateRoom } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

/**
 * Takes the word from a member or gives it back (spec 10 §7 "Muting", spec 11 §4 `rooms.muteUser`). In a read-only room
 * the list of those who may speak all the same is what changes.
 *
 * @throws error-not-allowed, error-invalid-room, error-invalid-room-type, error-user-not-in-room
 */
export async function setMuted(
  ctx: Context,
  caller: Caller,
  rid: string,
  target: User,
  muted: boolean,
): Promise<void> {
  const details = { method: muted ? 'muteUserInRoom' : 'unmuteUserInRoom' };
  if (!(await hasInRoom(ctx, caller, 'mute-user', rid))) fail('error-not-allowed', 'Not allowed', details);
  const known = await roomById(ctx.db, rid);
  if (!known) fail('error-invalid-room', 'Invalid room', details);
  if (known.type === 'd') {
    fail('error-invalid-room-type', `${known.type} is not a valid room type`, {
      ...details,
      type: known.type,
    });
  }
  const username = target.username ?? '';
  await ctx.write(async (tx, emit) => {
    const at = ctx.clock.stamp();
    const room = await recordActivity(tx, rid, at, { messages: 1, members: 0 });
    if (!room) fail('error-invalid-room', 'Invalid room', details);
    if (!isActiveMember(await membershipOf(tx, rid, target._id))) {
      fail('error-user-not-in-room', 'User is not in this room', details);
    }
    const changed: Room = { ...room, details: { ...room.details, ...speakersAfter(room, username, muted) } };
    await updateRoom(tx, rid, at, { details: changed.details });
    const t = muted ? 'user-muted' : 'user-unmuted';
    await postSystemMessage(ctx, tx, emit, changed, { t, msg: username, user: callerRef(caller) });
    emit('room.changed', { action: 'updated', rid, room: presentRoom(changed) });
  });
}

function speakersAfter(
  { readOnly, details }: Room,
  username: string,
  muted: boolean,
): Pick<RoomDetails, 'muted' | 'unmuted'> {
  const without = (names: string[] | undefined) => names?.filter((name) => name !== username);
  const withName = (names: string[] | undefined) => [...(without(names) ?? []), username];
  if (muted && readOnly) return listsOf(details.muted, without(details.unmuted));
  if (muted) return listsOf(withName(details.muted), without(details.unmuted));
  return listsOf(without(details.muted), readOnly ? withName(details.unmuted) : details.unmuted);
}

/** Lists that never were stay away; emptied ones remain, as documented. */
const listsOf = (muted: string[] | undefined, unmuted: string[] | undefined) => ({
  ...(muted ? { muted } : {}),
  ...(unmuted ? { unmuted } : {}),
});
