import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { loadUser } from './find-users.ts';
import type { RoomHooks } from './room-hooks.ts';
import { type User, usernameKey } from './user.ts';
import { isBlockedUsername, isUsernameTaken, isValidUsername, refuseBlockedUsername } from './usernames.ts';

/** A free username for the caller, from the name or the address (`users.getUsernameSuggestion`). */
export const suggestUsername = async (ctx: Context, rooms: RoomHooks, caller: Caller): Promise<string> =>
  suggestUsernameFor(ctx, rooms, caller.uid, await loadUser(ctx.db, caller.uid));

/** The same for somebody who is perhaps not stored yet. */
export async function suggestUsernameFor(
  ctx: Context,
  rooms: RoomHooks,
  uid: string,
  user: User | undefined,
): Promise<string> {
  // Names may be usernames as they are where the workspace allows more than the letters of ASCII.
  const slug = ctx.settings.bool('UTF8_Names_Slugify') ? slugOf : (text: string) => text.trim();
  for (const candidate of user ? candidates(user).map(slug) : []) {
    if (await isFree(ctx, rooms, candidate, uid)) return candidate;
  }
  const prefix = slugOf(ctx.settings.text('Accounts_DefaultUsernamePrefixSuggestion')) || 'user';
  for (let number = 1; number <= 20; number++) {
    const candidate = `${prefix}-${number}`;
    if (await isFree(ctx, rooms, candidate, uid)) return candidate;
  }
  // In a workspace where all of these are taken, time tells names apart.
  return `${prefix}-${ctx.clock.stamp()}`;
}

/**
 * Whether the caller could take a username (`users.checkUsernameAvailability`). Throws `error-blocked-username`,
 * `error-not-allowed`.
 */
export async function checkUsernameAvailability(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  username: string,
): Promise<boolean> {
  const isOwn = caller.username !== undefined && usernameKey(caller.username) === usernameKey(username);
  const details = { method: 'checkUsernameAvailability' };
  if (!isOwn) refuseBlockedUsername(ctx.settings, username, details);
  if (caller.username !== undefined && !ctx.settings.bool('Accounts_AllowUsernameChange')) {
    fail('error-not-allowed', 'Not allowed', details);
  }
  if (isOwn) return true;
  return !(await isUsernameTaken(ctx, ctx.db, rooms, username, caller.uid));
}

async function isFree(ctx: Context, rooms: RoomHooks, username: string, uid: string): Promise<boolean> {
  if (username === '' || !isValidUsername(ctx.settings, username)) return false;
  if (isBlockedUsername(ctx.settings, username)) return false;
  return !(await isUsernameTaken(ctx, ctx.db, rooms, username, uid));
}

function candidates(user: User): string[] {
  const words = (user.name ?? '').trim().split(/\s+/).filter(Boolean);
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  const known = (user.identities ?? []).map(({ username = '' }) => username);
  const names = [
    user.username ?? '',
    ...known,
    words.join(' '),
    last === '' ? '' : `${first[0]}${last}`,
    first,
  ];
  return [...names, ...user.emails.map(({ address }) => address.split('@')[0] ?? '')];
}

/** Lower case, letters without marks, spaces as dots, nothing else than `[0-9a-z-_.]`. */
function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .trim()
    .replace(/\s+/g, '.')
    .replace(/[^0-9a-z\-_.]/g, '')
    .slice(0, 60);
}
