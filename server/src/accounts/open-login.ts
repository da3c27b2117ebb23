import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { hashToken } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { changeLastLogin } from './credentials.store.ts';
import { type Client, callerFor } from './find-users.ts';
import type { SignOn } from './login-options.ts';
import type { ServiceSession } from './login-services/service-session.ts';
import { openSession } from './sessions.ts';
import { tellOfLogin } from './tell-of-login.ts';
import type { passedFactorMark } from './two-factor.ts';
import type { User } from './user.ts';

/** How every login ends, whatever it began with. */

export interface LoggedIn {
  caller: Caller;
  user: User;
  token: string;
  /** Far in the future for a personal access token. */
  tokenExpires: Date;
  type: 'password' | 'resume' | 'ldap' | 'oauth' | SignOn;
}

/** Opens a session for somebody who has proven who he is, inside the transaction of that. */
export async function openLogin(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  user: User,
  client: Client,
  {
    type,
    passedFactor,
    signOn,
  }: Pick<LoggedIn, 'type'> & {
    passedFactor: ReturnType<typeof passedFactorMark>;
    signOn?: ServiceSession | undefined;
  },
): Promise<LoggedIn> {
  await changeLastLogin(tx, user._id, ctx.clock.now(), ctx.clock.stamp());
  const session = await openSession(ctx, tx, emit, user._id, { passedFactor, client, signOn });
  await tellOfLogin(ctx, { tx, emit }, user, client);
  const caller = { ...callerFor(user, client), tokenHash: hashToken(session.token) };
  return { caller, user, token: session.token, tokenExpires: session.expires, type };
}

/** Throws for accounts that may not log in, whatever they prove. */
export function refuseUnfitUser(user: User): void {
  if (user.type === 'app') fail('error-app-user-is-not-allowed-to-login', 'App user is not allowed to login');
  if (!user.active) fail('error-user-is-not-activated', 'User is not activated');
  if (user.roles.length === 0) fail('error-user-has-no-roles', 'User has no roles');
}
