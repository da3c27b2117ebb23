import { loadUser } from '../accounts/find-users.ts';
import { effectivePreferences } from '../accounts/preferences.ts';
import { jobHandler } from '../jobs/job.ts';
import './calendar.events.ts';
import { calendarEventById, saveCalendarEvent } from './calendar.store.ts';
import { presentReminder } from './present-calendar-event.ts';

declare module '../jobs/job.ts' {
  interface JobPayloads {
    /** `at`: when the event wanted to remind when the job was written; it may have been moved since. */
    'calendar.remind': { eventId: string; at: number };
  }
}

/** Tells clients of an event that begins soon, if its owner wants to be told (preference `notifyCalendarEvents`). */
export const remindJob = jobHandler({
  kind: 'calendar.remind',
  concurrency: 4,
  attempts: 5,
  timeoutMs: 30_000,
  async run(ctx, job) {
    const { eventId, at } = job.payload;
    await ctx.write(async (tx, emit) => {
      await job.finish(tx);
      const event = await calendarEventById(tx, eventId);
      if (event?.reminderAt !== at || event.isReminded) return;
      await saveCalendarEvent(tx, { ...event, isReminded: true, updatedAt: ctx.clock.stamp() });
      const user = await loadUser(tx, event.uid);
      if (!user || effectivePreferences(ctx.settings, user).notifyCalendarEvents === false) return;
      emit('calendar.reminder', { uid: user._id, reminder: presentReminder(event, user.utcOffset ?? 0) });
    });
  },
});
