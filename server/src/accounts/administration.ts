import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import { changeUser } from './change-user.ts';
import { admitUser } from './create-user.ts';
import { loadUserByUsername } from './find-users.ts';
import { mainEmail, newUser, refuseTaken } from './new-user.ts';
import { digestOf, hashDigest } from './passwords.ts';
import { recordUserAction } from './record-user-action.ts';
import { NO_ROOMS, type RoomHooks } from './room-hooks.ts';
import { endAllSessions } from './sessions.ts';
import { deleteFactors } from './two-factor.store.ts';
import { areRoles, refuseInvalidUsername, requireField } from './user-edit-rules.ts';

/** What the operator of the server may do from its command line, without being a user of the workspace. */

/** Throws the refusals of `users.create` for what makes no account; names that are only reserved are allowed. */
export async function createUserAsServer(
  ctx: Context,
  input: { username: string; email: string; name: string; password: string; roles: readonly string[] },
  rooms: RoomHooks = NO_ROOMS,
): Promise<{ uid: string }> {
  requireField(input.username, 'Username');
  refuseInvalidUsername(ctx, input.username);
  requireField(input.password, 'Password');
  if (input.roles.length === 0 || !(await areRoles(ctx, input.roles))) {
    fail('error-action-not-allowed', 'The field Roles consist invalid role id');
  }
  const user = newUser(ctx, {
    username: input.username,
    name: input.name,
    emails: [mainEmail(input.email, true)],
    roles: [...new Set(input.roles)],
    hasPassword: true,
  });
  const hash = await hashDigest(ctx, digestOf(input.password));
  await ctx.write(async (tx, emit) => {
    await refuseTaken(ctx, tx, rooms, input);
    await admitUser(ctx, rooms, tx, emit, { user, hash, joins: true, silent: false });
    const { roles, active } = user;
    await recordUserAction(ctx, tx, undefined, { kind: 'user.created', user, data: { roles, active } });
  });
  return { uid: user._id };
}

/**
 * Sets a password, takes the second factors away and ends all sessions of the user: whoever is locked out gets in again.
 * Throws `error-invalid-user`.
 */
export async function resetPasswordAsServer(ctx: Context, username: string, password: string): Promise<void> {
  requireField(password, 'Password');
  const passwordHash = await hashDigest(ctx, digestOf(password));
  await ctx.write(async (tx, emit) => {
    const user = await loadUserByUsername(tx, username);
    if (!user) fail('error-invalid-user', `There is no user ${username}`);
    await changeUser(ctx, tx, emit, {
      uid: user._id,
      set: { requirePasswordChange: undefined, factors: undefined },
      passwordHash,
    });
    await deleteFactors(tx, user._id);
    await recordUserAction(ctx, tx, undefined, { kind: 'user.changed', user, data: { password: 'changed' } });
    await endAllSessions(tx, emit, user._id, 'password-changed');
  });
}
