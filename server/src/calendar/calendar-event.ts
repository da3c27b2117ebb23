import { parseDoc } from '../storage/json.ts';
import type { CalendarEventRow } from '../storage/schema.ts';

/** An event of somebody's own calendar (spec 11 §14). Times are ms. */
export interface CalendarEvent extends CalendarEventDocument {
  id: string;
  uid: string;
  startAt: number;
  endAt: number | null;
  /** When its owner is reminded. */
  reminderAt: number | null;
  isReminded: boolean;
  /** Id in the calendar that it was imported from; one event of a person has it. */
  externalId: string | null;
  /** Its owner shows as busy while it lasts. */
  isBusy: boolean;
  updatedAt: number;
}

/** The JSON column. */
export interface CalendarEventDocument {
  subject: string;
  description: string;
  meetingUrl: string | null;
  reminderMinutes: number;
}

export function eventFromRow(row: CalendarEventRow): CalendarEvent {
  return {
    id: row.id,
    uid: row.uid,
    startAt: row.start_at,
    endAt: row.end_at,
    reminderAt: row.reminder_at,
    isReminded: row.reminded === 1,
    externalId: row.external_id,
    isBusy: row.busy === 1,
    updatedAt: row.updated_at,
    ...parseDoc<CalendarEventDocument>(row.doc),
  };
}

export function eventToRow(event: CalendarEvent): CalendarEventRow {
  const { subject, description, meetingUrl, reminderMinutes } = event;
  return {
    id: event.id,
    uid: event.uid,
    start_at: event.startAt,
    end_at: event.endAt,
    reminder_at: event.reminderAt,
    reminded: event.isReminded ? 1 : 0,
    external_id: event.externalId,
    busy: event.isBusy ? 1 : 0,
    updated_at: event.updatedAt,
    doc: JSON.stringify({ subject, description, meetingUrl, reminderMinutes }),
  };
}
