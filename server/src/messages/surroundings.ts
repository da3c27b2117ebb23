import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import type { Room } from '../rooms/room.ts';
import { historyStretch } from './history.ts';
import type { WireMessage } from './message.ts';
import { historyPage } from './message-pages.store.ts';
import { presentMessages } from './present-messages.ts';

/** Messages after a moment (ms), oldest first. For callers who were checked. */
export async function messagesAfter(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  {
    after,
    count,
    showThreadMessages,
  }: { after: number | undefined; count: number; showThreadMessages: boolean },
): Promise<WireMessage[]> {
  const of = { ...historyStretch(ctx, room, showThreadMessages), ...(after === undefined ? {} : { after }) };
  return presentMessages(ctx, caller, await historyPage(ctx.db, of, { order: 'oldest-first', count }));
}

/**
 * Messages around one (spec 40 §10.1 `loadSurroundingMessages`): half of `limit` on each side; order: older ones newest
 * first, the message itself, newer ones oldest first. For callers who were checked.
 */
export async function surroundingMessages(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  message: WireMessage,
  { limit, showThreadMessages }: { limit: number; showThreadMessages: boolean },
): Promise<{ messages: WireMessage[]; moreBefore: boolean; moreAfter: boolean }> {
  const side = Math.max(1, Math.floor(limit / 2));
  const of = historyStretch(ctx, room, showThreadMessages);
  const ts = message.ts.getTime();
  // One more than shown tells whether there are more.
  const [older, newer] = await Promise.all([
    historyPage(ctx.db, { ...of, before: ts }, { order: 'newest-first', count: side + 1 }),
    historyPage(ctx.db, { ...of, after: ts }, { order: 'oldest-first', count: side + 1 }),
  ]);
  const shown = [...older.slice(0, side), message, ...newer.slice(0, side)];
  return {
    messages: await presentMessages(ctx, caller, shown),
    moreBefore: older.length > side,
    moreAfter: newer.length > side,
  };
}
