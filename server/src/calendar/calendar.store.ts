import type { Db, Tx } from '../storage/database.ts';
import { type CalendarEvent, eventFromRow, eventToRow } from './calendar-event.ts';

/** SQL of calendar events. */

export async function calendarEventById(db: Db, id: string): Promise<CalendarEvent | undefined> {
  const row = await db.selectFrom('calendar_events').selectAll().where('id', '=', id).executeTakeFirst();
  return row && eventFromRow(row);
}

export async function calendarEventByExternalId(
  db: Db,
  uid: string,
  externalId: string,
): Promise<CalendarEvent | undefined> {
  const row = await db
    .selectFrom('calendar_events')
    .selectAll()
    .where('uid', '=', uid)
    .where('external_id', '=', externalId)
    .executeTakeFirst();
  return row && eventFromRow(row);
}

/** Those that begin in a span of time, `until` not included, in order. */
export async function calendarEventsBetween(
  db: Db,
  uid: string,
  { from, until, limit }: { from: number; until: number; limit: number },
): Promise<CalendarEvent[]> {
  const rows = await db
    .selectFrom('calendar_events')
    .selectAll()
    .where('uid', '=', uid)
    .where('start_at', '>=', from)
    .where('start_at', '<', until)
    .orderBy('start_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(eventFromRow);
}

/** Whether, and until when, busy events that are going on keep their owner. */
export async function busyUntil(db: Db, uid: string, now: number): Promise<number | undefined> {
  const { until } = await db
    .selectFrom('calendar_events')
    .select((eb) => eb.fn.max('end_at').as('until'))
    .where('uid', '=', uid)
    .where('busy', '=', 1)
    .where('start_at', '<=', now)
    .where('end_at', '>', now)
    .executeTakeFirstOrThrow();
  return until ?? undefined;
}

export async function saveCalendarEvent(tx: Tx, event: CalendarEvent): Promise<void> {
  const { id, ...changes } = eventToRow(event);
  await tx
    .insertInto('calendar_events')
    .values({ id, ...changes })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
}

export async function deleteCalendarEvent(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('calendar_events').where('id', '=', id).execute();
}

export async function deleteCalendarOf(tx: Tx, uid: string): Promise<void> {
  await tx.deleteFrom('calendar_events').where('uid', '=', uid).execute();
}
