import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { isActiveMember } from '../rooms/membership.ts';
import { changeMessage } from './change-message.ts';
import type { WireMessage } from './message.ts';
import { setStar } from './messages.store.ts';
import { findPlace } from './sending-rules.ts';

const DETAILS = { method: 'starMessage' };

/**
 * Stars a message for the caller or takes the star away (spec 30 §6). For non-members, and with an unknown message,
 * nothing happens. False when nothing was done.
 *
 * @throws error-action-not-allowed, not-authorized
 */
export async function starMessage(
  ctx: Context,
  caller: Caller,
  message: WireMessage | undefined,
  starred: boolean,
): Promise<boolean> {
  if (!ctx.settings.bool('Message_AllowStarring')) {
    fail('error-action-not-allowed', 'Message starring not allowed', {
      ...DETAILS,
      action: 'Message_starring',
    });
  }
  const place = message && (await findPlace(ctx, caller, message.rid));
  if (!place || !isActiveMember(place.membership)) return false;
  if (!(await canAccessRoom(ctx, caller, place.room, place)))
    fail('not-authorized', 'Not Authorized', DETAILS);

  await changeMessage(ctx, place.room, message._id, async (current, tx) => {
    const others = (current.starred ?? []).filter((star) => star._id !== caller.uid);
    const isStarred = others.length < (current.starred?.length ?? 0);
    if (isStarred === starred) return undefined;
    await setStar(tx, current, caller.uid, starred);
    return { message: { ...current, starred: starred ? [...others, { _id: caller.uid }] : others } };
  });
  return true;
}
