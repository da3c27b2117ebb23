import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import { changeUser } from './change-user.ts';
import { loadUser } from './find-users.ts';
import type { RoomHooks } from './room-hooks.ts';
import type { User } from './user.ts';
import { isUsernameTaken, isValidUsername, refuseBlockedUsername } from './usernames.ts';

/**
 * The caller takes a username: the first one completes the registration (DDP `setUsername`). Returns it as stored.
 * Throws `error-not-allowed`, `username-invalid`, `error-blocked-username`, `error-field-unavailable`.
 */
export async function chooseUsername(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  username: string,
  options: { silent: boolean },
): Promise<string> {
  const details = { method: 'setUsername' };
  const { settings } = ctx;
  if (caller.username !== undefined && !settings.bool('Accounts_AllowUsernameChange')) {
    fail('error-not-allowed', 'Not allowed', details);
  }
  if (!isValidUsername(settings, username)) {
    fail(
      'username-invalid',
      `${username} is not a valid username, use only letters, numbers, dots, hyphens and underscores`,
    );
  }
  refuseBlockedUsername(settings, username);
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, caller.uid);
    if (!user) fail('error-invalid-user', 'Invalid user', details);
    if (user.username === username) return;
    if (await isUsernameTaken(ctx, tx, rooms, username, caller.uid)) {
      fail('error-field-unavailable', `${username} is already in use :(`, { ...details, field: username });
    }
    await renameUser(ctx, rooms, tx, emit, user, { username }, options);
  });
  return username;
}

/** Stores a new username or name and carries it into rooms; a first username joins the default rooms. */
export async function renameUser(
  ctx: Context,
  rooms: RoomHooks,
  tx: Tx,
  emit: Emit,
  user: User,
  to: { username?: string | undefined; name?: string | undefined },
  options: { silent: boolean } = { silent: false },
): Promise<User> {
  const set = {
    ...(to.username === undefined ? {} : { username: to.username }),
    ...(to.name === undefined ? {} : { name: to.name }),
  };
  const renamed = await changeUser(ctx, tx, emit, { uid: user._id, set });
  if (user.username === undefined) {
    if (renamed.username !== undefined) await rooms.joinDefaultChannels(ctx, tx, emit, renamed, options);
  } else if (renamed.username !== user.username || renamed.name !== user.name) {
    await rooms.userRenamed(ctx, tx, emit, renamed, { username: user.username, name: user.name });
  }
  return renamed;
}
