import type { Context } from '../context.ts';
import { withRealNames } from '../messages/present-messages.ts';
import type { WireRoom } from './present-room.ts';

/**
 * Rooms as somebody reads them: where the workspace shows real names, the people in their last messages appear under
 * those that they have now (spec 00 §13). One question for all rooms; none where usernames are shown.
 */
export async function withCurrentNames<Shown extends Partial<WireRoom>>(
  ctx: Context,
  rooms: readonly Shown[],
): Promise<Shown[]> {
  if (!ctx.settings.bool('UI_Use_Real_Name')) return [...rooms];
  const last = rooms.flatMap(({ lastMessage }) => lastMessage ?? []);
  const named = new Map((await withRealNames(ctx, last)).map((message) => [message._id, message]));
  return rooms.map((room) => {
    const lastMessage = room.lastMessage && named.get(room.lastMessage._id);
    return lastMessage ? { ...room, lastMessage } : room;
  });
}

/** The same for one room. */
export async function withNamesOfNow<Shown extends Partial<WireRoom>>(
  ctx: Context,
  room: Shown,
): Promise<Shown> {
  const [named = room] = await withCurrentNames(ctx, [room]);
  return named;
}
