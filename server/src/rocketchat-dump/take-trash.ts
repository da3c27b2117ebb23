import { partOf, textOf, timeOf } from './fields.ts';
import { insertTombstone } from './moved-rows.store.ts';
import { NOT_OURS, type Taking } from './taking.ts';

const TRASH = 'rocketchat__trash';
/** Clients that were away longer fetch everything anew (spec 41 §14.10). */
const KEPT_MS = 30 * 24 * 60 * 60_000;

/** What was deleted lately, for clients that ask what changed since they were here. */
export async function takeTrash({ dump, tx, report, rooms, users, now }: Taking): Promise<void> {
  for await (const doc of dump.documents(TRASH)) {
    const id = textOf(doc, '_id');
    const at = timeOf(doc, '_deletedAt') ?? 0;
    const rid = textOf(doc, 'rid') ?? '';
    const uid = textOf(partOf(doc, 'u') ?? {}, '_id') ?? '';
    const collection = textOf(doc, '__collection__');
    const mark =
      collection === 'message' && rooms.has(rid)
        ? { kind: 'message' as const, scope: rid, doc: '{}' }
        : collection === 'subscription' && users.has(uid)
          ? { kind: 'subscription' as const, scope: uid, doc: JSON.stringify({ rid }) }
          : undefined;
    if (!mark || id === undefined) report.left(TRASH, NOT_OURS);
    else if (at < now - KEPT_MS) report.left(TRASH, 'older than 30 days');
    else {
      await insertTombstone(tx, { ...mark, id, deleted_at: at });
      report.taken(TRASH);
    }
  }
}
