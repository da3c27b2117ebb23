import type { Context } from '../context.ts';
import type { Streams } from '../realtime/declarations.ts';
import './calendar.events.ts';

/** Reminders of the own calendar (spec 40 §8.3, `calendar`). */
export function wireCalendarEvents(ctx: Context, streams: Streams): void {
  ctx.events.on('calendar.reminder', ({ uid, reminder }) =>
    streams.emitToUsers([uid], 'calendar', [reminder]),
  );
}
