import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import { readThreadOf } from '../rooms/thread-unread.ts';
import { changeMessage } from './change-message.ts';
import { findMessage } from './find-message.ts';
import { indexFollowers } from './messages.store.ts';
import { refuseWithoutThreads } from './threads.ts';

/**
 * Follows the thread of a message or stops doing so (spec 30 §5); a reply stands for its thread. Following a message
 * without replies is possible.
 *
 * @throws error-not-allowed, error-invalid-message
 */
export async function followMessage(
  ctx: Context,
  caller: Caller,
  { mid, follow }: { mid: string; follow: boolean },
): Promise<void> {
  const details = { method: follow ? 'followMessage' : 'unfollowMessage' };
  refuseWithoutThreads(ctx, 'not-allowed', details);
  const message = await findMessage(ctx, mid);
  if (!message) fail('error-invalid-message', 'Invalid message', details);
  const room = await getRoom(ctx, message.rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'not-allowed', details);
  const thread = { rid: room.id, tmid: message.tmid ?? message._id };
  await changeMessage(ctx, room, thread.tmid, async (current, tx, emit) => {
    const others = (current.replies ?? []).filter((uid) => uid !== caller.uid);
    const isFollowing = others.length < (current.replies?.length ?? 0);
    if (isFollowing === follow) return undefined;
    if (!follow) await readThreadOf(ctx, tx, emit, caller, thread);
    const message = { ...current, replies: follow ? [...others, caller.uid] : others };
    await indexFollowers(tx, current, message);
    return { message };
  });
}
