import type { Db, Tx } from '../storage/database.ts';
import { containsPattern, isLikeInLowerCase } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import type { ReportRow } from '../storage/schema.ts';

/** SQL of reports. Dismissed ones are never listed. */

export interface ReportFilter {
  kind: 'message' | 'user';
  /** Who is reported, or wrote the message. */
  uid?: string | undefined;
  messageId?: string | undefined;
  /** Part of the names of the reported person, or of what the message says. */
  text?: string | undefined;
  oldest?: number | undefined;
  latest?: number | undefined;
}

export interface Page {
  offset: number;
  count: number;
}

export async function insertReport(tx: Tx, report: ReportRow): Promise<void> {
  await tx.insertInto('reports').values(report).execute();
}

export function reportById(db: Db, id: string): Promise<ReportRow | undefined> {
  return db.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst();
}

function matching(db: Db, { kind, uid, messageId, text, oldest, latest }: ReportFilter) {
  let query = db.selectFrom('reports').where('reports.kind', '=', kind).where('reports.hidden', '=', 0);
  if (uid !== undefined) query = query.where('reports.uid', '=', uid);
  if (messageId !== undefined) query = query.where('reports.message_id', '=', messageId);
  if (oldest !== undefined) query = query.where('reports.ts', '>=', oldest);
  if (latest !== undefined) query = query.where('reports.ts', '<=', latest);
  if (text)
    query = query.where((eb) => isLikeInLowerCase(eb.ref('reports.search_key'), containsPattern(text)));
  return query;
}

/** A page of reports, the newest first; `onePerMessage` leaves out all but the newest of each message. */
export async function listReports(
  db: Db,
  filter: ReportFilter,
  page: Page,
  { onePerMessage }: { onePerMessage: boolean } = { onePerMessage: false },
): Promise<{ rows: ReportRow[]; total: number }> {
  let found = matching(db, filter);
  if (onePerMessage) {
    found = found.where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('reports as newer')
            .select('newer.id')
            .whereRef('newer.message_id', '=', 'reports.message_id')
            .where('newer.hidden', '=', 0)
            .where((inner) =>
              inner.or([
                inner('newer.ts', '>', inner.ref('reports.ts')),
                inner.and([
                  inner('newer.ts', '=', inner.ref('reports.ts')),
                  inner('newer.id', '>', inner.ref('reports.id')),
                ]),
              ]),
            ),
        ),
      ),
    );
  }
  return pageAndTotal(
    found,
    found.selectAll('reports').orderBy('reports.ts', 'desc').orderBy('reports.id'),
    page,
  );
}

/** The newest reports of each of these people, at most so many of one, the newest first. */
export async function newestReportsOf(
  db: Db,
  filter: ReportFilter,
  { uids, each }: { uids: readonly string[]; each: number },
): Promise<Map<string, ReportRow[]>> {
  const numbered = matching(db, filter)
    .selectAll('reports')
    .select((eb) =>
      eb.fn
        .agg<number>('row_number')
        .over((over) => over.partitionBy('reports.uid').orderBy('reports.ts', 'desc').orderBy('reports.id'))
        .as('place'),
    )
    .where('reports.uid', 'in', uids);
  const rows =
    uids.length === 0
      ? []
      : await db
          .selectFrom(numbered.as('numbered'))
          .selectAll()
          .where('place', '<=', each)
          .orderBy('place')
          .execute();
  const byPerson = new Map<string, ReportRow[]>();
  for (const { place: _place, ...row } of rows)
    byPerson.set(row.uid, [...(byPerson.get(row.uid) ?? []), row]);
  return byPerson;
}

/** A page of reported people, with how many reports there are and when the last one came. */
export async function listReported(db: Db, filter: ReportFilter, direction: 'asc' | 'desc', page: Page) {
  const found = matching(db, filter);
  const [rows, counted] = await Promise.all([
    found
      .select((eb) => [
        'reports.uid',
        eb.fn.countAll<number>().as('n'),
        eb.fn.max<number>('reports.ts').as('last'),
      ])
      .groupBy('reports.uid')
      .orderBy('last', direction)
      .orderBy('reports.uid')
      .limit(page.count)
      .offset(page.offset)
      .execute(),
    found.select((eb) => eb.fn.count<number>('reports.uid').distinct().as('n')).executeTakeFirstOrThrow(),
  ]);
  return {
    rows: rows.map(({ uid, n, last }) => ({ uid, count: Number(n), last: Number(last) })),
    total: Number(counted.n),
  };
}

/** Takes reports off the list; returns how many there were. */
export async function hideReports(
  tx: Tx,
  { kind, uid, messageIds }: Pick<ReportFilter, 'kind' | 'uid'> & { messageIds?: readonly string[] },
  moderation: string,
  at: number,
): Promise<number> {
  let query = tx
    .updateTable('reports')
    .set({ hidden: 1, moderation, updated_at: at })
    .where('kind', '=', kind)
    .where('hidden', '=', 0);
  if (uid !== undefined) query = query.where('uid', '=', uid);
  if (messageIds) query = query.where('message_id', 'in', messageIds);
  const { numUpdatedRows } = await query.executeTakeFirst();
  return Number(numUpdatedRows);
}
