import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the table of calendar events. */
export const calendarRules: readonly ConsistencyRule[] = [
  reference('calendar_events', 'uid', 'users'),
  {
    broken: 'reminder of a calendar event that no job will send',
    query: sql`select id as what from calendar_events where reminded = 0 and reminder_at is not null and not exists
      (select 1 from jobs where kind = 'calendar.remind' and job_key = calendar_events.id || ' ' || calendar_events.reminder_at)`,
  },
];
