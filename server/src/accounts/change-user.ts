import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import { findCredentials } from './credentials.store.ts';
import { loadUser } from './find-users.ts';
import { keepOldPassword } from './password-history.ts';
import { emailKey, type User, userRow } from './user.ts';
import {
  insertUserRow,
  replaceEmails,
  replaceIdentities,
  replaceRoles,
  updateUserRow,
} from './users.store.ts';

/** Members to set; a member that is present with `undefined` is removed. */
export type UserChanges = Partial<Omit<User, '_id' | 'createdAt' | 'updatedAt' | 'hasPassword'>>;

/** Stores a new user with addresses and roles, and emits `user.created`. `passwordHash` is bcrypt text. */
export async function storeNewUser(
  tx: Tx,
  emit: Emit,
  user: User,
  passwordHash: string | undefined,
): Promise<void> {
  await insertUserRow(tx, { ...userRow(user), password_hash: passwordHash ?? null });
  await replaceEmails(tx, user._id, keyed(user));
  await replaceRoles(tx, user._id, user.roles);
  await replaceIdentities(tx, user._id, user.identities ?? []);
  emit('user.created', { user });
}

/**
 * The one way in which a stored user changes: writes what differs and emits `user.changed`, `user.nameChanged` and
 * `user.status` as far as they apply. Returns the user as stored. Nothing differs: nothing happens. `passwordHash` null takes
 * the password away.
 */
export async function changeUser(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  change: { uid: string; set: UserChanges; passwordHash?: string | null },
): Promise<User> {
  const before = await loadUser(tx, change.uid);
  // Was there when the caller looked, and was deleted before this transaction began.
  if (!before) fail('error-invalid-user', 'Invalid user');
  const hasPassword = change.passwordHash === undefined ? before.hasPassword : change.passwordHash !== null;
  const changed = Object.keys(change.set).filter(
    (key) => !isDeepStrictEqual(member(before, key), member(change.set, key)),
  );
  if (changed.length === 0 && change.passwordHash === undefined) return before;

  const after: User = { ...before, ...change.set, hasPassword, updatedAt: ctx.clock.stamp() };
  const hash = change.passwordHash === undefined ? {} : { password_hash: change.passwordHash };
  if (change.passwordHash !== undefined && before.hasPassword) {
    const old = await findCredentials(tx, { id: change.uid });
    if (old?.password_hash) await keepOldPassword(ctx, tx, change.uid, old.password_hash);
  }
  await updateUserRow(tx, change.uid, { ...userRow(after), ...hash });
  if (changed.includes('emails')) await replaceEmails(tx, change.uid, keyed(after));
  if (changed.includes('roles')) await replaceRoles(tx, change.uid, after.roles);
  if (changed.includes('identities')) await replaceIdentities(tx, change.uid, after.identities ?? []);
  announceChange(emit, before, after);
  return after;
}

/** Emits what the difference between two versions of a user means to others. */
export function announceChange(emit: Emit, before: User, after: User): void {
  emit('user.changed', { uid: after._id, ...userDiff(before, after), user: after });
  if (before.username !== after.username || before.name !== after.name) {
    emit('user.nameChanged', {
      uid: after._id,
      username: after.username,
      name: after.name,
      oldUsername: before.username,
    });
  }
  const statusChanged = (['status', 'statusText', 'statusExpiresAt'] as const).some(
    (key) => before[key] !== after[key],
  );
  if (statusChanged && after.username !== undefined) {
    emit('user.status', {
      uid: after._id,
      username: after.username,
      name: after.name,
      status: after.status,
      statusText: after.statusText,
      roles: after.roles,
      statusSource: after.statusSource,
      statusExpiresAt: after.statusExpiresAt,
    });
  }
}

/** Members that are not told to clients, or are told under another name (`preferences`, `factors`, times). */
const UNTOLD = new Set([
  'hasPassword',
  'factors',
  'previousStatus',
  'authorizedClients',
  'identities',
  'directoryPicture',
  'importIds',
  'pendingAvatarUrl',
  'noMailings',
  'preferences',
  'updatedAt',
  'createdAt',
]);
const TIMES = new Set(['lastLogin', 'statusExpiresAt']);

/** The `diff` and `unset` of `userData` (spec 40 §8.3). */
function userDiff(before: User, after: User): { diff: Record<string, unknown>; unset: Record<string, 1> } {
  const diff: Record<string, unknown> = {};
  const unset: Record<string, 1> = {};
  const compare = (path: string, old: unknown, now: unknown): void => {
    if (isDeepStrictEqual(old, now)) return;
    if (now === undefined) unset[path] = 1;
    else diff[path] = TIMES.has(path) ? new Date(now as number) : now;
  };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!UNTOLD.has(key)) compare(key, member(before, key), member(after, key));
  }
  const oldPreferences = before.preferences ?? {};
  const preferences = after.preferences ?? {};
  for (const key of new Set([...Object.keys(oldPreferences), ...Object.keys(preferences)])) {
    compare(`settings.preferences.${key}`, oldPreferences[key], preferences[key]);
  }
  compare('services.password.exists', before.hasPassword, after.hasPassword);
  compare('services.totp.enabled', before.factors?.totp, after.factors?.totp);
  compare('services.email2fa.enabled', before.factors?.email, after.factors?.email);
  diff._updatedAt = new Date(after.updatedAt);
  return { diff, unset };
}

const member = (object: object, key: string): unknown => (object as Record<string, unknown>)[key];

const keyed = (user: User) => user.emails.map((email) => ({ ...email, key: emailKey(email.address) }));
