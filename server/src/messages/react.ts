import type { Context } from '../context.ts';
import { isCustomEmoji } from '../customization/custom-emoji.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { changeMessage } from './change-message.ts';
import { requiredMessage } from './find-message.ts';
import type { WireMessage } from './message.ts';
import { findPlace, isMuted, isReadOnlyFor, READ_ONLY } from './sending-rules.ts';
import { isStandardEmoji } from './standard-emoji.ts';

export interface Reaction {
  messageId: string;
  /** A shortcode with or without colons. */
  emoji: string;
  /** Absent: the opposite of what is. */
  shouldReact?: boolean | undefined;
}

const DETAILS = { method: 'setReaction' };

/**
 * Adds or takes the caller's reaction (spec 30 §6 `chat.react`). Already as wanted: nothing changes.
 *
 * @throws error-message-not-found, error-emoji-param-not-provided, error-not-allowed, not-authorized, a plain refusal in
 *   read-only rooms
 */
export async function reactToMessage(
  ctx: Context,
  caller: Caller,
  { messageId, emoji, shouldReact }: Reaction,
): Promise<void> {
  const message = await requiredMessage(ctx, messageId);
  const shortcode = emoji.replaceAll(':', '');
  if (!shortcode) fail('error-emoji-param-not-provided', 'The required "emoji" param is missing.');
  if (!isStandardEmoji(shortcode) && !(await isCustomEmoji(ctx, shortcode))) {
    fail('error-not-allowed', 'Invalid emoji provided.', DETAILS);
  }
  const place = await findPlace(ctx, caller, message.rid);
  if (!place || !(await canAccessRoom(ctx, caller, place.room, place)))
    fail('not-authorized', 'Not Authorized', DETAILS);
  if (isMuted(caller, place.room)) {
    fail('error-not-allowed', 'You have been muted and cannot speak in this room', { rid: place.room.id });
  }
  if (!place.room.details.reactWhenReadOnly && isReadOnlyFor(ctx, caller, place)) refuse(READ_ONLY);

  const username = caller.username ?? '';
  await changeMessage(ctx, place.room, message._id, (current) => {
    const has = current.reactions?.[`:${shortcode}:`]?.usernames.includes(username) ?? false;
    const wanted = shouldReact ?? !has;
    return has === wanted
      ? undefined
      : { message: withReaction(current, `:${shortcode}:`, username, wanted) };
  });
}

function withReaction(message: WireMessage, key: string, username: string, add: boolean): WireMessage {
  const { reactions: before = {}, ...rest } = message;
  const { [key]: reaction, ...others } = before;
  const usernames = (reaction?.usernames ?? []).filter((name) => name !== username);
  if (add) usernames.push(username);
  // An existing reaction keeps its place; the last user takes it along.
  const reactions = usernames.length === 0 ? others : { ...before, [key]: { usernames } };
  return Object.keys(reactions).length === 0 ? (rest as WireMessage) : { ...message, reactions };
}
