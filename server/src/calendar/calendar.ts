import type { Context, WriteScope } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { CommitHooks } from '../storage/write.ts';
import { keepBusy } from './busy.ts';
import {
  calendarEventByExternalId,
  calendarEventById,
  calendarEventsBetween,
  deleteCalendarEvent,
  deleteCalendarOf,
  saveCalendarEvent,
} from './calendar.store.ts';
import type { CalendarEvent } from './calendar-event.ts';

/** What somebody says of an event; what is left out stays, or gets its default. */
export interface EventInput {
  /** Times are texts that `Date` can parse. */
  startTime: string;
  endTime?: string | undefined;
  subject: string;
  description: string;
  meetingUrl?: string | undefined;
  reminderMinutesBeforeStart?: number | undefined;
  busy?: boolean | undefined;
}

const DEFAULT_REMINDER_MINUTES = 5;
const MINUTE_MS = 60_000;
/** More of one day are not shown. */
const MOST_OF_A_DAY = 500;

/**
 * Puts an event into the caller's own calendar (spec 11 §14); returns its id. With the `externalId` of a known event that one
 * changes: a person has each event of another calendar once.
 */
export async function createCalendarEvent(
  ctx: Context,
  caller: Caller,
  input: EventInput & { externalId?: string | undefined },
): Promise<string> {
  return ctx.write(async (tx, emit) => {
    const { externalId } = input;
    const known = externalId ? await calendarEventByExternalId(tx, caller.uid, externalId) : undefined;
    const event = known ?? newEvent(caller.uid, externalId);
    await store(ctx, { tx, emit }, event, input);
    return event.id;
  });
}

/** Takes an event over from another calendar: anew, or in place of what was taken over before. Returns its id. */
export const importCalendarEvent = (
  ctx: Context,
  caller: Caller,
  input: EventInput & { externalId: string },
): Promise<string> =>
  createCalendarEvent(ctx, caller, {
    ...input,
    meetingUrl: input.meetingUrl ?? meetingUrlIn(input.description),
  });

/** @throws invalid-calendar-event */
export async function updateCalendarEvent(
  ctx: Context,
  caller: Caller,
  id: string,
  input: EventInput,
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const event = await calendarEventById(tx, id);
    if (event?.uid !== caller.uid) return invalid();
    await store(ctx, { tx, emit }, event, input);
  });
}

/** @throws invalid-calendar-event */
export async function removeCalendarEvent(ctx: Context, caller: Caller, id: string): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const event = await calendarEventById(tx, id);
    if (event?.uid !== caller.uid) return invalid();
    await deleteCalendarEvent(tx, id);
    if (event.isBusy) await keepBusy(ctx, { tx, emit }, caller.uid);
  });
}

const invalid = (): never => refuse('invalid-calendar-event');

/** One of the caller's own events. @throws an answer without a text */
export async function calendarEventFor(ctx: Context, caller: Caller, id: string): Promise<CalendarEvent> {
  const event = await calendarEventById(ctx.db, id);
  return event?.uid === caller.uid ? event : refuse();
}

/** The caller's own events of a day, which is one of the server's time zone. */
export async function calendarEventsOf(ctx: Context, caller: Caller, date: string): Promise<CalendarEvent[]> {
  const day = new Date(date);
  const from = new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  const until = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
  return calendarEventsBetween(ctx.db, caller.uid, { from, until, limit: MOST_OF_A_DAY });
}

function newEvent(uid: string, externalId: string | undefined): CalendarEvent {
  return {
    ...{ id: newId(), uid, externalId: externalId ?? null },
    ...{ startAt: 0, endAt: null, reminderAt: null, isReminded: false, isBusy: false, updatedAt: 0 },
    ...{ subject: '', description: '', meetingUrl: null, reminderMinutes: DEFAULT_REMINDER_MINUTES },
  };
}

async function store(
  ctx: Context,
  scope: WriteScope,
  known: CalendarEvent,
  input: EventInput,
): Promise<void> {
  const now = ctx.clock.now();
  const startAt = Date.parse(input.startTime);
  const reminderMinutes = input.reminderMinutesBeforeStart ?? known.reminderMinutes;
  // Nobody is reminded of what has begun.
  const reminderAt = startAt > now ? startAt - reminderMinutes * MINUTE_MS : null;
  const event: CalendarEvent = {
    ...known,
    startAt,
    endAt: input.endTime === undefined ? known.endAt : Date.parse(input.endTime),
    reminderAt,
    isReminded: known.isReminded && reminderAt === known.reminderAt,
    isBusy: input.busy ?? known.isBusy,
    updatedAt: ctx.clock.stamp(),
    subject: input.subject,
    description: input.description,
    meetingUrl: input.meetingUrl ?? known.meetingUrl,
    reminderMinutes,
  };
  await saveCalendarEvent(scope.tx, event);
  if (reminderAt !== null && !event.isReminded) {
    const payload = { eventId: event.id, at: reminderAt };
    await enqueue(ctx, scope, {
      ...{ kind: 'calendar.remind', payload, runAt: reminderAt, key: `${event.id} ${reminderAt}` },
    });
  }
  if (event.isBusy && startAt > now)
    await enqueue(ctx, scope, { kind: 'calendar.busy', payload: { uid: event.uid }, runAt: startAt });
  if (event.isBusy || known.isBusy) await keepBusy(ctx, scope, event.uid);
}

/** Calendars of others write where people meet into the description: `https://...?callUrl=<address>`. */
function meetingUrlIn(description: string): string | undefined {
  try {
    const url = decodeURIComponent(/[?&]callUrl=([^\s&"'<>]+)/.exec(description)?.[1] ?? '');
    return URL.canParse(url) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** A calendar goes with its owner. */
export function endCalendarsWithUsers(hooks: CommitHooks): void {
  hooks.on('user.deleted', ({ uid }, { tx }) => deleteCalendarOf(tx, uid));
}
