import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import type { Settings } from '../../kernel/settings.ts';
import { casService } from '../cas/cas-service.ts';
import type { Client } from '../find-users.ts';
import type { LoginForm, SignOn } from '../login-options.ts';
import type { LoggedIn } from '../open-login.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { samlService } from '../saml/saml-service.ts';
import type { SecondFactorCode } from '../two-factor.ts';
import type { AccountRules } from './external-identity.ts';
import { logInWithIdentity } from './log-in-with-identity.ts';
import { findCredential, spendCredential } from './pending-credentials.ts';
import { refreshLogin } from './refresh-account.ts';
import { signOnCredential } from './sign-on.ts';

interface SignOnService {
  rules: AccountRules;
  /** What of an account follows the service with each login. */
  refreshed?: { name: boolean; email: boolean };
}

/** Undefined while it is switched off. */
export const signOnService = (settings: Settings, type: SignOn): SignOnService | undefined =>
  ({ cas: casService, saml: samlService })[type](settings);

/** How a login by CAS and SAML ends: with the token that it was begun with (spec 40 §4.1). */
export async function logInBySignOn(
  ctx: Context,
  rooms: RoomHooks,
  form: Extract<LoginForm, { type: SignOn }>,
  { factor, client }: { factor: SecondFactorCode | undefined; client: Client },
): Promise<LoggedIn> {
  const { type } = form;
  const credential = signOnCredential(ctx, type, { token: form.credentialToken, ip: client.ip });
  const identity = await findCredential(ctx, credential);
  const service = signOnService(ctx.settings, type);
  if (!service) fail(400, 'Unrecognized options for login request');
  const { rules, refreshed } = service;
  const loggedIn = await logInWithIdentity(
    ctx,
    rooms,
    { identity, rules },
    {
      factor,
      client,
      type,
      asksFactor: type !== 'cas',
      form,
      spend: (tx) => spendCredential(tx, credential),
    },
  );
  if (!refreshed?.name && !refreshed?.email) return loggedIn;
  const { name, email } = identity;
  const told = { name: refreshed.name ? name : undefined, email: refreshed.email ? email : undefined };
  return refreshLogin(ctx, rooms, loggedIn, told, client);
}
