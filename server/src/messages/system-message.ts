import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import type { Emit } from '../kernel/events.ts';
import { newIdAt } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import type { WireMessage } from './message.ts';
import { insertMessage } from './messages.store.ts';

/** What a message event needs to know of its room; `Room` entities fit. */
export interface MessageRoom {
  id: string;
  type: string;
  name: string | null;
  displayName: string | null;
  teamId: string | null;
  parentId: string | null;
}

export interface SystemMessage {
  /** The documented type, for example `ul` (spec 10 §11). */
  t: string;
  /** Raw data that clients put into their own sentence, never a sentence. */
  msg: string;
  /** Who did it. */
  user: UserRef;
  /** ms; default: now. */
  at?: number;
  extra?: Record<string, unknown>;
}

/**
 * Stores a system message and emits it. The caller counts it in the room (`recordActivity` with `messages: 1`), usually in
 * the same statement as its other changes. Never touches `lm`, `lastMessage` or unread state (spec 10 §11).
 */
export async function postSystemMessage(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  room: MessageRoom,
  { t, msg, user, at, extra }: SystemMessage,
): Promise<WireMessage> {
  const now = new Date(at ?? ctx.clock.stamp());
  const message: WireMessage = {
    _id: newIdAt(now.getTime()),
    t,
    rid: room.id,
    ts: now,
    msg,
    u: { _id: user._id, username: user.username, ...(user.name ? { name: user.name } : {}) },
    groupable: false,
    ...(ctx.settings.bool('Message_Read_Receipt_Enabled') ? { unread: true } : {}),
    ...extra,
    _updatedAt: now,
  };
  await insertMessage(tx, message);
  emit('message.saved', { message, room: roomOfMessage(room), isNew: true });
  return message;
}

/** The part of a room that message events carry. */
export function roomOfMessage(room: MessageRoom): MessageRoom {
  const { id, type, name, displayName, teamId, parentId } = room;
  return { id, type, name, displayName, teamId, parentId };
}
