import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import { mailActivation } from './account-mails.ts';
import { changeUser } from './change-user.ts';
import { loadUser } from './find-users.ts';
import { recordUserAction } from './record-user-action.ts';
import type { RoomHooks } from './room-hooks.ts';
import { endAllSessions } from './sessions.ts';
import type { User } from './user.ts';
import { countUsersWithRole } from './users.store.ts';

/**
 * Switches an account on or off (spec 21, `users.setActiveStatus`). Throws 403, `error-invalid-user`,
 * `error-action-not-allowed` for the last active admin, `user-last-owner`.
 */
export async function setActiveStatus(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  input: { uid: string; active: boolean; confirmRelinquish: boolean },
): Promise<User> {
  if (!ctx.permissions.hasAny(caller, ['edit-other-user-active-status', 'manage-moderation-actions']))
    forbid();
  return ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, input.uid);
    if (!user) fail('error-invalid-user', 'Invalid user', { method: 'setUserActiveStatus' });
    const changed = await applyActiveStatus(ctx, rooms, tx, emit, user, input);
    if (changed.active !== user.active) {
      const kind = changed.active ? 'user.activated' : 'user.deactivated';
      await recordUserAction(ctx, tx, caller, { kind, user });
    }
    return changed;
  });
}

/** The rules of (de)activation, for whoever is allowed to do it. */
export async function applyActiveStatus(
  ctx: Context,
  rooms: RoomHooks,
  tx: Tx,
  emit: Emit,
  user: User,
  { active, confirmRelinquish }: { active: boolean; confirmRelinquish: boolean },
): Promise<User> {
  if (user.active === active) return user;
  if (active) {
    const set = { active, reason: undefined, inactiveReason: undefined };
    const activated = await changeUser(ctx, tx, emit, { uid: user._id, set });
    await rooms.userActivated(ctx, tx, emit, activated);
    await mailActivation(ctx, { tx, emit }, activated);
    return activated;
  }
  await refuseLastActiveAdmin(tx, user);
  await rooms.relinquishRooms(ctx, tx, emit, user._id, { confirmRelinquish });
  return switchOff(ctx, rooms, { tx, emit }, user, 'deactivated');
}

/** Switches an account off as it is, and ends its sessions. Who owns its rooms is the caller's business. */
export async function switchOff(
  ctx: Context,
  rooms: RoomHooks,
  { tx, emit }: WriteScope,
  user: User,
  inactiveReason: User['inactiveReason'],
): Promise<User> {
  const deactivated = await changeUser(ctx, tx, emit, {
    uid: user._id,
    set: { active: false, inactiveReason, status: 'offline', statusConnection: 'offline' },
  });
  await rooms.userDeactivated(ctx, tx, emit, deactivated);
  emit('user.forceLogout', { uid: user._id });
  await endAllSessions(tx, emit, user._id, 'deactivated');
  await mailActivation(ctx, { tx, emit }, deactivated);
  return deactivated;
}

async function refuseLastActiveAdmin(tx: Tx, user: User): Promise<void> {
  if (!user.roles.includes('admin')) return;
  if ((await countUsersWithRole(tx, 'admin', { active: true })) > 1) return;
  fail('error-action-not-allowed', 'Leaving the app without an active admin is not allowed', {
    method: 'removeUserFromRole',
    action: 'Remove_last_admin',
  });
}
