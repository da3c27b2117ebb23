import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getMembership, getRoom, lockMembership, lockRoom } from '../rooms/get-room.ts';
import { isActiveMember, type Membership } from '../rooms/membership.ts';
import type { Room } from '../rooms/room.ts';
import type { Tx } from '../storage/database.ts';

/** A room as one caller stands in it. */
export interface Place {
  room: Room;
  /** Whatever its status. */
  membership: Membership | undefined;
}

export const READ_ONLY = "You can't send messages because the room is readonly.";

/** Undefined when the room does not exist. */
export async function findPlace(ctx: Context, caller: Caller, rid: string): Promise<Place | undefined> {
  const [room, membership] = await Promise.all([getRoom(ctx, rid), getMembership(ctx, rid, caller.uid)]);
  return room && { room, membership };
}

/** A permission with the caller's roles in this room counted, without asking the database again. */
export function mayHere(ctx: Context, caller: Caller, permission: string, { membership }: Place): boolean {
  return ctx.permissions.has(caller, permission, isActiveMember(membership) ? membership.roles : []);
}

/**
 * The room for sending a message there, locked together with the sender's membership so that the rules still hold when
 * the message is stored (spec 30 §3.4). `ctx` reads inside the transaction. @throws plain refusals, as documented
 */
export async function placeForSending(ctx: Context, tx: Tx, caller: Caller, rid: string): Promise<Place> {
  const room = await lockRoom(tx, rid);
  if (!room) refuse('error-invalid-room');
  const place = { room, membership: await lockMembership(tx, rid, caller.uid) };
  await refuseSending(ctx, caller, place);
  return place;
}

/** Checks 2 to 6 of spec 30 §3.4. */
export async function refuseSending(ctx: Context, caller: Caller, place: Place): Promise<void> {
  const { room, membership } = place;
  if (room.archived) refuse('room_is_archived');
  // Whoever is kept out of a public channel may read it as everybody may, but not speak there.
  const isKeptOut = membership?.status === 'BANNED';
  if (isKeptOut || !(await canAccessRoom(ctx, caller, room, { membership }))) refuse('error-not-allowed');
  if (room.type === 'd' && (membership?.details.blocked || membership?.details.blocker))
    refuse('room_is_blocked');
  if (isReadOnlyFor(ctx, caller, place)) refuse(READ_ONLY);
  if (isMuted(caller, room)) refuse('You_have_been_muted');
}

export function isReadOnlyFor(ctx: Context, caller: Caller, place: Place): boolean {
  if (!place.room.readOnly || mayHere(ctx, caller, 'post-readonly', place)) return false;
  return !place.room.details.unmuted?.includes(caller.username ?? '');
}

export const isMuted = (caller: Caller, room: Room): boolean =>
  room.details.muted?.includes(caller.username ?? '') ?? false;
