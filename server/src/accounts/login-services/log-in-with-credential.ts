import type { Context } from '../../context.ts';
import type { Client } from '../find-users.ts';
import type { LoginForm } from '../login-options.ts';
import type { LoggedIn } from '../open-login.ts';
import type { RoomHooks } from '../room-hooks.ts';
import type { SecondFactorCode } from '../two-factor.ts';
import { logInWithIdentity } from './log-in-with-identity.ts';
import { requireLoginService } from './login-service.ts';
import { findCredential, spendCredential } from './pending-credentials.ts';

/** How a login by another service ends: with what its page handed to the client (`{oauth: ...}`, spec 40 §4.1). */
export async function logInWithCredential(
  ctx: Context,
  rooms: RoomHooks,
  form: Extract<LoginForm, { type: 'oauth' }>,
  { factor, client }: { factor: SecondFactorCode | undefined; client: Client },
): Promise<LoggedIn> {
  const credential = { token: form.credentialToken, secret: form.credentialSecret };
  const identity = await findCredential(ctx, credential);
  const { rules } = requireLoginService(ctx.settings, identity.service);
  return logInWithIdentity(
    ctx,
    rooms,
    { identity, rules },
    {
      factor,
      client,
      type: 'oauth',
      form,
      spend: (tx) => spendCredential(tx, credential),
    },
  );
}
