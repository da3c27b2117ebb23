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

/** Between two messages of a room, in the order in which they are pruned. */
export interface PrunePosition {
  ts: number;
  id: string;
}

/** So many messages are looked at in one go, however few of them are meant. */
const LOOKED_AT = 2000;

/** The next messages after the position, the oldest first, and from where to go on; that is undefined at the end. */
export async function nextToPrune(
  db: Db,
  selection: PruneSelection,
  after: PrunePosition | undefined,
  limit: number,
): Promise<{ messages: WireMessage[]; next: PrunePosition | undefined }> {
  const { rid, oldest, latest, inclusive, uids } = selection;
  const edge = await db
    .selectFrom('messages')
    .select('ts')
    .where('rid', '=', rid)
    .where('ts', '>=', after?.ts ?? oldest)
    .where('ts', '<=', latest)
    .orderBy('ts')
    .offset(LOOKED_AT)
    .limit(1)
    .executeTakeFirst();
  let query = db
    .selectFrom('messages')
    .select('doc')
    .where('rid', '=', rid)
    .where('hidden', '=', 0)
    .where('ts', inclusive ? '>=' : '>', oldest)
    .where('ts', inclusive ? '<=' : '<', latest);
  if (edge) query = query.where('ts', '<=', edge.ts);
  if (after) {
    const { ts, id } = after;
    query = query.where('ts', '>=', ts).where((eb) => eb.or([eb('ts', '>', ts), eb('id', '>', id)]));
  }
  if (uids) query = query.where('uid', 'in', uids);
  if (selection.excludePinned) query = query.where('pinned', '=', 0);
  if (selection.ignoreThreads) query = query.where('tmid', 'is', null).where('tcount', 'is', null);
  if (selection.ignoreDiscussion)
    query = query.where((eb) => eb.or([eb('t', 'is', null), eb('t', '!=', 'discussion-created')]));
  if (selection.filesOnly) {
    query = query.where((eb) =>
      eb.exists(eb.selectFrom('files').select('files.id').whereRef('files.message_id', '=', 'messages.id')),
    );
  }
  const rows = await query.orderBy('ts').orderBy('id').limit(limit).execute();
  const messages = rows.map((row) => reviveMessage(row.doc));
  const last = messages.at(-1);
  if (last && messages.length === limit) return { messages, next: { ts: last.ts.getTime(), id: last._id } };
  // Everything at the edge was looked at.
  return { messages, next: edge && { ts: edge.ts + 1, id: '' } };
}
