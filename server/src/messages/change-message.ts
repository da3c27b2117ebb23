import type { Context } from '../context.ts';
import type { Emit } from '../kernel/events.ts';
import { refreshLastMessage } from '../rooms/last-message.ts';
import type { Tx } from '../storage/database.ts';
import type { WireMessage } from './message.ts';
import { lockMessage, replaceMessage } from './messages.store.ts';
import { type MessageRoom, roomOfMessage } from './system-message.ts';

export interface Change {
  /** `_updatedAt` is filled in. */
  message: WireMessage;
  /** The text or the mentions may be others than before. */
  textChanged?: boolean;
  /** Its author, or a moderator, wrote it anew. */
  edited?: true;
}

/**
 * The one way a stored message changes (edit, reaction, star, pin): `change` gets the message as it is now, locked, so that
 * two changes at the same moment both count. Where it returns undefined nothing happens. Afterwards the room's last message
 * follows, and everybody in the room gets the message anew.
 *
 * Returns the message as it is then; undefined when it was deleted meanwhile, or is not of this room.
 */
export function changeMessage(
  ctx: Context,
  room: MessageRoom,
  messageId: string,
  change: (message: WireMessage, tx: Tx, emit: Emit) => Promise<Change | undefined> | Change | undefined,
): Promise<WireMessage | undefined> {
  return ctx.write(async (tx, emit) => {
    const current = await lockMessage(tx, messageId);
    if (current?.rid !== room.id) return undefined;
    const changed = await change(current, tx, emit);
    if (!changed) return current;
    const message = { ...changed.message, _updatedAt: new Date(ctx.clock.stamp()) };
    await replaceMessage(tx, message, changed.textChanged ? 'text' : undefined);
    emit('message.saved', {
      message,
      room: roomOfMessage(room),
      isNew: false,
      ...(changed.edited ? { edited: true } : {}),
    });
    await refreshLastMessage(ctx, tx, emit, message);
    return message;
  });
}
