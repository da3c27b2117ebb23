import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { retainNoLonger } from '../retention/retain-no-longer.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { countMessages } from '../rooms/last-message.ts';
import { isActiveMember } from '../rooms/membership.ts';
import type { Room } from '../rooms/room.ts';
import { callerRef } from '../rooms/user-ref.ts';
import type { Tx } from '../storage/database.ts';
import { changeMessage } from './change-message.ts';
import type { Attachment, WireMessage } from './message.ts';
import { avatarPath, withQuoteLevels } from './quotes.ts';
import { findPlace, mayHere, type Place } from './sending-rules.ts';
import { postSystemMessage } from './system-message.ts';

/**
 * Pins a message (spec 30 §6). Returns the system message that says so; the message itself when it was pinned already.
 *
 * @throws error-action-not-allowed, error-invalid-message, not-authorized
 */
export async function pinMessage(
  ctx: Context,
  caller: Caller,
  message: WireMessage | undefined,
): Promise<WireMessage> {
  refuseWithoutPinning(ctx, 'pinMessage');
  if (!message) fail('error-invalid-message', 'Message you are pinning was not found', about('pinMessage'));
  const place = await findPlace(ctx, caller, message.rid);
  if (!place) fail('not-authorized', 'Not Authorized', { method: 'pinMessage' });
  await refuseStrangers(ctx, caller, place, 'pinMessage');

  let notice: WireMessage | undefined;
  const pinned = await changeMessage(ctx, place.room, message._id, async (current, tx, emit) => {
    if (current.pinned) return undefined;
    notice = await announcePin(ctx, tx, emit, caller, place.room, current);
    return { message: withPin(ctx, caller, current, true) };
  });
  return notice ?? pinned ?? message;
}

/** Takes the pin away. @throws error-action-not-allowed, error-invalid-message, not-authorized */
export async function unpinMessage(
  ctx: Context,
  caller: Caller,
  message: WireMessage | undefined,
): Promise<void> {
  refuseWithoutPinning(ctx, 'unpinMessage');
  const place = message && (await findPlace(ctx, caller, message.rid));
  if (!place || !isActiveMember(place.membership)) {
    fail('error-invalid-message', 'Message you are unpinning was not found', about('unpinMessage'));
  }
  await refuseStrangers(ctx, caller, place, 'unpinMessage');
  await changeMessage(ctx, place.room, message._id, async (current, tx) => {
    await retainNoLonger(tx, current);
    return { message: withPin(ctx, caller, current, false) };
  });
}

const about = (method: string) => ({ method, action: 'Message_pinning' });

function refuseWithoutPinning(ctx: Context, method: string): void {
  if (ctx.settings.bool('Message_AllowPinning')) return;
  fail('error-action-not-allowed', 'Message pinning not allowed', about(method));
}

async function refuseStrangers(ctx: Context, caller: Caller, place: Place, method: string): Promise<void> {
  if (mayHere(ctx, caller, 'pin-message', place) && (await canAccessRoom(ctx, caller, place.room, place)))
    return;
  fail('not-authorized', 'Not Authorized', { method });
}

function withPin(ctx: Context, caller: Caller, message: WireMessage, pinned: boolean): WireMessage {
  const pinnedBy = { _id: caller.uid, username: caller.username ?? '' };
  return { ...message, pinned, pinnedAt: new Date(ctx.clock.now()), pinnedBy };
}

async function announcePin(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  caller: Caller,
  room: Room,
  message: WireMessage,
): Promise<WireMessage> {
  const levels = Math.max(1, ctx.settings.int('Message_QuoteChainLimit'));
  const attachment: Attachment = {
    text: message.msg,
    author_name: message.u.username,
    author_icon: avatarPath(message.u.username),
    ts: message.ts,
    attachments: withQuoteLevels(message.attachments ?? [], levels),
    ...(message.t === 'e2e' && message.content ? { content: message.content } : {}),
  };
  const t = message.t === 'e2e' ? 'message_pinned_e2e' : 'message_pinned';
  const extra = { attachments: [attachment] };
  const notice = await postSystemMessage(ctx, tx, emit, room, { t, msg: '', user: callerRef(caller), extra });
  await countMessages(ctx, tx, emit, room.id, 1);
  return notice;
}
