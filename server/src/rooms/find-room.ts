import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from './access.ts';
import { type Room, roomLabel } from './room.ts';
import { roomById, roomByName } from './rooms.store.ts';

/** `roomId` wins when both are given; an empty text counts as "not found" (spec 00 §12.1). */
export interface RoomSelector {
  roomId?: string;
  roomName?: string;
}

export type Archived = 'allowed' | 'refused';

const ANY = 'The required "roomId" or "roomName" param provided does not match any channel';
const GROUP = 'The required "roomId" or "roomName" param provided does not match any group';

async function roomOf(ctx: Context, selector: RoomSelector): Promise<Room | undefined> {
  if (selector.roomId !== undefined) return selector.roomId ? roomById(ctx.db, selector.roomId) : undefined;
  return selector.roomName ? roomByName(ctx.db, selector.roomName) : undefined;
}

/** Room of the `channels.*` family: public rooms, without an access check. @throws error-room-not-found, error-room-archived */
export async function findChannel(
  ctx: Context,
  selector: RoomSelector,
  archived: Archived = 'refused',
): Promise<Room> {
  const room = await roomOf(ctx, selector);
  if (room?.type !== 'c') fail('error-room-not-found', ANY);
  if (archived === 'refused' && room.archived)
    fail('error-room-archived', `The channel, ${room.name}, is archived`);
  return room;
}

/** Room of the `groups.*` family: private rooms that the caller may access. @throws error-room-not-found, error-room-archived */
export async function findGroup(
  ctx: Context,
  caller: Caller,
  selector: RoomSelector,
  archived: Archived = 'refused',
): Promise<Room> {
  const room = await roomOf(ctx, selector);
  if (room?.type !== 'p' || !(await canAccessRoom(ctx, caller, room))) fail('error-room-not-found', GROUP);
  refuseArchivedGroup(room, archived);
  return room;
}

/** As `findGroup` for the endpoints whose own permission protects them (`groups.invite`, `groups.kick`). */
export async function findGroupUnchecked(ctx: Context, selector: RoomSelector): Promise<Room> {
  const value = selector.roomId ?? selector.roomName ?? '';
  if (!value) fail('error-room-param-not-provided', 'The parameter "roomId" or "roomName" is required');
  const room = (await roomById(ctx.db, value)) ?? (await roomByName(ctx.db, value));
  if (room?.type !== 'p') fail('error-room-not-found', GROUP);
  return room;
}

function refuseArchivedGroup(room: Room, archived: Archived): void {
  if (archived === 'allowed' || !room.archived) return;
  const name = room.parentId !== null ? roomLabel(room) : room.name;
  fail('error-room-archived', `The private group, ${name}, is archived`);
}

/** Room of the `rooms.*` family: any type, without an access check (spec 11 §4). */
export async function findAnyRoom(
  ctx: Context,
  selector: RoomSelector,
  archived: Archived = 'refused',
): Promise<Room> {
  if (!selector.roomId && !selector.roomName) {
    fail('error-roomid-param-not-provided', 'The parameter "roomId" or "roomName" is required');
  }
  const room = await roomOf(ctx, selector);
  if (!room) fail('error-room-not-found', ANY);
  if (archived === 'refused' && room.archived)
    fail('error-room-archived', `The channel, ${room.name}, is archived`);
  return room;
}

/** For methods: a room by its id. @throws error-invalid-room with the method's name */
export async function requiredRoom(ctx: Context, rid: string, method: string): Promise<Room> {
  return (await roomById(ctx.db, rid)) ?? fail('error-invalid-room', 'Invalid room', { method });
}

export const isRoomNameTaken = async (ctx: Context, name: string): Promise<boolean> =>
  (await roomByName(ctx.db, name)) !== undefined;
