import type { Context } from '../context.ts';
import { commaList } from '../kernel/comma-list.ts';
import { fail } from '../kernel/errors.ts';
import type { Settings } from '../kernel/settings.ts';
import type { Db } from '../storage/database.ts';
import type { RoomHooks } from './room-hooks.ts';
import { usernameKey } from './user.ts';
import { isUsernameKeyTaken } from './users.store.ts';

const DEFAULT_PATTERN = '[0-9a-zA-Z-_.]+';
const MAX_USERNAME = 255;

/** True when the whole username matches `UTF8_User_Names_Validation` (spec 21, "Validation rules"). */
export function isValidUsername(settings: Settings, username: string): boolean {
  return username.length <= MAX_USERNAME && usernamePattern(settings).test(username);
}

/** Throws `error-blocked-username` for names that nobody may take. */
export function refuseBlockedUsername(settings: Settings, username: string, about: object = {}): void {
  if (isBlockedUsername(settings, username)) {
    fail('error-blocked-username', `${username} is blocked and can't be used!`, {
      ...about,
      field: username,
    });
  }
}

export function isBlockedUsername(settings: Settings, username: string): boolean {
  const key = usernameKey(username);
  const names = ['all', 'here', ...commaList(settings.text('Accounts_BlockedUsernameList'))];
  if (names.some((name) => usernameKey(name) === key)) return true;
  return commaList(settings.text('Accounts_SystemBlockedUsernameList')).includes(key);
}

/** Users and teams share one namespace, in any case. */
export async function isUsernameTaken(
  ctx: Context,
  db: Db,
  rooms: RoomHooks,
  username: string,
  exceptUid?: string,
): Promise<boolean> {
  if (await isUsernameKeyTaken(db, usernameKey(username), exceptUid)) return true;
  return rooms.isTeamName(ctx, db, username);
}

function usernamePattern(settings: Settings): RegExp {
  try {
    return new RegExp(`^(?:${settings.text('UTF8_User_Names_Validation') || DEFAULT_PATTERN})$`);
  } catch {
    return new RegExp(`^${DEFAULT_PATTERN}$`);
  }
}
