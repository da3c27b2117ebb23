import type { Context } from '../context.ts';
import type { Tx } from '../storage/database.ts';
import { countByRoom, deleteMessagesBy, moveToAuthor, pageOfAuthor } from './messages-of-user.store.ts';

const PAGE = 500;

/**
 * What becomes of the messages of a deleted account (setting `Message_ErasureType`, spec 21 `users.delete`): `Delete`
 * removes them, `Unlink` gives them to `rocket.cat` under the name "Removed User", `Keep` leaves them. Returns how many
 * visible messages each room lost; the caller corrects the rooms. Clients are told by `Users:Deleted`.
 */
export async function eraseMessagesOfUser(
  ctx: Context,
  tx: Tx,
  uid: string,
  erasure: 'Delete' | 'Unlink' | 'Keep',
): Promise<{ rid: string; visible: number }[]> {
  if (erasure === 'Keep') return [];
  if (erasure === 'Delete') {
    const lost = await countByRoom(tx, uid);
    await deleteMessagesBy(tx, uid, ctx.clock.stamp());
    return lost;
  }
  const u = { _id: 'rocket.cat', username: 'rocket.cat', name: 'Rocket.Cat' };
  for (;;) {
    const page = await pageOfAuthor(tx, uid, PAGE);
    for (const message of page) {
      await moveToAuthor(tx, {
        ...message,
        u,
        alias: 'Removed User',
        _updatedAt: new Date(ctx.clock.stamp()),
      });
    }
    if (page.length < PAGE) return [];
  }
}
