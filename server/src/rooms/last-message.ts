import type { Context } from '../context.ts';
import type { Emit } from '../kernel/events.ts';
import { messageDoc, reviveMessage, type WireMessage } from '../messages/message.ts';
import type { Tx } from '../storage/database.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';
import { recordActivity, roomById, updateRoom } from './rooms.store.ts';

/** Counts messages that are no user messages (a pin notice) or that went away; tells the members. */
export async function countMessages(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  rid: string,
  messages: number,
): Promise<Room | undefined> {
  const room = await recordActivity(tx, rid, ctx.clock.stamp(), { messages, members: 0 });
  if (room) emit('room.changed', { action: 'updated', rid, room: presentRoom(room) });
  return room;
}

/** After a change of a message: renews the copy that its room shows, when it is the room's last one. */
export async function refreshLastMessage(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  message: WireMessage,
): Promise<void> {
  const room = await roomById(tx, message.rid);
  if (!room || !isLastMessage(room, message)) return;
  // The changing update takes the row's lock; a newer message that came in between keeps its place.
  const locked = await recordActivity(tx, room.id, ctx.clock.stamp(), { messages: 0, members: 0 });
  if (!locked || !isLastMessage(locked, message)) return;
  const lastMessage = messageDoc(message);
  await updateRoom(tx, room.id, locked.updatedAt, { lastMessage });
  emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom({ ...locked, lastMessage }) });
}

/**
 * After the deletion of a message: one message less, and where it was the last one, `newest` takes its place
 * (spec 30 §6 `chat.delete`). Returns the room as it is then; undefined when it is gone.
 */
export async function forgetMessage(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  deleted: WireMessage,
  newest: () => Promise<WireMessage | undefined>,
): Promise<Room | undefined> {
  const at = ctx.clock.stamp();
  const room = await recordActivity(tx, deleted.rid, at, { messages: -1, members: 0 });
  if (!room) return undefined;
  const wasShown =
    room.lastMessageAt === deleted.ts.getTime() &&
    (room.lastMessage === null || isLastMessage(room, deleted));
  const shown = wasShown ? await showLast(ctx, tx, room, await newest(), at) : room;
  emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(shown) });
  return shown;
}

/**
 * After the removal of many messages at once: so many less, and the newest one that is left is shown. Returns the room as
 * it is then; undefined when it is gone.
 */
export async function forgetMessages(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  rid: string,
  messages: number,
  newest: () => Promise<WireMessage | undefined>,
): Promise<Room | undefined> {
  const at = ctx.clock.stamp();
  const room = await recordActivity(tx, rid, at, { messages: -messages, members: 0 });
  if (!room) return undefined;
  const shown = await showLast(ctx, tx, room, await newest(), at);
  emit('room.changed', { action: 'updated', rid, room: presentRoom(shown) });
  return shown;
}

/**
 * Imported messages came into a room: so many more, and the newest one of all is shown. Nobody is told before the end of the
 * import (`announceImport`).
 */
export async function takeInMessages(
  ctx: Context,
  tx: Tx,
  rid: string,
  messages: number,
  newest: () => Promise<WireMessage | undefined>,
): Promise<void> {
  const at = ctx.clock.stamp();
  const room = await recordActivity(tx, rid, at, { messages, members: 0 });
  if (room) await showLast(ctx, tx, room, await newest(), at);
}

/** What a room says of its last message. */
export const shownLast = ({ settings }: Pick<Context, 'settings'>, last: WireMessage | undefined) => ({
  lastMessageAt: last?.ts.getTime() ?? null,
  lastMessage: last && settings.bool('Store_Last_Message') ? messageDoc(last) : null,
});

async function showLast(ctx: Context, tx: Tx, room: Room, last: WireMessage | undefined, at: number) {
  const change = shownLast(ctx, last);
  await updateRoom(tx, room.id, at, change);
  return { ...room, ...change };
}

function isLastMessage(room: Room, message: WireMessage): boolean {
  if (room.lastMessage === null || room.lastMessageAt !== message.ts.getTime()) return false;
  return reviveMessage(room.lastMessage)._id === message._id;
}
