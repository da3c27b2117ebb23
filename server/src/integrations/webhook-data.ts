import { findUserById } from '../accounts/find-users.ts';
import { presentOwnUser } from '../accounts/present-user.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { MessageSaved } from '../messages/messages.events.ts';
import { getRoom } from '../rooms/get-room.ts';
import { presentRoom, type WireRoom } from '../rooms/present-room.ts';

/** What outgoing webhooks are sent (spec 31 §4.2), without `token` and `trigger_word`. */
type Data = Record<string, unknown>;

/** `bot` says that no person wrote it: receivers use it to keep out of loops. */
export function messageData(ctx: Context, { message, room, edited }: MessageSaved): Data {
  return {
    channel_id: message.rid,
    ...nameOf(room),
    message_id: message._id,
    timestamp: message.ts,
    user_id: message.u._id,
    user_name: message.u.username,
    text: message.msg,
    siteUrl: ctx.settings.text('Site_Url'),
    ...(message.alias ? { alias: message.alias } : {}),
    bot: message.bot ?? false,
    ...(edited ? { isEdited: true } : {}),
    ...(message.tmid ? { tmid: message.tmid } : {}),
  };
}

export async function fileUploadedData(ctx: Context, { message, room }: MessageSaved): Promise<Data> {
  const [user, whole] = await Promise.all([findUserById(ctx, message.u._id), getRoom(ctx, room.id)]);
  return {
    channel_id: message.rid,
    ...nameOf(room),
    message_id: message._id,
    timestamp: message.ts,
    user_id: message.u._id,
    user_name: message.u.username,
    text: message.msg,
    ...(user ? { user: presentOwnUser(user) } : {}),
    ...(whole ? { room: presentRoom(whole) } : {}),
    message,
    ...(message.alias ? { alias: message.alias } : {}),
    bot: message.bot ?? false,
  };
}

export function roomCreatedData(room: WireRoom, owner: User): Data {
  return {
    channel_id: room._id,
    ...(room.t === 'd' ? {} : { channel_name: room.name }),
    timestamp: room.ts,
    user_id: owner._id,
    user_name: owner.username,
    owner: presentOwnUser(owner),
    room,
    bot: false,
  };
}

/** Undefined when the room or the person is gone. */
export async function roomEventData(
  ctx: Context,
  rid: string,
  user: User | undefined,
): Promise<Data | undefined> {
  const room = await getRoom(ctx, rid);
  if (!room || !user) return undefined;
  return {
    timestamp: new Date(ctx.clock.now()),
    channel_id: room.id,
    ...nameOf(room),
    user_id: user._id,
    user_name: user.username,
    user: presentOwnUser(user),
    room: presentRoom(room),
    bot: user.type === 'bot',
  };
}

export function userCreatedData(user: User): Data {
  return {
    timestamp: new Date(user.createdAt),
    user_id: user._id,
    user_name: user.username,
    user: presentOwnUser(user),
    bot: user.type === 'bot',
  };
}

/** A direct room has no name. */
const nameOf = (room: { type: string; name: string | null }): Data =>
  room.type === 'd' ? {} : { channel_name: room.name };
