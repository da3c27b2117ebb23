import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { dateText, freeObject, strict } from '../rest/schemas.ts';
import {
  calendarEventFor,
  calendarEventsOf,
  createCalendarEvent,
  importCalendarEvent,
  removeCalendarEvent,
  updateCalendarEvent,
} from './calendar.ts';
import { presentCalendarEvent } from './present-calendar-event.ts';

/** Calendars, one for each person (spec 11 §14). */

const eventMembers = {
  startTime: dateText,
  endTime: Type.Optional(dateText),
  subject: Type.String({ maxLength: 1000 }),
  description: Type.String({ maxLength: 65_536 }),
  meetingUrl: Type.Optional(Type.String({ maxLength: 4096 })),
  reminderMinutesBeforeStart: Type.Optional(Type.Integer({ minimum: 0, maximum: 525_600 })),
  busy: Type.Optional(Type.Boolean()),
};
const externalId = Type.String({ minLength: 1, maxLength: 1000 });
const idAnswer = strict({ id: Type.String() });
const reading = { calls: 3, windowMs: 1000 };

export const calendarEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'calendar-events.list',
    summary: 'The own events of a day.',
    auth: 'user',
    rateLimit: reading,
    query: strict({ date: dateText }),
    response: strict({ data: Type.Array(freeObject) }),
    async handler(ctx, { caller, query }) {
      return { data: (await calendarEventsOf(ctx, caller, query.date)).map(presentCalendarEvent) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'calendar-events.info',
    summary: 'One of the own events.',
    auth: 'user',
    rateLimit: reading,
    query: strict({ id: Type.String() }),
    response: strict({ event: freeObject }),
    async handler(ctx, { caller, query }) {
      return { event: presentCalendarEvent(await calendarEventFor(ctx, caller, query.id)) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'calendar-events.create',
    summary: 'Puts an event into the own calendar.',
    auth: 'user',
    body: strict({ ...eventMembers, externalId: Type.Optional(externalId) }),
    response: idAnswer,
    async handler(ctx, { caller, body }) {
      return { id: await createCalendarEvent(ctx, caller, body) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'calendar-events.import',
    summary: 'Takes an event over from another calendar, or its changes.',
    auth: 'user',
    body: strict({ ...eventMembers, externalId }),
    response: idAnswer,
    async handler(ctx, { caller, body }) {
      return { id: await importCalendarEvent(ctx, caller, body) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'calendar-events.update',
    summary: 'Changes one of the own events.',
    auth: 'user',
    body: strict({ eventId: Type.String(), ...eventMembers }),
    async handler(ctx, { caller, body: { eventId, ...input } }) {
      await updateCalendarEvent(ctx, caller, eventId, input);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'calendar-events.delete',
    summary: 'Removes one of the own events.',
    auth: 'user',
    body: strict({ eventId: Type.String() }),
    async handler(ctx, { caller, body }) {
      await removeCalendarEvent(ctx, caller, body.eventId);
      return {};
    },
  }),
];
