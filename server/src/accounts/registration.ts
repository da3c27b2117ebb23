import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { secretsEqual } from '../kernel/ids.ts';
import type { Db } from '../storage/database.ts';
import { mailApprovalNeeded } from './account-mails.ts';
import { storeNewUser } from './change-user.ts';
import { admitUser, mailNeededVerification } from './create-user.ts';
import { checkCustomFields, membersOfCustomFields } from './custom-fields.ts';
import { refuseUnwelcomeDomain } from './emails.ts';
import { refuseUnsafeName } from './names.ts';
import {
  defaultRoles,
  factorsOfNewcomer,
  hasAdmin,
  mainEmail,
  newUser,
  startSetupWizard,
} from './new-user.ts';
import { enforcePasswordPolicy } from './password-policy.ts';
import { digestOf, hashDigest } from './passwords.ts';
import type { RoomHooks } from './room-hooks.ts';
import { openSession } from './sessions.ts';
import { emailKey, type User } from './user.ts';
import { refuseLongTexts } from './user-edit-rules.ts';
import { isUsernameTaken, isValidUsername, refuseBlockedUsername } from './usernames.ts';
import { isEmailKeyTaken } from './users.store.ts';

export interface Registration {
  /** Absent when it is chosen later (`setUsername`). */
  username: string | undefined;
  email: string;
  password: string;
  name?: string | undefined;
  /** Of the registration page, with `Accounts_RegistrationForm` = `Secret URL`. */
  secret?: string | undefined;
  /** For whoever approves new people. */
  reason?: string | undefined;
  customFields?: Readonly<Record<string, unknown>> | undefined;
}

const MAX_REASON = 2000;

/**
 * Somebody registers (spec 20, "Registration"), checked in the documented order. The very first person of a workspace
 * becomes its admin.
 */
export async function registerUser(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller | null,
  input: Registration,
): Promise<User> {
  const { settings } = ctx;
  if (caller) refuse('Logged in users can not register again.');
  if (input.name !== undefined) refuseUnsafeName(input.name);
  if (input.username !== undefined) {
    if (!isValidUsername(settings, input.username)) refuse('The username provided is not valid');
    refuseBlockedUsername(settings, input.username);
    await refuseTakenUsername(ctx, ctx.db, rooms, input.username);
  }
  const customFields = checkCustomFields(settings, input.customFields ?? {});
  await refuseClosedRegistration(ctx, rooms, input.secret);
  enforcePasswordPolicy(ctx, input.password);
  await refuseUnwelcomeDomain(ctx, input.email.trim());
  await refuseTakenEmail(ctx.db, input.email);
  refuseLongTexts(input);

  const active = !settings.bool('Accounts_ManuallyApproveNewUsers');
  const hash = await hashDigest(ctx, digestOf(input.password));
  return ctx.write(async (tx, emit) => {
    if (input.username !== undefined) await refuseTakenUsername(ctx, tx, rooms, input.username);
    await refuseTakenEmail(tx, input.email);
    const first = !(await hasAdmin(tx));
    const roles = new Set([...defaultRoles(ctx), ...(first ? ['admin'] : [])]);
    const user = newUser(ctx, {
      username: input.username,
      name: input.name || undefined,
      emails: [mainEmail(input.email, false)],
      roles: [...roles],
      // Nobody could approve the first admin.
      active: active || first,
      inactiveReason: active || first ? undefined : 'pending_approval',
      reason: active ? undefined : input.reason?.slice(0, MAX_REASON),
      customFields,
      hasPassword: true,
      factors: factorsOfNewcomer(ctx),
      ...(await membersOfCustomFields(settings, tx, [...roles], customFields)),
    });
    await admitUser(ctx, rooms, tx, emit, { user, hash, joins: true, silent: false });
    if (first) await startSetupWizard(ctx, tx, emit);
    await mailNeededVerification(ctx, { tx, emit }, user);
    if (!user.active) await mailApprovalNeeded(ctx, { tx, emit }, user);
    return user;
  });
}

/** Whether this is the secret of the registration page (DDP `checkRegistrationSecretURL`). */
export function isRegistrationSecret(ctx: Context, secret: string): boolean {
  const expected = ctx.settings.text('Accounts_RegistrationForm_SecretURL');
  return expected !== '' && secretsEqual(secret, expected);
}

/**
 * A visitor becomes a user without name and address, who may write where `anonymous` may (DDP `registerUser` without an
 * address). Undefined where the workspace does not allow that.
 */
export async function registerAnonymous(ctx: Context): Promise<{ token: string; when: Date } | undefined> {
  const allowed = ['Accounts_AllowAnonymousRead', 'Accounts_AllowAnonymousWrite'];
  if (!allowed.every((setting) => ctx.settings.bool(setting))) return undefined;
  const user = newUser(ctx, { roles: ['anonymous'] });
  return ctx.write(async (tx, emit) => {
    await storeNewUser(tx, emit, user, undefined);
    const { token } = await openSession(ctx, tx, emit, user._id);
    return { token, when: new Date(ctx.clock.now()) };
  });
}

async function refuseClosedRegistration(
  ctx: Context,
  rooms: RoomHooks,
  secret: string | undefined,
): Promise<void> {
  const form = ctx.settings.text('Accounts_RegistrationForm');
  if (form === 'Disabled') fail('error-user-registration-disabled', 'User registration is disabled');
  if (form !== 'Secret URL') return;
  // Whoever is invited to a room may register, too.
  const known = secret && (isRegistrationSecret(ctx, secret) || (await rooms.isInvite(ctx, ctx.db, secret)));
  if (!known) {
    fail('error-user-registration-secret', 'User registration is only allowed via Secret URL');
  }
}

async function refuseTakenUsername(ctx: Context, db: Db, rooms: RoomHooks, username: string): Promise<void> {
  if (await isUsernameTaken(ctx, db, rooms, username)) refuse('Username is already in use');
}

async function refuseTakenEmail(db: Db, email: string): Promise<void> {
  if (await isEmailKeyTaken(db, emailKey(email))) refuse('Email already exists. [403]');
}
