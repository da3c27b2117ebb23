import type { Tx } from '../storage/database.ts';
import { containsPattern, isLike } from '../storage/like.ts';

/** SQL of the marks that thread replies leave on memberships. */

/** Opens the room for these members; `alert` marks it unread too. `lr` (ms) is the time of the last reply. */
export async function markReplied(
  tx: Tx,
  rid: string,
  uids: readonly string[],
  at: number,
  { alert }: { alert: boolean },
): Promise<void> {
  for (let start = 0; start < uids.length; start += 500) {
    await tx
      .updateTable('subscriptions')
      .set({ updated_at: at, open: 1, lr: at, ...(alert ? { alert: 1 } : {}) })
      .where('rid', '=', rid)
      .where('uid', 'in', uids.slice(start, start + 500))
      .where('status', 'is', null)
      .execute();
  }
}

/** Members in whose documents the thread stands, which is where unread threads are kept; and perhaps some more. */
export async function whoHasUnread(
  tx: Tx,
  { rid, tmid }: { rid: string; tmid: string },
): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('subscriptions')
    .select('uid')
    .where('rid', '=', rid)
    .where((eb) => isLike(eb.ref('doc'), containsPattern(JSON.stringify(tmid))))
    .execute();
  return rows.map(({ uid }) => uid);
}
