import type { MessageSent } from '../messages/messages.events.ts';
import type { NotificationWishes } from '../rooms/notification-wishes.ts';

/** A member as far as one way of being told goes: on the desktop, on a device, or by mail. */
export interface Receiver {
  /** The room has so many members that only explicit wishes and mentions count. */
  isLarge: boolean;
  /** Mentioned, or a highlight word stands in the text. */
  isAlerted: boolean;
  follows: boolean;
  /** `all`, `mentions` or `nothing`, as the member said for this room. */
  level: string | undefined;
  defaultLevel: string;
  wishes: Pick<NotificationWishes, 'disabled' | 'ignored' | 'muteGroupMentions'>;
}

/** Whether a member wants to be told of a message (spec 30 §4.11). `groupMention`: one that counts for this way. */
export function wants(
  { message, room, groupMention }: Pick<MessageSent, 'message' | 'room' | 'groupMention'>,
  { isLarge, isAlerted, follows, level, defaultLevel, wishes }: Receiver,
): boolean {
  if (wishes.disabled || wishes.ignored?.includes(message.u._id)) return false;
  // Whose thread it is in is told of it as if it named them (spec 30 §5).
  const isMeant = isAlerted || follows;
  if (wishes.muteGroupMentions && !isMeant && isToEverybody(message)) return false;
  const wanted = level ?? defaultLevel;
  if (wanted === 'nothing') return false;
  if (isLarge && level === undefined && !isMeant) return false;
  const inThreadOnly = message.tmid !== undefined && !message.tshow;
  if (inThreadOnly && !isMeant) return false;
  return wanted === 'all' || room.type === 'd' || isMeant || (groupMention && !isLarge);
}

const isToEverybody = ({ mentions }: MessageSent['message']): boolean =>
  mentions?.some(({ _id }) => _id === 'all' || _id === 'here') ?? false;
