import { loadUserByUsername } from '../accounts/find-users.ts';
import type { RoomsOfService } from '../accounts/login-services/external-identity.ts';
import type { Context } from '../context.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import { addToRoom, type MemberUser } from './add-to-room.ts';
import { storeRoom } from './create-room.ts';
import type { Room } from './room.ts';
import { validRoomName } from './room-name.ts';
import { roomByDisplayName, roomByName } from './rooms.store.ts';
import { userRef } from './user-ref.ts';

/**
 * Makes a user a member of the rooms that the workspace has mapped to the groups of a login service (spec 20, "Custom OAuth
 * setting ids": `channels_map`). One that there is not yet is made as a channel. Nobody is taken out of a room, and a room
 * that is archived, or that the user is banned from, stays as it is.
 */
export async function joinMappedRooms(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  user: MemberUser,
  { names, creator }: RoomsOfService,
): Promise<void> {
  if (!user.username) return;
  for (const name of names) {
    const room =
      (await roomByName(tx, name)) ??
      (await roomByDisplayName(tx, name)) ??
      (await channelNamed(ctx, tx, emit, name, creator));
    if (!room || room.archived || (room.type !== 'c' && room.type !== 'p')) continue;
    await addToRoom(ctx, tx, emit, room.id, user, { skipBanned: true });
  }
}

/** Undefined where its maker is gone or the name cannot be one: a mistake in the settings must not end the login. */
async function channelNamed(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  displayName: string,
  creator: string,
): Promise<Room | undefined> {
  const maker = await loadUserByUsername(tx, creator);
  const slug = maker && (await slugFor(ctx, tx, displayName));
  if (!maker || slug === undefined) return undefined;
  return storeRoom(
    ctx,
    tx,
    emit,
    { uid: maker._id },
    {
      type: 'c',
      slug,
      displayName,
      readOnly: false,
      details: { u: userRef(maker), sysMes: true, customFields: {} },
      team: undefined,
      members: [maker],
      owned: true,
    },
  );
}

async function slugFor(ctx: Context, tx: Tx, name: string): Promise<string | undefined> {
  try {
    return await validRoomName(ctx, tx, name);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    ctx.log.warn({ room: name, reason: error.message }, 'a room of the map of a login service was not made');
    return undefined;
  }
}
