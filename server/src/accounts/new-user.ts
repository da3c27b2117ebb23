import { storeSetting } from '../admin/change-settings.ts';
import type { Context } from '../context.ts';
import { commaList } from '../kernel/comma-list.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { newId } from '../kernel/ids.ts';
import { isMailConfigured } from '../mail/send-mail.ts';
import type { Db, Tx } from '../storage/database.ts';
import { isEmailShaped } from './emails.ts';
import type { RoomHooks } from './room-hooks.ts';
import { emailKey, type User } from './user.ts';
import { isUsernameTaken } from './usernames.ts';
import { countUsersWithRole, isEmailKeyTaken } from './users.store.ts';

/** A user that is to be stored; what is not given has the value of a person who was never online. */
export function newUser(ctx: Context, given: Partial<User>): User {
  const now = ctx.clock.stamp();
  return {
    _id: newId(),
    type: 'user',
    active: true,
    roles: [],
    emails: [],
    hasPassword: false,
    status: 'offline',
    statusConnection: 'offline',
    statusDefault: 'online',
    createdAt: now,
    updatedAt: now,
    ...given,
  };
}

/** `Accounts_Registration_Users_Default_Roles`. */
export const defaultRoles = (ctx: Context): string[] =>
  commaList(ctx.settings.text('Accounts_Registration_Users_Default_Roles') || 'user');

/** Newcomers get codes by e-mail as their second factor, where the workspace wants that and can send mails. */
export function factorsOfNewcomer(ctx: Context): User['factors'] {
  const wanted = ['Enabled', 'By_Email_Enabled', 'By_Email_Auto_Opt_In'].every((name) =>
    ctx.settings.bool(`Accounts_TwoFactorAuthentication_${name}`),
  );
  return wanted && isMailConfigured(ctx) ? { email: true } : undefined;
}

/** Whether the workspace has a person who administers it. */
export const hasAdmin = async (db: Db): Promise<boolean> =>
  (await countUsersWithRole(db, 'admin', { type: 'user' })) > 0;

/** Tells the set-up wizard that there is somebody to use it (spec 22, "Bootstrapping" 7). */
export async function startSetupWizard(ctx: Context, tx: Tx, emit: Emit): Promise<void> {
  if (ctx.settings.text('Show_Setup_Wizard') !== 'pending') return;
  await storeSetting(ctx, tx, emit, 'Show_Setup_Wizard', 'in_progress');
}

/** Throws `error-field-unavailable` when the username or the address belongs to somebody else. */
export async function refuseTaken(
  ctx: Context,
  db: Db,
  rooms: RoomHooks,
  wanted: { username?: string | undefined; email?: string | undefined; exceptUid?: string },
): Promise<void> {
  const { username, email, exceptUid } = wanted;
  if (username !== undefined && (await isUsernameTaken(ctx, db, rooms, username, exceptUid)))
    refuseField(username);
  if (email !== undefined && (await isEmailKeyTaken(db, emailKey(email), exceptUid))) refuseField(email);
}

/** The first address of a user, as it is stored: lower case (spec 20, "Registration"). Throws `error-invalid-email`. */
export function mainEmail(address: string, verified: boolean): { address: string; verified: boolean } {
  if (!isEmailShaped(address.trim())) fail('error-invalid-email', 'Invalid email');
  return { address: emailKey(address), verified };
}

const refuseField = (value: string): never =>
  fail('error-field-unavailable', `${value} is already in use :(`, {
    method: 'insertOrUpdateUser',
    field: value,
  });
