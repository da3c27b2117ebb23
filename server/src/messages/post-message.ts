import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { createDirectRoom } from '../rooms/direct.ts';
import { getMembership, getRoom, getRoomByIdOrName } from '../rooms/get-room.ts';
import { joinRoom } from '../rooms/join.ts';
import { isActiveMember } from '../rooms/membership.ts';
import type { Room } from '../rooms/room.ts';
import type { WireMessage } from './message.ts';
import { type Draft, sendDraft } from './send-message.ts';

/** `chat.postMessage` (spec 30 §3.2), with the Slack names that webhooks use. */
export interface Post {
  /** `channel` wins. `#name`, `@user`, a room's id or name, or a user's id. */
  channel?: string | readonly string[];
  roomId?: string | readonly string[];
  text?: unknown;
  /** Used when `text` is absent. */
  msg?: unknown;
  alias?: unknown;
  username?: unknown;
  avatar?: unknown;
  icon_url?: unknown;
  emoji?: unknown;
  icon_emoji?: unknown;
  attachments?: unknown;
  tmid?: unknown;
  customFields?: unknown;
  parseUrls?: unknown;
  groupable?: unknown;
  bot?: unknown;
}

/** What webhooks do differently. */
export interface PostOptions {
  /** Texts may be longer than people's. */
  anyLength?: boolean;
  /** The id of the message to the n-th target, so that posting again posts nothing new. */
  messageId?(index: number): string;
}

/** One call reaches at most so many rooms. */
const MAX_TARGETS = 100;

/**
 * Sends a message to each target in order; the first failure ends it, and what was sent stays. Returns the first target
 * with its message.
 *
 * @throws invalid-channel, error-message-size-exceeded (plain), and what creating a direct room, joining and sending throw
 */
export async function postMessage(
  ctx: Context,
  caller: Caller,
  post: Post,
  options: PostOptions = {},
): Promise<{ target: string; message: WireMessage }> {
  if (!options.anyLength) refuseLongPost(ctx, post);
  const given = post.channel ?? post.roomId ?? [];
  const targets = [...new Set(typeof given === 'string' ? [given] : given)];
  if (targets.length > MAX_TARGETS)
    fail('error-invalid-params', `At most ${MAX_TARGETS} channels can be reached at once`);
  let first: { target: string; message: WireMessage } | undefined;
  for (const [index, target] of targets.entries()) {
    const room = await roomOfTarget(ctx, caller, target);
    await ensureMayPost(ctx, caller, room);
    const _id = options.messageId?.(index);
    const draft = { ...draftOf(post), rid: room.id, ...(_id === undefined ? {} : { _id }) };
    const { message } = await sendDraft(ctx, caller, draft, { anyLength: options.anyLength });
    first ??= { target, message };
  }
  return first ?? fail('invalid-channel');
}

function refuseLongPost(ctx: Context, { text, msg, attachments }: Post): void {
  const limit = ctx.settings.int('Message_MaxAllowedSize');
  const texts: unknown[] = [text ?? msg];
  for (const attachment of Array.isArray(attachments) ? attachments : []) texts.push(attachment?.text);
  if (texts.some((each) => typeof each === 'string' && each.length > limit))
    refuse('error-message-size-exceeded');
}

async function roomOfTarget(ctx: Context, caller: Caller, target: string): Promise<Room> {
  const name = target.slice(1);
  if (target.startsWith('#')) {
    const room = await getRoomByIdOrName(ctx, name);
    return room && room.type !== 'd' ? room : fail('invalid-channel');
  }
  if (target.startsWith('@')) {
    const user = (await findUserById(ctx, name)) ?? (await findUserByUsername(ctx, name));
    if (user?.username) return directRoomWith(ctx, caller, user, user.username);
    const room = await getRoom(ctx, name);
    return room?.type === 'd' ? room : fail('invalid-channel');
  }
  const room = target === '' ? undefined : await getRoomByIdOrName(ctx, target);
  if (room) return room;
  const user = await findUserById(ctx, target);
  return user?.username ? directRoomWith(ctx, caller, user, user.username) : fail('invalid-channel');
}

function directRoomWith(ctx: Context, caller: Caller, user: User, username: string): Promise<Room> {
  return createDirectRoom(ctx, caller, { usernames: user._id === caller.uid ? [] : [username] });
}

/** Public channels are joined on the way; into other rooms only members post. */
async function ensureMayPost(ctx: Context, caller: Caller, room: Room): Promise<void> {
  const membership = await getMembership(ctx, room.id, caller.uid);
  if (isActiveMember(membership)) return;
  if (room.type !== 'c') refuse('error-not-allowed');
  // Nobody joins what is archived (spec 10 §6.1); the message would be refused for the same reason afterwards.
  if (room.archived) refuse('room_is_archived');
  const user = await findUserById(ctx, caller.uid);
  if (!user) fail('error-invalid-user', 'Invalid user');
  await joinRoom(ctx, caller, { ...user, preferences: { ...user.preferences } }, room.id);
}

function draftOf(post: Post): Draft {
  const text = post.text ?? post.msg;
  const emoji = post.icon_emoji ?? post.emoji;
  const avatar = post.icon_url ?? post.avatar;
  return {
    msg: typeof text === 'string' ? text.trim() : text,
    alias: post.username ?? post.alias,
    ...(avatar ? { avatar } : { emoji }),
    attachments: attachmentsOf(post.attachments),
    tmid: post.tmid,
    customFields: post.customFields,
    parseUrls: post.parseUrls ?? !post.attachments,
    groupable: post.groupable ?? false,
    bot: post.bot,
  };
}

/** `msg` of an attachment is another name of its `text`. Anything that is no list is left for the validation. */
function attachmentsOf(attachments: unknown): unknown {
  if (attachments === undefined || attachments === null) return [];
  if (!Array.isArray(attachments)) return attachments;
  return attachments.map((attachment: unknown) => {
    if (typeof attachment !== 'object' || attachment === null || !('msg' in attachment)) return attachment;
    const { msg, ...rest } = attachment;
    return msg ? { ...rest, text: String(msg).trim() } : rest;
  });
}
