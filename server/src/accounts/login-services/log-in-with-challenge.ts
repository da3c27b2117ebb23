import type { Context } from '../../context.ts';
import { Refusal, refuse } from '../../kernel/errors.ts';
import { resendEmailCode } from '../email-codes.ts';
import { type Client, loadUser } from '../find-users.ts';
import type { LoginForm } from '../login-options.ts';
import type { LoggedIn } from '../open-login.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { activeFactors } from '../two-factor.ts';
import { logInWithIdentity } from './log-in-with-identity.ts';
import { requireLoginService } from './login-service.ts';
import { findChallenge, giveUpChallenge, spendChallenge } from './pending-logins.ts';

/**
 * How a login ends in which the server led the browser, for accounts with a second factor
 * (`twoFactorChallenges.verifyChallenge`). Throws `error-challenge-not-found`, `error-challenge-expired`, `error-user-not-found`,
 * `error-invalid-code`, `totp-max-attempts`, with which the challenge is gone, and as `logInWithIdentity`.
 */
export async function logInWithChallenge(
  ctx: Context,
  rooms: RoomHooks,
  form: Extract<LoginForm, { type: 'challenge' }>,
  client: Client,
): Promise<LoggedIn> {
  const { challengeId, code } = form;
  const { uid, factor: method, identity } = await findChallenge(ctx, challengeId);
  const { rules } = requireLoginService(ctx.settings, identity.service);
  try {
    return await logInWithIdentity(
      ctx,
      rooms,
      { identity, rules },
      {
        factor: { code, method },
        client,
        type: 'oauth',
        uid,
        form,
        spend: (tx) => spendChallenge(tx, challengeId),
      },
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === 'totp-invalid') refuse('Invalid code', 'error-invalid-code');
    if (error.code !== 'totp-max-attempts') throw error;
    await giveUpChallenge(ctx, challengeId);
    refuse(error.reason, error.code);
  }
}

/**
 * Mails another code for a challenge (`twoFactorChallenges.sendEmailCode`), at most one a minute. Throws
 * `error-challenge-not-found`, `error-challenge-expired`, `error-invalid-challenge-method`, `error-user-not-found`.
 */
export async function mailChallengeCode(ctx: Context, challengeId: string): Promise<void> {
  const { uid, factor } = await findChallenge(ctx, challengeId);
  if (factor !== 'email') otherMethod();
  const user = await loadUser(ctx.db, uid);
  if (!user?.active) refuse('user not found', 'error-user-not-found');
  if (!activeFactors(ctx, user).includes(factor)) otherMethod();
  await resendEmailCode(ctx, user);
}

const otherMethod: () => never = () => refuse('invalid challenge method', 'error-invalid-challenge-method');
