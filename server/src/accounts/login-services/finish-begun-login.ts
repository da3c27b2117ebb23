import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { ensureEmailCode } from '../email-codes.ts';
import { factorOfLogin } from '../two-factor.ts';
import { comeBackAddress, spendBegunLogin, verifierFor } from './begin-login.ts';
import { identityOfTokens, tokensForCode } from './identity-of-service.ts';
import { matchWelcome } from './log-in-with-identity.ts';
import { findLoginService } from './login-service.ts';
import { issueChallenge, issueLoginCode } from './pending-logins.ts';

/** What a browser brings from the page of a service that the server had sent it to. */
export interface ComingBackToServer {
  service: string;
  code: string | undefined;
  state: string;
  /** Of its cookie. */
  secret: string | undefined;
}

/**
 * Somebody comes back from where `beginLogin` has sent them; answers where their browser goes now: to the page of the client, with
 * what it logs in with. For whoever has a second factor that is a challenge, for everybody else a code. Throws
 * `error-login-service-unknown`, `error-login-state`, `error-login-cancelled`, `error-login-service` and as `matchWelcome`.
 */
export async function finishBegunLogin(
  ctx: Context,
  { service, code, state, secret }: ComingBackToServer,
): Promise<string> {
  const login = findLoginService(ctx.settings, service);
  if (!login) fail('error-login-service-unknown', 'There is no such login service');
  const redirectUrl = await spendBegunLogin(ctx, { state, secret, service });
  if (!code) fail('error-login-cancelled', 'The login was cancelled');
  const verifier = verifierFor(login, secret ?? '');
  const redirectUri = comeBackAddress(ctx, service);
  const tokens = await tokensForCode(ctx, login, { code, redirectUri, verifier });
  const identity = await identityOfTokens(ctx, login, tokens);
  const user = (await matchWelcome(ctx, { identity, rules: login.rules }))?.user;
  const factor = user && factorOfLogin(ctx, user);
  if (!factor) {
    return withParameters(redirectUrl, {
      loginCode: await issueLoginCode(ctx, { uid: user?._id, identity }),
    });
  }
  const challengeId = await issueChallenge(ctx, { uid: user._id, factor, identity });
  if (factor === 'email') await ensureEmailCode(ctx, user);
  return withParameters(redirectUrl, { challengeId, method: factor });
}

/** What a login before has left in the address of the page would be taken for the outcome of this one. */
const OUTCOMES = ['loginCode', 'challengeId', 'method'];

/** The rest of the query stays as it is written. */
function withParameters(address: string, parameters: Record<string, string>): string {
  const url = new URL(address);
  for (const name of OUTCOMES) if (url.searchParams.has(name)) url.searchParams.delete(name);
  url.search = [url.search.slice(1), new URLSearchParams(parameters)].filter(String).join('&');
  return url.href;
}
