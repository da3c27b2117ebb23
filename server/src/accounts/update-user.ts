import { type Context, type WriteScope, within } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { mailAddedUser, mailEmailChanged, mailPasswordChanged, mailVerification } from './account-mails.ts';
import { addedRoles, announceRoles } from './announce-roles.ts';
import { changeUser, type UserChanges } from './change-user.ts';
import { renameUser } from './choose-username.ts';
import { checkCustomFields, membersOfCustomFields } from './custom-fields.ts';
import { refuseUnwelcomeDomain } from './emails.ts';
import { findUserById } from './find-users.ts';
import { refuseUnsafeName } from './names.ts';
import { mainEmail, refuseTaken } from './new-user.ts';
import { enforcePasswordPolicy } from './password-policy.ts';
import { digestOf, hashDigest, randomPassword } from './passwords.ts';
import { recordUserEdit } from './record-user-action.ts';
import type { RoomHooks } from './room-hooks.ts';
import { endOtherSessions } from './sessions.ts';
import { applyActiveStatus } from './set-active-status.ts';
import type { Email, PresenceStatus, User } from './user.ts';
import {
  MAX_STATUS_TEXT,
  refuseForbiddenEdit,
  refuseForbiddenRoles,
  refuseInvalidUsername,
  refuseLastAdmin,
  refuseLongTexts,
} from './user-edit-rules.ts';
import { refuseBlockedUsername } from './usernames.ts';

export interface UserEdit {
  email?: string | undefined;
  name?: string | undefined;
  password?: string | undefined;
  username?: string | undefined;
  bio?: string | undefined;
  nickname?: string | undefined;
  status?: PresenceStatus | undefined;
  statusText?: string | undefined;
  active?: boolean | undefined;
  roles?: readonly string[] | undefined;
  requirePasswordChange?: boolean | undefined;
  setRandomPassword?: boolean | undefined;
  /** Mails the password. */
  sendWelcomeEmail?: boolean | undefined;
  verified?: boolean | undefined;
  customFields?: Readonly<Record<string, unknown>> | undefined;
  freeSwitchExtension?: string | undefined;
}

const METHOD = 'insertOrUpdateUser';

/**
 * Edits an account (spec 21, `users.update`), checked in the documented order. `bio` and `nickname` are removed when
 * absent. A new password ends the user's other sessions.
 */
export async function updateUser(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  input: { uid: string; edit: UserEdit; confirmRelinquish: boolean },
): Promise<User> {
  const { edit } = input;
  const user = await findUserById(ctx, input.uid);
  if (!user) fail('error-invalid-user', 'Invalid user', { method: METHOD });
  const customFields = await checkEdit(ctx, rooms, caller, user, edit);
  const password = edit.setRandomPassword ? randomPassword() : edit.password || undefined;
  if (password !== undefined) enforcePasswordPolicy(ctx, password);
  const passwordHash = password === undefined ? undefined : await hashDigest(ctx, digestOf(password));

  return ctx.write(async (tx, emit) => {
    await refuseTaken(ctx, tx, rooms, { ...changedIdentity(user, edit), exceptUid: user._id });
    if (edit.roles) await refuseForbiddenRoles(within(ctx, tx), caller, addedRoles(user, edit.roles));
    if (edit.roles && !edit.roles.includes('admin')) await refuseLastAdmin(tx, user, METHOD);
    const renamed = await renameUser(ctx, rooms, tx, emit, user, edit);
    const set = changesOf(renamed, edit, customFields);
    const roles = set.roles ?? renamed.roles;
    let changed = await changeUser(ctx, tx, emit, {
      uid: user._id,
      set: { ...set, ...(await membersOfCustomFields(ctx.settings, tx, roles, customFields)) },
      ...(passwordHash === undefined ? {} : { passwordHash }),
    });
    announceRoles(emit, user, changed);
    if (passwordHash !== undefined) {
      const isOwn = user._id === caller.uid;
      // Before the sockets close (spec 40 §4.6): web clients forget what they hold.
      if (!isOwn) emit('user.forceLogout', { uid: user._id });
      await endOtherSessions(tx, emit, user._id, isOwn ? caller.tokenHash : undefined, 'password-changed');
    }
    await mailAboutEdit(ctx, { tx, emit }, { before: user, after: changed, edit, password });
    if (edit.active !== undefined) {
      const { confirmRelinquish } = input;
      changed = await applyActiveStatus(ctx, rooms, tx, emit, changed, {
        active: edit.active,
        confirmRelinquish,
      });
    }
    await recordUserEdit(ctx, tx, caller, {
      before: user,
      after: changed,
      password: passwordHash !== undefined,
    });
    return changed;
  });
}

async function mailAboutEdit(
  ctx: Context,
  scope: WriteScope,
  change: { before: User; after: User; edit: UserEdit; password: string | undefined },
): Promise<void> {
  const { before, after, edit, password } = change;
  if (password !== undefined) {
    const told = edit.setRandomPassword || edit.sendWelcomeEmail;
    await (told ? mailAddedUser(ctx, scope, after, password) : mailPasswordChanged(ctx, scope, after));
  }
  if (changedIdentity(before, edit).email === undefined) return;
  const [now] = after.emails;
  await mailEmailChanged(ctx, scope, after, before.emails[0]?.address);
  if (now && !now.verified) await mailVerification(ctx, scope, after, now.address);
}

/** All checks that need no transaction. Returns the custom fields to store. */
async function checkEdit(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  user: User,
  edit: UserEdit,
): Promise<Record<string, unknown> | undefined> {
  const self = user._id === caller.uid;
  const deny = (reason: string, action: string): never =>
    fail('error-action-not-allowed', reason, { method: METHOD, action });
  if (edit.name !== undefined) refuseUnsafeName(edit.name);
  const customFields = edit.customFields && checkCustomFields(ctx.settings, edit.customFields);
  if (edit.verified && self) deny('Editing email verification is not allowed', 'Editing_user');
  if (!self && !ctx.permissions.has(caller, 'edit-other-user-info'))
    deny('Editing user is not allowed', 'Editing_user');
  if (edit.roles) await refuseForbiddenRoles(ctx, caller, addedRoles(user, edit.roles));
  if (edit.username !== undefined) refuseInvalidUsername(ctx, edit.username);
  refuseForbiddenEdit(ctx, caller, user, edit);
  const identity = changedIdentity(user, edit);
  if (identity.username !== undefined) refuseBlockedUsername(ctx.settings, identity.username);
  await refuseTaken(ctx, ctx.db, rooms, { ...identity, exceptUid: user._id });
  if (identity.email !== undefined) await refuseUnwelcomeDomain(ctx, identity.email);
  refuseLongTexts(edit);
  const mayActivate = ctx.permissions.hasAny(caller, [
    'edit-other-user-active-status',
    'manage-moderation-actions',
  ]);
  if (edit.active !== undefined && edit.active !== user.active && !mayActivate) {
    fail('error-not-allowed', 'Not allowed', { method: 'setUserActiveStatus' });
  }
  return customFields;
}

/** The username and address that really differ from the present ones. */
function changedIdentity(user: User, edit: UserEdit): { username?: string; email?: string } {
  const email = edit.email?.trim();
  return {
    ...(edit.username !== undefined && edit.username !== user.username ? { username: edit.username } : {}),
    ...(email && email.toLowerCase() !== user.emails[0]?.address.toLowerCase() ? { email } : {}),
  };
}

function changesOf(
  user: User,
  edit: UserEdit,
  customFields: Record<string, unknown> | undefined,
): UserChanges {
  const emails = emailsAfter(user, edit);
  const requirePasswordChange = edit.setRandomPassword ? true : edit.requirePasswordChange;
  return {
    bio: edit.bio?.trim() || undefined,
    nickname: edit.nickname?.trim() || undefined,
    ...(emails ? { emails } : {}),
    ...(edit.statusText === undefined
      ? {}
      : { statusText: edit.statusText.trim().slice(0, MAX_STATUS_TEXT) }),
    ...(edit.status === undefined ? {} : { status: edit.status, statusDefault: edit.status }),
    ...(edit.roles === undefined ? {} : { roles: [...new Set(edit.roles)] }),
    ...(requirePasswordChange === undefined ? {} : { requirePasswordChange }),
    ...(customFields === undefined ? {} : { customFields }),
    ...(edit.freeSwitchExtension === undefined
      ? {}
      : { freeSwitchExtension: edit.freeSwitchExtension || undefined }),
  };
}

/** A new address takes the place of the first one and is unverified unless the editor says otherwise. */
function emailsAfter(user: User, edit: UserEdit): Email[] | undefined {
  const [first, ...others] = user.emails;
  const { email } = changedIdentity(user, edit);
  if (email !== undefined) return [mainEmail(email, edit.verified ?? false), ...others];
  if (edit.verified === undefined || !first) return undefined;
  return [{ ...first, verified: edit.verified }, ...others];
}
