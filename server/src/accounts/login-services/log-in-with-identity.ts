import { type Context, within } from '../../context.ts';
import { fail, refuse } from '../../kernel/errors.ts';
import type { Tx } from '../../storage/database.ts';
import type { Client } from '../find-users.ts';
import { recordAttempt } from '../login-blocking.ts';
import type { LoginForm } from '../login-options.ts';
import { type LoggedIn, openLogin, refuseUnfitUser } from '../open-login.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { checkLoginFactor, passedFactorMark, type SecondFactorCode } from '../two-factor.ts';
import { refuseNewcomer, settleIdentity } from './external-account.ts';
import type { Described } from './external-identity.ts';
import { type Match, matchAccount } from './match-account.ts';

/**
 * Logs in whoever another service has identified. Nothing is linked or made before the second factor of an account that
 * exists was given. The success is recorded as one of `form`.
 */
export async function logInWithIdentity(
  ctx: Context,
  rooms: RoomHooks,
  described: Described,
  {
    factor,
    client,
    type,
    asksFactor = true,
    uid,
    form,
    spend,
  }: {
    factor: SecondFactorCode | undefined;
    client: Client;
    type: LoggedIn['type'];
    /** Some services stand for both factors (spec 20, "Where it is asked"). */
    asksFactor?: boolean;
    /** Whose identity it was when the login began. Throws `error-user-not-found` when it no longer is. */
    uid?: string;
    form: LoginForm;
    /** Uses up what proved the identity. It runs inside the transaction, in which it may refuse. */
    spend?(tx: Tx): Promise<void>;
  },
): Promise<LoggedIn> {
  const match = await matchWelcome(ctx, described);
  if (uid !== undefined && match?.user._id !== uid) refuse('user not found', 'error-user-not-found');
  const passed = asksFactor && match !== undefined && (await checkLoginFactor(ctx, match.user, factor));
  const passedFactor = passed ? passedFactorMark(ctx, client) : undefined;

  const { user, loggedIn } = await ctx.write(async (tx, emit) => {
    await spend?.(tx);
    await recordAttempt(ctx, tx, client.ip, form, true);
    // An account that appeared meanwhile has not been asked for its second factor.
    const now = await matchAccount(within(ctx, tx), described);
    if (now?.user._id !== match?.user._id) fail(403, 'The account has changed. Please log in again.');
    const user = await settleIdentity(ctx, rooms, { tx, emit }, described, { client });
    // A newcomer who waits for approval has an account from now on, but does not come in.
    if (!now && !user.active) return { user };
    refuseUnfitUser(user);
    return {
      user,
      loggedIn: await openLogin(ctx, tx, emit, user, client, {
        type,
        passedFactor,
        signOn: described.identity.session,
      }),
    };
  });
  refuseUnfitUser(user);
  return loggedIn ?? fail('error-user-is-not-activated', 'User is not activated');
}

/**
 * The account of an identity that may come in; undefined for a newcomer who may. Throws as `matchAccount`, `refuseUnfitUser` and
 * `refuseNewcomer`.
 */
export async function matchWelcome(ctx: Context, described: Described): Promise<Match | undefined> {
  const match = await matchAccount(ctx, described);
  if (match) refuseUnfitUser(match.user);
  else await refuseNewcomer(ctx, described.identity);
  return match;
}
