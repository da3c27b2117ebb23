import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid } from '../kernel/errors.ts';
import { secretsEqual, sha256hex } from '../kernel/ids.ts';
import type { Erasure, UserDeleted } from './accounts.events.ts';
import { findCredentials } from './credentials.store.ts';
import { loadUser } from './find-users.ts';
import { isDigest, isDigestRight } from './passwords.ts';
import { recordUserAction } from './record-user-action.ts';
import type { RoomHooks } from './room-hooks.ts';
import { endAllSessions } from './sessions.ts';
import { refuseLastAdmin } from './user-edit-rules.ts';
import { deleteUserRow } from './users.store.ts';

/**
 * An administrator deletes an account (spec 21, `users.delete`). Throws 403, `error-cannot-delete-app-user`,
 * `error-action-not-allowed` for the last admin and `rocket.cat`, `user-last-owner`.
 */
export async function deleteUser(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  input: { uid: string; confirmRelinquish: boolean },
): Promise<void> {
  requireMayDelete(ctx, caller);
  await erase(ctx, rooms, caller, input);
}

/** Before anybody is looked for: whoever may delete nobody learns nothing about who there is. Throws 403. */
export function requireMayDelete(ctx: Context, caller: Caller): void {
  if (!ctx.permissions.has(caller, 'delete-user')) forbid();
}

/**
 * The caller deletes the own account. `password`: digest of the password, or of the username for accounts without one.
 * Throws `error-not-allowed`, `error-invalid-password`, `error-invalid-username` and the errors of `deleteUser`.
 */
export async function deleteOwnAccount(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  input: { password: string; confirmRelinquish: boolean },
): Promise<void> {
  const details = { method: 'deleteUserOwnAccount' };
  if (!ctx.settings.bool('Accounts_AllowDeleteOwnAccount')) fail('error-not-allowed', 'Not allowed', details);
  const account = await findCredentials(ctx.db, { id: caller.uid });
  if (!account) fail('error-invalid-user', 'Invalid user', details);
  const digest = input.password.toLowerCase();
  if (account.password_hash !== null) {
    const right = isDigest(digest) && (await isDigestRight(ctx, digest, account.password_hash));
    if (!right) fail('error-invalid-password', 'Invalid password', details);
  } else if (!secretsEqual(digest, sha256hex(caller.username ?? ''))) {
    fail('error-invalid-username', 'Invalid username', details);
  }
  await erase(ctx, rooms, caller, { uid: caller.uid, confirmRelinquish: input.confirmRelinquish });
}

async function erase(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  { uid, confirmRelinquish }: { uid: string; confirmRelinquish: boolean },
): Promise<void> {
  const erasure = erasureType(ctx);
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, uid);
    if (!user) fail('error-invalid-user', 'Invalid user', { method: 'deleteUser' });
    if (user.type === 'app') fail('error-cannot-delete-app-user', 'Deleting app users is not allowed');
    await refuseLastAdmin(tx, user, 'deleteUser');
    if (uid === 'rocket.cat') {
      fail('error-action-not-allowed', 'Deleting the rocket.cat user is not allowed', {
        method: 'deleteUser',
        action: 'Delete_user',
      });
    }
    await rooms.relinquishRooms(ctx, tx, emit, uid, { confirmRelinquish });
    await rooms.userRemoved(ctx, tx, emit, user, erasure);
    emit('user.forceLogout', { uid });
    await endAllSessions(tx, emit, uid, 'deleted');
    await deleteUserRow(tx, uid);
    await recordUserAction(ctx, tx, caller, { kind: 'user.deleted', user, data: { erasure } });
    const deleted: UserDeleted = { uid, username: user.username, erasure };
    const replaceByUser = { _id: 'rocket.cat', username: 'rocket.cat', alias: 'Removed User' };
    emit('user.deleted', erasure === 'Unlink' ? { ...deleted, replaceByUser } : deleted);
  });
}

function erasureType(ctx: Context): Erasure {
  const type = ctx.settings.text('Message_ErasureType');
  return type === 'Unlink' || type === 'Keep' ? type : 'Delete';
}
