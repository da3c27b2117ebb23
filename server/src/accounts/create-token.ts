import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { secretsEqual } from '../kernel/ids.ts';
import { resolveUser, type UserParams } from './find-users.ts';
import { recordUserAction } from './record-user-action.ts';
import { openSession } from './sessions.ts';

/**
 * Logs somebody in without a password (`users.createToken`). Only where the operator of the server allows it: with
 * `CREATE_TOKENS_FOR_USERS_SECRET` the call must name that secret, with `CREATE_TOKENS_FOR_USERS` it needs none; for
 * another user also `user-generate-access-token`. Throws `error-not-authorized` and the errors of naming a user.
 */
export async function createTokenForUser(
  ctx: Context,
  caller: Caller,
  input: UserParams & { secret?: string | undefined },
): Promise<{ userId: string; authToken: string }> {
  if (!isAllowedByOperator(ctx, input.secret)) fail('error-not-authorized', 'Not authorized');
  const user = await resolveUser(ctx, input);
  if (user._id !== caller.uid && !ctx.permissions.has(caller, 'user-generate-access-token')) {
    fail('error-not-authorized', 'Not authorized');
  }
  if (!user.active) fail('error-user-is-not-activated', 'User is not activated');
  const session = await ctx.write(async (tx, emit) => {
    if (user._id !== caller.uid) {
      await recordUserAction(ctx, tx, caller, { kind: 'user.tokenCreated', user });
    }
    return openSession(ctx, tx, emit, user._id);
  });
  return { userId: user._id, authToken: session.token };
}

function isAllowedByOperator({ config }: Context, secret: string | undefined): boolean {
  if (config.createTokensSecret)
    return secret !== undefined && secretsEqual(secret, config.createTokensSecret);
  return config.createTokensForUsers;
}
