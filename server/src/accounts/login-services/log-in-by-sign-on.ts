import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import type { Settings } from '../../kernel/settings.ts';
import { casService } from '../cas/cas-service.ts';
import type { Client } from '../find-users.ts';
import { recordAttempt } from '../login-blocking.ts';
import type { LoginForm, SignOn } from '../login-options.ts';
import type { LoggedIn } from '../open-login.ts';
import type { RoomHooks } from '../room-hooks.ts';
import type { SecondFactorCode } from '../two-factor.ts';
import type { AccountRules } from './external-identity.ts';
import { logInWithIdentity } from './log-in-with-identity.ts';
import { findCredential, spendCredential } from './pending-credentials.ts';
import { signOnCredential } from './sign-on.ts';

/** What the administrator lets the service decide; undefined while it is switched off. */
export const signOnRules = (settings: Settings, type: SignOn): AccountRules | undefined =>
  ({ cas: casService })[type](settings)?.rules;

/** How a login by CAS ends: with the token that it was begun with (spec 40 §4.1). */
export async function logInBySignOn(
  ctx: Context,
  rooms: RoomHooks,
  form: Extract<LoginForm, { type: SignOn }>,
  { factor, client }: { factor: SecondFactorCode | undefined; client: Client },
): Promise<LoggedIn> {
  const { type } = form;
  const credential = signOnCredential(ctx, type, { token: form.credentialToken, ip: client.ip });
  const identity = await findCredential(ctx, credential);
  const rules = signOnRules(ctx.settings, type) ?? fail(400, 'Unrecognized options for login request');
  return logInWithIdentity(
    ctx,
    rooms,
    { identity, rules },
    {
      factor,
      client,
      type,
      asksFactor: type !== 'cas',
      async spend(tx) {
        await spendCredential(tx, credential);
        await recordAttempt(ctx, tx, client.ip, form, true);
      },
    },
  );
}
