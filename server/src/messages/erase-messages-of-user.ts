import { type Context, type WriteScope, within } from '../context.ts';
import { getRoom } from '../rooms/get-room.ts';
import { forgetThread } from '../rooms/thread-unread.ts';
import type { Tx } from '../storage/database.ts';
import {
  countByRoom,
  countByThread,
  deleteMessagesBy,
  moveToAuthor,
  pageOfAuthor,
  threadsOf,
} from './messages-of-user.store.ts';
import { forgetReply } from './record-reply.ts';

const PAGE = 500;

/**
 * What becomes of the messages of a deleted account (setting `Message_ErasureType`, spec 21 `users.delete`): `Delete`
 * removes them, `Unlink` gives them to `rocket.cat` under the name "Removed User", `Keep` leaves them. Returns how many
 * visible messages each room lost; the caller corrects the rooms. Clients are told by `Users:Deleted`.
 */
export async function eraseMessagesOfUser(
  ctx: Context,
  { tx, emit }: WriteScope,
  uid: string,
  erasure: 'Delete' | 'Unlink' | 'Keep',
): Promise<{ rid: string; visible: number }[]> {
  if (erasure === 'Keep') return [];
  if (erasure === 'Unlink') {
    await unlink(ctx, tx, uid);
    return [];
  }
  // Discussions belong to everybody in them: their announcements stay, without the name of whoever started them.
  await unlink(ctx, tx, uid, 'discussion-created');
  const [lost, threads] = [await countByRoom(tx, uid), await countByThread(tx, uid)];
  for (const thread of await threadsOf(tx, uid)) await forgetThread(ctx, tx, emit, thread);
  await deleteMessagesBy(tx, uid, ctx.clock.stamp());
  for (const { rid, tmid, count } of threads) {
    const room = await getRoom(within(ctx, tx), rid);
    if (room) await forgetReply(ctx, tx, emit, room, tmid, count);
  }
  return lost;
}

/** Moves the messages of an author, or those of one system type, to the one who stands in for removed people. */
async function unlink(ctx: Context, tx: Tx, uid: string, type?: string): Promise<void> {
  const u = { _id: 'rocket.cat', username: 'rocket.cat', name: 'Rocket.Cat' };
  for (;;) {
    const page = await pageOfAuthor(tx, uid, { type, limit: PAGE });
    for (const message of page) {
      await moveToAuthor(tx, {
        ...message,
        u,
        alias: 'Removed User',
        _updatedAt: new Date(ctx.clock.stamp()),
      });
    }
    if (page.length < PAGE) return;
  }
}
