import type { Context } from '../../context.ts';
import type { Client } from '../find-users.ts';
import type { LoginForm } from '../login-options.ts';
import type { LoggedIn } from '../open-login.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { logInWithIdentity } from './log-in-with-identity.ts';
import { requireLoginService } from './login-service.ts';
import { findLoginCode, spendLoginCode } from './pending-logins.ts';

/**
 * How a login ends in which the server led the browser (`loginCode.redeem`), for accounts without a second factor. Throws
 * `error-invalid-code`, and as `logInWithIdentity` for whoever may no longer come in.
 */
export async function logInWithCode(
  ctx: Context,
  rooms: RoomHooks,
  form: Extract<LoginForm, { type: 'code' }>,
  client: Client,
): Promise<LoggedIn> {
  const identity = await findLoginCode(ctx, form.code);
  const { rules } = requireLoginService(ctx.settings, identity.service);
  return logInWithIdentity(
    ctx,
    rooms,
    { identity, rules },
    {
      factor: undefined,
      client,
      type: 'oauth',
      form,
      spend: (tx) => spendLoginCode(tx, form.code),
    },
  );
}
