import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { getRoom } from '../rooms/get-room.ts';
import { type Room, roomLabel } from '../rooms/room.ts';
import type { StoredFile } from './file.ts';
import { fileOf } from './files.store.ts';
import { initialsOf, type Letters, lettersOfName } from './letter-avatar.ts';

/** What is shown for a person or a room: their picture, or letters (spec 11 §6). */
export type Avatar = { picture: StoredFile } | { letters: Letters };

/** Unknown names get letters too: nobody learns here who has an account. */
export async function avatarOfUsername(ctx: Context, username: string): Promise<Avatar> {
  const user = await findUserByUsername(ctx, username);
  // The documented look-up is exact, other than most.
  return user?.username === username ? avatarOfUser(ctx, user) : { letters: lettersOfName(username) };
}

export async function avatarOfUserId(ctx: Context, uid: string): Promise<Avatar | undefined> {
  const user = await findUserById(ctx, uid);
  return user && avatarOfUser(ctx, user);
}

async function avatarOfUser(ctx: Context, user: User): Promise<Avatar> {
  const picture = user.avatarETag ? await fileOf(ctx.db, 'avatar', { uid: user._id }) : undefined;
  if (picture) return { picture };
  const byRealName = ctx.settings.bool('UI_Use_Name_Avatar') && Boolean(user.name?.trim());
  const letters = byRealName ? initialsOf(user.name ?? '') : lettersOfName(user.username ?? user._id);
  return { letters };
}

/** Discussions inside discussions; more of them than this nobody makes. */
const MAX_PARENTS = 20;

/** `viewer` decides whose name a direct room has. Undefined for an unknown room. */
export async function avatarOfRoom(
  ctx: Context,
  rid: string,
  viewer: Caller | null,
): Promise<Avatar | undefined> {
  const room = await getRoom(ctx, rid);
  if (!room) return undefined;
  let owner: Room | undefined = room;
  for (let depth = 0; owner && depth < MAX_PARENTS; depth++) {
    const picture = owner.details.avatarETag ? await fileOf(ctx.db, 'avatar', { rid: owner.id }) : undefined;
    if (picture) return { picture };
    owner = owner.parentId === null ? undefined : await getRoom(ctx, owner.parentId);
  }
  return { letters: lettersOfName(nameFor(room, viewer)) };
}

function nameFor(room: Room, viewer: Caller | null): string {
  if (room.type !== 'd') return roomLabel(room);
  const { uids = [], usernames = [] } = room.details;
  // To strangers it has no name.
  if (!viewer?.username || !uids.includes(viewer.uid)) return '';
  return usernames.find((name) => name !== viewer.username) ?? viewer.username;
}
