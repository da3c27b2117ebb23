import { findUsers } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { sendEphemeral } from '../messages/ephemeral.ts';
import { addToRoom } from './add-to-room.ts';
import { membershipOf } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import type { Room } from './room.ts';
import { roomById } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

const DETAILS = { method: 'addUsersToRoom' };

/**
 * Adds users to a channel or group (spec 10 §6.2, check 4 onwards). Those who are in already are left alone and the caller
 * is told by an ephemeral message. One who is refused does not keep the others out. Returns the room afterwards.
 *
 * @throws error-not-allowed, error-cant-invite-for-direct-room, error-user-is-banned
 */
export async function inviteToRoom(
  ctx: Context,
  caller: Caller,
  room: Room,
  users: readonly User[],
): Promise<Room> {
  const { alreadyIn, refusals } = await addInvited(ctx, caller, room, users);
  for (const { username } of alreadyIn) {
    sendEphemeral(ctx, caller.uid, { rid: room.id, msg: `${username} is already in here.` });
  }
  if (refusals.length > 0) throw refusals[0];
  return (await roomById(ctx.db, room.id)) ?? room;
}

export interface Invited {
  alreadyIn: User[];
  refusals: unknown[];
}

/** `inviteToRoom` for doors that tell in their own words who was in already. @throws as there, but for single users */
export async function addInvited(
  ctx: Context,
  caller: Caller,
  room: Room,
  users: readonly User[],
): Promise<Invited> {
  await requireMayInvite(ctx, caller, room);
  const invited: Invited = { alreadyIn: [], refusals: [] };
  for (const user of users) {
    const adding = ctx.write((tx, emit) =>
      addToRoom(ctx, tx, emit, room.id, user, { addedBy: callerRef(caller) }),
    );
    await adding.then(
      (added) => added ?? invited.alreadyIn.push(user),
      (error: unknown) => invited.refusals.push(error),
    );
  }
  return invited;
}

async function requireMayInvite(ctx: Context, caller: Caller, room: Room): Promise<void> {
  if (room.type === 'd')
    fail('error-cant-invite-for-direct-room', "Can't invite user to direct rooms", DETAILS);
  if (ctx.permissions.has(caller, `add-user-to-any-${room.type}-room`)) return;
  const membership = await membershipOf(ctx.db, room.id, caller.uid);
  const joined =
    isActiveMember(membership) && ctx.permissions.has(caller, 'add-user-to-joined-room', membership.roles);
  if (!joined) fail('error-not-allowed', 'Not allowed', DETAILS);
}

/** DDP form: by usernames, each of which must exist. @throws error-invalid-room, error-user-not-found and as `inviteToRoom` */
export async function inviteByUsername(
  ctx: Context,
  caller: Caller,
  rid: string,
  usernames: readonly string[],
): Promise<void> {
  const room = await roomById(ctx.db, rid);
  if (!room) fail('error-invalid-room', 'Invalid room', DETAILS);
  await requireMayInvite(ctx, caller, room);
  const users = await findUsers(ctx, { usernames });
  if (users.length < new Set(usernames.map((name) => name.toLowerCase())).size) {
    fail('error-user-not-found', 'User not found', DETAILS);
  }
  await inviteToRoom(ctx, caller, room, users);
}
