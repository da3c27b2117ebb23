import type { Db } from '../storage/database.ts';
import { reviveMessage, type WireMessage } from './message.ts';

/** SQL that finds what a pruning means. */

export interface PruneSelection {
  rid: string;
  /** Bounds of `ts` in ms, and whether messages at the bounds are meant. */
  oldest: number;
  latest: number;
  inclusive: boolean;
  /** Only by these authors; everybody's when undefined. */
  uids: readonly string[] | undefined;
  excludePinned: boolean;
  /** Only messages with files. */
  filesOnly: boolean;
  /** Neither messages of threads nor those that threads hang on. */
  ignoreThreads: boolean;
  /** Not the announcements of discussions. */
  ignoreDiscussion: boolean;
}

/** The next messages after the given one, the oldest first. */
export async function nextToPrune(
  db: Db,
  selection: PruneSelection,
  after: Pick<WireMessage, '_id' | 'ts'> | undefined,
  limit: number,
): Promise<WireMessage[]> {
  const { rid, oldest, latest, inclusive, uids } = selection;
  let query = db
    .selectFrom('messages')
    .select('doc')
    .where('rid', '=', rid)
    .where('hidden', '=', 0)
    .where('ts', inclusive ? '>=' : '>', oldest)
    .where('ts', inclusive ? '<=' : '<', latest);
  if (after) {
    const ts = after.ts.getTime();
    query = query.where('ts', '>=', ts).where((eb) => eb.or([eb('ts', '>', ts), eb('id', '>', after._id)]));
  }
  if (uids) query = query.where('uid', 'in', uids);
  if (selection.excludePinned) query = query.where('pinned', '=', 0);
  if (selection.ignoreThreads) query = query.where('tmid', 'is', null).where('tcount', 'is', null);
  if (selection.ignoreDiscussion)
    query = query.where((eb) => eb.or([eb('t', 'is', null), eb('t', '!=', 'discussion-created')]));
  if (selection.filesOnly) {
    query = query.where('id', 'in', (eb) =>
      eb.selectFrom('files').select('message_id').where('rid', '=', rid).where('message_id', 'is not', null),
    );
  }
  const rows = await query.orderBy('ts').orderBy('id').limit(limit).execute();
  return rows.map((row) => reviveMessage(row.doc));
}
