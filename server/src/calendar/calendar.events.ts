/** An event begins soon: `stream-notify-user` `<uid>/calendar` (spec 40 §8.3). */
export interface CalendarReminder {
  uid: string;
  /** As clients see it. */
  reminder: object;
}

declare module '../kernel/events.ts' {
  interface Events {
    'calendar.reminder': CalendarReminder;
  }
}
