import { findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { directRoomOf } from '../rooms/direct.ts';
import { getRoomByIdOrName } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import { type CommandCall, tell } from './command.ts';

/** What people name in commands: `#general`, `@bob`, with the sign or without. */

export const bareName = (text: string): string => text.trim().replace(/^[#@]/, '');

/**
 * The channel or group of that name, or the one that the command is run in when there is no name. Undefined, and the caller
 * is told, when there is none that the caller may know of.
 */
export async function namedRoom(call: CommandCall): Promise<Room | undefined> {
  const name = bareName(call.params);
  if (name === '') return call.room;
  const room = await knownRoom(call, name);
  if (!room) tell(call, noSuchChannel(name));
  return room;
}

export const noSuchChannel = (name: string): string => `The channel \`#${name}\` does not exist.`;

/** Private rooms exist only for those who are in them, or administer all. */
export async function knownRoom({ ctx, caller }: CommandCall, name: string): Promise<Room | undefined> {
  const room = await getRoomByIdOrName(ctx, name);
  if (!room || room.type === 'd') return undefined;
  const mayKnow =
    ctx.permissions.has(caller, 'view-room-administration') || (await canAccessRoom(ctx, caller, room));
  return mayKnow ? room : undefined;
}

/** The room of the caller and somebody else. */
export async function directRoomWith(
  { ctx, caller }: CommandCall,
  username: string,
): Promise<Room | undefined> {
  const user = await findUserByUsername(ctx, username);
  return user && directRoomOf(ctx.db, [...new Set([caller.uid, user._id])]);
}

/** Undefined, and the caller is told, when there is nobody of that name. */
export async function namedUser(call: CommandCall, text: string): Promise<User | undefined> {
  const username = bareName(text);
  const user = username === '' ? undefined : await findUserByUsername(call.ctx, username);
  if (!user) tell(call, `The username \`${username}\` doesn't exist.`);
  return user;
}
