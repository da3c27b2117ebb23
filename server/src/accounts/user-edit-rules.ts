import { listRoles } from '../admin/roles.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Tx } from '../storage/database.ts';
import type { User } from './user.ts';
import { isValidUsername } from './usernames.ts';
import { countUsersWithRole } from './users.store.ts';

/** Checks that creating and editing people share (spec 21, `users.create`, `users.update`). */

const METHOD = 'insertOrUpdateUser';
export const MAX_BIO = 260;
export const MAX_NICKNAME = 120;
export const MAX_NAME = 255;
export const MAX_STATUS_TEXT = 120;

/** Throws `error-action-not-allowed` for roles that do not exist and for `admin` without the right to give it. */
export async function refuseForbiddenRoles(
  ctx: Context,
  caller: Caller,
  roles: readonly string[],
): Promise<void> {
  if (!(await areRoles(ctx, roles))) {
    fail('error-action-not-allowed', 'The field Roles consist invalid role id', {
      method: METHOD,
      action: 'Assign_role',
    });
  }
  if (roles.includes('admin') && !ctx.permissions.has(caller, 'assign-admin-role')) {
    fail('error-action-not-allowed', 'Assigning admin is not allowed', {
      method: METHOD,
      action: 'Assign_admin',
    });
  }
}

/** Somebody has to administer the workspace. Throws `error-action-not-allowed` for the only one who does. */
export async function refuseLastAdmin(tx: Tx, user: User, method: string): Promise<void> {
  if (!user.roles.includes('admin') || (await countUsersWithRole(tx, 'admin')) > 1) return;
  fail('error-action-not-allowed', 'Leaving the app without admins is not allowed', {
    method,
    action: 'Remove_last_admin',
  });
}

/** Whether all of these are ids of roles of the workspace. */
export async function areRoles(ctx: Context, roles: readonly string[]): Promise<boolean> {
  if (roles.length === 0) return true;
  const known = new Set((await listRoles(ctx.db)).map((role) => role._id));
  return roles.every((role) => known.has(role));
}

export function requireField(value: string | undefined, field: 'Name' | 'Username' | 'Password'): void {
  if (value === undefined || value.trim() === '') {
    fail('error-the-field-is-required', `The field ${field} is required`, { method: METHOD, field });
  }
}

export function refuseInvalidUsername(ctx: Context, username: string): void {
  if (!isValidUsername(ctx.settings, username)) {
    const details = { method: METHOD, input: username, field: 'Username' };
    fail('error-input-is-not-a-valid-field', `${username} is not a valid username`, details);
  }
}

export function refuseLongTexts(texts: {
  bio?: string | undefined;
  nickname?: string | undefined;
  name?: string | undefined;
}): void {
  if ((texts.bio?.length ?? 0) > MAX_BIO) {
    fail('error-bio-size-exceeded', `Bio size exceeds ${MAX_BIO} characters`, { method: 'saveUserProfile' });
  }
  if ((texts.nickname?.length ?? 0) > MAX_NICKNAME) {
    fail('error-nickname-size-exceeded', `Nickname size exceeds ${MAX_NICKNAME} characters`, {
      method: 'saveUserProfile',
    });
  }
  if ((texts.name?.length ?? 0) > MAX_NAME) {
    fail('error-name-size-exceeded', `Name size exceeds ${MAX_NAME} characters`, {
      method: 'saveUserProfile',
    });
  }
}

export interface GuardedEdit {
  username?: string | undefined;
  name?: string | undefined;
  email?: string | undefined;
  statusText?: string | undefined;
  password?: string | undefined;
  roles?: readonly string[] | undefined;
}

/**
 * What may be changed at all: by the settings `Accounts_Allow…Change` for oneself, by permissions for others. Throws
 * `error-action-not-allowed` in the documented order.
 */
export function refuseForbiddenEdit(ctx: Context, caller: Caller, user: User, edit: GuardedEdit): void {
  const { settings, permissions } = ctx;
  const self = user._id === caller.uid;
  const editsOthers = permissions.has(caller, 'edit-other-user-info');
  const editsPasswords = permissions.has(caller, 'edit-other-user-password');
  const deny = (reason: string, action: string): never =>
    fail('error-action-not-allowed', reason, { method: METHOD, action });

  if (edit.roles && !sameSet(edit.roles, user.roles) && !permissions.has(caller, 'assign-roles')) {
    deny('Assign roles is not allowed', 'Assign_role');
  }
  if (!settings.bool('Accounts_AllowUserProfileChange') && !editsOthers && !editsPasswords) {
    deny('Edit user profile is not allowed', 'Update_user');
  }
  const guarded = [
    [
      'username',
      'username',
      'Accounts_AllowUsernameChange',
      changes(user.username, edit.username),
      editsOthers,
    ],
    [
      'status',
      'user status',
      'Accounts_AllowUserStatusMessageChange',
      changes(user.statusText, edit.statusText),
      editsOthers,
    ],
    ['name', 'user real name', 'Accounts_AllowRealNameChange', changes(user.name, edit.name), editsOthers],
    [
      'email',
      'user email',
      'Accounts_AllowEmailChange',
      changes(user.emails[0]?.address, edit.email),
      editsOthers,
    ],
    ['password', 'user password', 'Accounts_AllowPasswordChange', Boolean(edit.password), editsPasswords],
  ] as const;
  for (const [, what, setting, isEdited, mayEditOthers] of guarded) {
    if (isEdited && !settings.bool(setting) && (self || !mayEditOthers))
      deny(`Edit ${what} is not allowed`, 'Update_user');
  }
}

/** A value that was never set may always be given for the first time. */
const changes = (old: string | undefined, wanted: string | undefined): boolean =>
  old !== undefined && wanted !== undefined && wanted !== old;

const sameSet = (a: readonly string[], b: readonly string[]): boolean => {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((entry) => right.has(entry));
};
