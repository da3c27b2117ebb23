import type { Db, Tx } from '../storage/database.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import type { AuditEventRow } from '../storage/schema.ts';

/** SQL of the audit trail. Rows are added, read and some day removed, never changed. */

export interface AuditFilter {
  kind?: string | undefined;
  subject?: string | undefined;
  /** Id or username. */
  actor?: string | undefined;
  /** ms, inclusive */
  from?: number | undefined;
  /** ms, inclusive */
  until?: number | undefined;
}

export async function insertAuditEvent(tx: Tx, row: AuditEventRow): Promise<void> {
  await tx.insertInto('audit_events').values(row).execute();
}

/** Removes the oldest of those before `time`, at most `limit`; tells how many. */
export async function deleteAuditEventsBefore(tx: Tx, time: number, limit: number): Promise<number> {
  const oldest = tx
    .selectFrom('audit_events')
    .select('id')
    .where('at', '<', time)
    .orderBy('at')
    .orderBy('id')
    .limit(limit);
  const { numDeletedRows } = await tx.deleteFrom('audit_events').where('id', 'in', oldest).executeTakeFirst();
  return Number(numDeletedRows);
}

export async function auditPage(
  db: Db,
  filter: AuditFilter,
  page: { offset: number; count: number; direction: 'asc' | 'desc' },
): Promise<{ rows: AuditEventRow[]; total: number }> {
  let found = db.selectFrom('audit_events');
  if (filter.kind !== undefined) found = found.where('kind', '=', filter.kind);
  if (filter.subject !== undefined) found = found.where('subject', '=', filter.subject);
  const { actor } = filter;
  if (actor !== undefined) {
    found = found.where((eb) => eb.or([eb('actor_id', '=', actor), eb('actor_name', '=', actor)]));
  }
  if (filter.from !== undefined) found = found.where('at', '>=', filter.from);
  if (filter.until !== undefined) found = found.where('at', '<=', filter.until);
  return pageAndTotal(
    found,
    found.selectAll().orderBy('at', page.direction).orderBy('id', page.direction),
    page,
  );
}
