import { type Context, type WriteScope, within } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import { mailAddedUser, mailVerification } from './account-mails.ts';
import { storeNewUser } from './change-user.ts';
import { checkCustomFields, membersOfCustomFields } from './custom-fields.ts';
import { refuseUnwelcomeDomain } from './emails.ts';
import { refuseUnsafeName } from './names.ts';
import { defaultRoles, factorsOfNewcomer, mainEmail, newUser, refuseTaken } from './new-user.ts';
import { digestOf, hashDigest, randomPassword } from './passwords.ts';
import { recordUserAction } from './record-user-action.ts';
import type { RoomHooks } from './room-hooks.ts';
import type { User } from './user.ts';
import {
  MAX_STATUS_TEXT,
  refuseForbiddenRoles,
  refuseInvalidUsername,
  refuseLongTexts,
  requireField,
} from './user-edit-rules.ts';
import { refuseBlockedUsername } from './usernames.ts';

export interface NewUserInput {
  username: string;
  email: string;
  name: string;
  password: string;
  active?: boolean | undefined;
  bio?: string | undefined;
  nickname?: string | undefined;
  statusText?: string | undefined;
  roles?: readonly string[] | undefined;
  joinDefaultChannels?: boolean | undefined;
  requirePasswordChange?: boolean | undefined;
  setRandomPassword?: boolean | undefined;
  sendWelcomeEmail?: boolean | undefined;
  verified?: boolean | undefined;
  customFields?: Readonly<Record<string, unknown>> | undefined;
  freeSwitchExtension?: string | undefined;
}

/** An administrator adds somebody (spec 21, `users.create`). The password policy does not apply here. */
export async function createUser(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  input: NewUserInput,
): Promise<User> {
  refuseUnsafeName(input.name);
  const customFields = input.customFields && checkCustomFields(ctx.settings, input.customFields);
  if (!ctx.permissions.has(caller, 'create-user')) {
    fail('error-action-not-allowed', 'Adding user is not allowed', {
      method: 'insertOrUpdateUser',
      action: 'Adding_user',
    });
  }
  if (input.roles) await refuseForbiddenRoles(ctx, caller, input.roles);
  if (ctx.settings.bool('Accounts_RequireNameForSignUp')) requireField(input.name, 'Name');
  requireField(input.username, 'Username');
  refuseInvalidUsername(ctx, input.username);
  if (!input.setRandomPassword) requireField(input.password, 'Password');
  refuseBlockedUsername(ctx.settings, input.username);
  await refuseTaken(ctx, ctx.db, rooms, input);
  await refuseUnwelcomeDomain(ctx, input.email.trim());
  refuseLongTexts(input);
  const active = input.active ?? true;
  if (!active && !ctx.permissions.has(caller, 'edit-other-user-active-status')) {
    fail('error-not-allowed', 'Not allowed', { method: 'setUserActiveStatus' });
  }

  const roles = input.roles && input.roles.length > 0 ? [...new Set(input.roles)] : defaultRoles(ctx);
  const user = newUser(ctx, {
    username: input.username,
    name: input.name,
    emails: [mainEmail(input.email, input.verified ?? false)],
    active,
    inactiveReason: active ? undefined : 'deactivated',
    roles,
    bio: input.bio || undefined,
    nickname: input.nickname || undefined,
    statusText: input.statusText?.trim().slice(0, MAX_STATUS_TEXT) || undefined,
    requirePasswordChange: input.setRandomPassword || input.requirePasswordChange || undefined,
    customFields,
    freeSwitchExtension: input.freeSwitchExtension || undefined,
    hasPassword: true,
    factors: factorsOfNewcomer(ctx),
    ...(await membersOfCustomFields(ctx.settings, ctx.db, roles, customFields)),
  });
  const password = input.setRandomPassword ? randomPassword() : input.password;
  const hash = await hashDigest(ctx, digestOf(password));
  await ctx.write(async (tx, emit) => {
    if (input.roles) await refuseForbiddenRoles(within(ctx, tx), caller, input.roles);
    await refuseTaken(ctx, tx, rooms, input);
    await admitUser(ctx, rooms, tx, emit, {
      user,
      hash,
      joins: input.joinDefaultChannels ?? true,
      silent: false,
    });
    const { roles } = user;
    await recordUserAction(ctx, tx, caller, { kind: 'user.created', user, data: { roles, active } });
    if (input.setRandomPassword || input.sendWelcomeEmail) {
      await mailAddedUser(ctx, { tx, emit }, user, password);
    }
    await mailNeededVerification(ctx, { tx, emit }, user);
  });
  return user;
}

/** Where only proven addresses may log in, somebody new is asked to prove the first one. */
export async function mailNeededVerification(ctx: Context, scope: WriteScope, user: User): Promise<void> {
  const [first] = user.emails;
  if (!first || first.verified || !ctx.settings.bool('Accounts_EmailVerification')) return;
  await mailVerification(ctx, scope, user, first.address);
}

/** Stores somebody new and, when they have a username, makes them a member of the default rooms. */
export async function admitUser(
  ctx: Context,
  rooms: RoomHooks,
  tx: Tx,
  emit: Emit,
  { user, hash, joins, silent }: { user: User; hash: string | undefined; joins: boolean; silent: boolean },
): Promise<void> {
  await storeNewUser(tx, emit, user, hash);
  if (joins && user.username !== undefined) await rooms.joinDefaultChannels(ctx, tx, emit, user, { silent });
}
