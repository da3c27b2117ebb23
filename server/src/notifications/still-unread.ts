import { loadUser } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { findMessage } from '../messages/find-message.ts';
import type { WireMessage } from '../messages/message.ts';
import { getMembership, getRoom } from '../rooms/get-room.ts';
import { isActiveMember } from '../rooms/membership.ts';
import type { Room } from '../rooms/room.ts';

export interface UnreadMessage {
  message: WireMessage;
  room: Room;
  user: User;
}

/** What somebody is to be told of; undefined when they have read it meanwhile, or may not or cannot any more. */
export async function stillUnread(
  ctx: Context,
  uid: string,
  messageId: string,
): Promise<UnreadMessage | undefined> {
  const message = await findMessage(ctx, messageId);
  const room = message && (await getRoom(ctx, message.rid));
  const user = await loadUser(ctx.db, uid);
  if (!message || !room || !user?.active) return undefined;
  const membership = await getMembership(ctx, room.id, uid);
  if (!membership || !isActiveMember(membership)) return undefined;
  const inThreadOnly = message.tmid !== undefined && !message.tshow;
  const isUnread = inThreadOnly
    ? membership.details.tunread?.includes(message.tmid ?? '')
    : (membership.lastSeenAt ?? 0) < message.ts.getTime();
  return isUnread ? { message, room, user } : undefined;
}
