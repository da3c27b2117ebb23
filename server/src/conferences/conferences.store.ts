import type { Db, Tx } from '../storage/database.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import { lockingRows } from '../storage/row-locks.ts';
import type { ConferenceRow } from '../storage/schema.ts';
import { type Conference, type ConferenceDocument, conferenceFromRow } from './conference.ts';

/** SQL of calls. */

export async function conferenceById(db: Db, id: string): Promise<Conference | undefined> {
  const row = await db.selectFrom('conferences').selectAll().where('id', '=', id).executeTakeFirst();
  return row && conferenceFromRow(row);
}

/** The call as it stays until the transaction ends, but for what the transaction does to it. */
export async function lockConference(tx: Tx, id: string): Promise<Conference | undefined> {
  const query = lockingRows(tx, tx.selectFrom('conferences').selectAll().where('id', '=', id));
  const row = await query.executeTakeFirst();
  return row && conferenceFromRow(row);
}

export async function insertConference(tx: Tx, row: ConferenceRow): Promise<void> {
  await tx.insertInto('conferences').values(row).execute();
}

export async function updateConference(
  tx: Tx,
  id: string,
  at: number,
  change: { status: number; endedAt?: number; document: ConferenceDocument },
): Promise<void> {
  await tx
    .updateTable('conferences')
    .set({
      status: change.status,
      updated_at: at,
      doc: JSON.stringify(change.document),
      ...(change.endedAt === undefined ? {} : { ended_at: change.endedAt }),
    })
    .where('id', '=', id)
    .execute();
}

/** A page of the calls of a room, the newest first. */
export async function listConferences(db: Db, rid: string, page: { offset: number; count: number }) {
  const found = db.selectFrom('conferences').where('rid', '=', rid);
  const { rows, total } = await pageAndTotal(
    found,
    found.selectAll().orderBy('created_at', 'desc').orderBy('id'),
    page,
  );
  return { conferences: rows.map(conferenceFromRow), total };
}

export async function deleteConferencesOf(tx: Tx, rid: string): Promise<void> {
  await tx.deleteFrom('conferences').where('rid', '=', rid).execute();
}
