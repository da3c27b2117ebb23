import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRooms } from '../rooms/get-room.ts';
import { findMessage, findMessages } from './find-message.ts';
import type { WireMessage } from './message.ts';
import { presentMessage, presentMessages } from './present-messages.ts';

/** One message as the caller may see it; undefined when it is unknown. @throws error-not-allowed */
export async function readMessage(
  ctx: Context,
  caller: Caller,
  id: string,
): Promise<WireMessage | undefined> {
  const message = await findMessage(ctx, id);
  if (!message) return undefined;
  await refuseForeignRooms(ctx, caller, [message], 'getSingleMessage');
  return presentMessage(ctx, caller, message);
}

const MAX_IDS = 500;

/** The known ones among these messages, all of whose rooms must be accessible. @throws error-not-allowed */
export async function readMessages(
  ctx: Context,
  caller: Caller,
  ids: readonly string[],
): Promise<WireMessage[]> {
  const messages = await findMessages(ctx, [...new Set(ids)].slice(0, MAX_IDS));
  await refuseForeignRooms(ctx, caller, messages, 'getMessages');
  return presentMessages(ctx, caller, messages);
}

async function refuseForeignRooms(
  ctx: Context,
  caller: Caller,
  messages: readonly WireMessage[],
  method: string,
) {
  const rids = [...new Set(messages.map((message) => message.rid))];
  const rooms = await getRooms(ctx, rids);
  const allowed = await Promise.all(rooms.map((room) => canAccessRoom(ctx, caller, room)));
  if (rooms.length < rids.length || allowed.includes(false))
    fail('error-not-allowed', 'Not allowed', { method });
}
