import type { Context } from '../context.ts';
import { Refusal } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { WireMessage } from './message.ts';
import { textTree } from './text-tree.ts';

/** What people read where an error is only a code. */
const TEXTS: Readonly<Record<string, string>> = {
  'error-invalid-room': 'This room does not exist.',
  'error-not-allowed': 'You are not allowed to do this.',
  room_is_archived: 'This room is archived.',
  room_is_blocked: 'This room is blocked.',
  You_have_been_muted: 'You have been muted and cannot speak in this room',
};

interface EphemeralText {
  rid: string;
  msg: string;
  tmid?: string | undefined;
}

/** Shows a message to one user in a room; it is stored nowhere (spec 30 §4.12). */
export function sendEphemeral(ctx: Context, uid: string, text: EphemeralText): void {
  ctx.tell('message.ephemeral', { uid, message: ephemeralMessage(ctx, text) });
}

export function ephemeralMessage(ctx: Context, { rid, msg, tmid }: EphemeralText): WireMessage {
  const now = new Date(ctx.clock.now());
  const md = textTree(ctx, msg);
  return {
    _id: newId(),
    rid,
    msg,
    ts: now,
    u: { _id: 'rocket.cat', username: 'rocket.cat' },
    private: true,
    groupable: false,
    ...(md ? { md } : {}),
    ...(tmid ? { tmid } : {}),
    _updatedAt: now,
  };
}

/** Tells the sender in the room why a message was refused (spec 30 §3.1), then goes on with the refusal. */
export async function explainRefusal<T>(
  ctx: Context,
  uid: string,
  where: { rid: string; tmid?: string | undefined },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && error.reason) {
      sendEphemeral(ctx, uid, { ...where, msg: TEXTS[error.reason] ?? error.reason });
    }
    throw error;
  }
}
