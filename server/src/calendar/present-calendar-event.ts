import type { CalendarEvent } from './calendar-event.ts';

/** The event as clients see it (spec 11 §14). */
export function presentCalendarEvent(event: CalendarEvent): object {
  return {
    _id: event.id,
    uid: event.uid,
    startTime: new Date(event.startAt),
    ...(event.endAt === null ? {} : { endTime: new Date(event.endAt) }),
    subject: event.subject,
    description: event.description,
    ...(event.externalId === null ? {} : { externalId: event.externalId }),
    meetingUrl: event.meetingUrl,
    reminderMinutesBeforeStart: event.reminderMinutes,
    ...(event.reminderAt === null ? {} : { reminderTime: new Date(event.reminderAt) }),
    notificationSent: event.isReminded,
    busy: event.isBusy,
    _updatedAt: new Date(event.updatedAt),
  };
}

/** What a client shows before an event begins (spec 40 §8.3, `calendar`). */
export function presentReminder(event: CalendarEvent, utcOffset: number): object {
  const local = new Date(event.startAt + utcOffset * 3_600_000);
  return {
    title: event.subject,
    text: local.toISOString().slice(11, 16),
    payload: { _id: event.id, startTimeUtc: new Date(event.startAt).toISOString() },
  };
}
