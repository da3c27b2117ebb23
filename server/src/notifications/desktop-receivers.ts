import type { MessageSent } from '../messages/messages.events.ts';
import type { NotificationWishes } from '../rooms/notification-wishes.ts';
import { wants } from './wants.ts';

/** What the workspace says about being told (spec 30 §4.11). */
export interface NotificationDefaults {
  /** `all`, `mentions` or `nothing`: for members who never said. */
  desktop: string;
  /** In a room with more members only explicit wishes and mentions count; 0 = no limit. */
  maxRoomMembers: number;
}

interface Members {
  /** The connected members of the room. */
  online: Iterable<string>;
  isOnline(uid: string): boolean;
  /** Of those who said anything. */
  wishes: ReadonlyMap<string, NotificationWishes>;
}

/**
 * Which connected members want a message on their desktop (spec 30 §4.11), as far as the room and their wishes decide. In a
 * large room nobody is looked at whom neither the message nor an own wish names.
 */
export function desktopReceivers(
  sent: MessageSent,
  members: Members,
  defaults: NotificationDefaults,
): string[] {
  const { message, room, alertedIds, followerIds } = sent;
  const isLarge = defaults.maxRoomMembers > 0 && room.memberCount > defaults.maxRoomMembers;
  const alerted = new Set(alertedIds);
  const followers = new Set(followerIds);
  const candidates = isLarge ? new Set([...alerted, ...followers, ...members.wishes.keys()]) : members.online;
  return [...candidates].filter(
    (uid) =>
      uid !== message.u._id &&
      members.isOnline(uid) &&
      wants(sent, {
        isLarge,
        isAlerted: alerted.has(uid),
        follows: followers.has(uid),
        level: members.wishes.get(uid)?.desktop,
        defaultLevel: defaults.desktop,
        wishes: members.wishes.get(uid) ?? {},
      }),
  );
}
