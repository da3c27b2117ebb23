import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { mailEmailChanged, mailPasswordChanged, mailVerification } from './account-mails.ts';
import { announceRoles } from './announce-roles.ts';
import { changeUser, type UserChanges } from './change-user.ts';
import { renameUser } from './choose-username.ts';
import { findCredentials } from './credentials.store.ts';
import { checkCustomFields, membersOfCustomFields } from './custom-fields.ts';
import { refuseUnwelcomeDomain } from './emails.ts';
import { findUserById } from './find-users.ts';
import { refuseUnsafeName } from './names.ts';
import { mainEmail, refuseTaken } from './new-user.ts';
import { refuseOldPassword } from './password-history.ts';
import { enforcePasswordPolicy } from './password-policy.ts';
import { digestOf, hashDigest, isDigestRight } from './passwords.ts';
import type { RoomHooks } from './room-hooks.ts';
import { endOtherSessions } from './sessions.ts';
import { statusChanges } from './set-status.ts';
import { activeFactors, checkSecondFactor, type SecondFactorCode } from './two-factor.ts';
import { emailKey, type PresenceStatus, type User } from './user.ts';
import { refuseForbiddenEdit, refuseLongTexts } from './user-edit-rules.ts';
import { isBlockedUsername, isUsernameTaken, isValidUsername } from './usernames.ts';

export interface OwnProfile {
  email?: string | undefined;
  name?: string | undefined;
  username?: string | undefined;
  nickname?: string | undefined;
  bio?: string | undefined;
  statusType?: PresenceStatus | undefined;
  statusText?: string | undefined;
  /** Digest of the present password: stands in for a second factor. */
  currentPassword?: string | undefined;
  /** In clear. */
  newPassword?: string | undefined;
}

const DETAILS = { method: 'saveUserProfile' };

/**
 * The caller edits the own profile (spec 21, `users.updateOwnBasicInfo`). A new address or password asks for a second
 * factor; a new password ends the caller's other sessions.
 */
export async function updateOwnProfile(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  input: {
    profile: OwnProfile;
    customFields: Readonly<Record<string, unknown>> | undefined;
    secondFactor: SecondFactorCode | undefined;
  },
): Promise<User> {
  const { profile } = input;
  const user = await findUserById(ctx, caller.uid);
  if (!user) fail('error-invalid-user', 'Invalid user', DETAILS);
  if (!ctx.settings.bool('Accounts_AllowUserProfileChange'))
    fail('error-not-allowed', 'Not allowed', DETAILS);
  const email = changedEmail(user, profile);
  if (email !== undefined || profile.newPassword) {
    const { currentPassword } = profile;
    const password = currentPassword ? { code: currentPassword, method: 'password' } : undefined;
    const { secondFactor } = input;
    // Clients send the password along with the code that they were asked for after it.
    const named = activeFactors(ctx, user).some((factor) => factor === secondFactor?.method);
    const given = named ? secondFactor : (password ?? secondFactor);
    await checkSecondFactor(ctx, caller, given, 'required');
  }
  refuseForbiddenEdit(ctx, caller, user, { ...profile, email, password: profile.newPassword });
  if (profile.name !== undefined) refuseUnsafeName(profile.name);
  refuseLongTexts(profile);
  if (profile.username !== undefined) refuseUnusableUsername(ctx, user, profile.username);
  if (email !== undefined) {
    await refuseTaken(ctx, ctx.db, rooms, { email, exceptUid: user._id });
    await refuseUnwelcomeDomain(ctx, email);
  }
  const customFields = input.customFields && checkCustomFields(ctx.settings, input.customFields);
  const status = { status: profile.statusType, message: profile.statusText };
  const set: UserChanges = {
    ...statusChanges(ctx, user, status, { atOnce: false }),
    ...(profile.bio === undefined ? {} : { bio: profile.bio.trim() || undefined }),
    ...(profile.nickname === undefined ? {} : { nickname: profile.nickname.trim() || undefined }),
    ...(email === undefined ? {} : { emails: [mainEmail(email, false), ...user.emails.slice(1)] }),
    ...(customFields === undefined ? {} : { customFields }),
  };
  const passwordHash = profile.newPassword
    ? await newPasswordHash(ctx, user, profile.newPassword)
    : undefined;

  return ctx.write(async (tx, emit) => {
    const { username } = profile;
    if (username !== undefined && (await isUsernameTaken(ctx, tx, rooms, username, user._id)))
      refuseIdentity();
    if (email !== undefined) await refuseTaken(ctx, tx, rooms, { email, exceptUid: user._id });
    const renamed = await renameUser(ctx, rooms, tx, emit, user, { username, name: profile.name });
    const required = { requirePasswordChange: undefined, requirePasswordChangeReason: undefined };
    const members = await membersOfCustomFields(ctx.settings, tx, renamed.roles, customFields);
    const all = { ...set, ...members };
    const changed = await changeUser(ctx, tx, emit, {
      uid: user._id,
      set: passwordHash === undefined ? all : { ...all, ...required },
      ...(passwordHash === undefined ? {} : { passwordHash }),
    });
    announceRoles(emit, renamed, changed);
    if (passwordHash !== undefined) {
      await endOtherSessions(tx, emit, user._id, caller.tokenHash, 'password-changed');
      await mailPasswordChanged(ctx, { tx, emit }, changed);
    }
    if (email !== undefined) {
      await mailEmailChanged(ctx, { tx, emit }, changed, user.emails[0]?.address);
      await mailVerification(ctx, { tx, emit }, changed, emailKey(email));
    }
    return changed;
  });
}

/**
 * The caller sets the password that an administrator demanded (DDP `setUserPassword`): only while
 * `requirePasswordChange` holds. Throws `error-not-allowed`, `error-password-same-as-current`, the policy's error.
 */
export async function setDemandedPassword(ctx: Context, caller: Caller, password: string): Promise<void> {
  const user = await findUserById(ctx, caller.uid);
  if (!user?.requirePasswordChange) fail('error-not-allowed', 'Not allowed', { method: 'setUserPassword' });
  const passwordHash = await newPasswordHash(ctx, user, password);
  await ctx.write(async (tx, emit) => {
    const set = { requirePasswordChange: undefined, requirePasswordChangeReason: undefined };
    const changed = await changeUser(ctx, tx, emit, { uid: user._id, set, passwordHash });
    await endOtherSessions(tx, emit, user._id, caller.tokenHash, 'password-changed');
    await mailPasswordChanged(ctx, { tx, emit }, changed);
  });
}

async function newPasswordHash(ctx: Context, user: User, password: string): Promise<string> {
  const account = await findCredentials(ctx.db, { id: user._id });
  const digest = digestOf(password);
  if (await isDigestRight(ctx, digest, account?.password_hash)) {
    fail('error-password-same-as-current', 'Entered password same as current password', DETAILS);
  }
  await refuseOldPassword(ctx, user._id, digest);
  enforcePasswordPolicy(ctx, password);
  return hashDigest(ctx, digest);
}

function refuseUnusableUsername(ctx: Context, user: User, username: string): void {
  if (username === user.username) return;
  if (!isValidUsername(ctx.settings, username) || isBlockedUsername(ctx.settings, username)) refuseIdentity();
}

const refuseIdentity = (): never =>
  fail('error-could-not-save-identity', 'Could not save user identity', DETAILS);

function changedEmail(user: User, profile: OwnProfile): string | undefined {
  const email = profile.email?.trim();
  return email && email.toLowerCase() !== user.emails[0]?.address.toLowerCase() ? email : undefined;
}
