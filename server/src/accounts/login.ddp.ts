import type { Context } from '../context.ts';
import type { DdpMethod, MethodCall } from '../realtime/declarations.ts';
import { login } from './login.ts';
import type { LoggedIn } from './open-login.ts';
import type { RoomHooks } from './room-hooks.ts';
import { isTokenStored, logout } from './sessions.ts';

/** What every method that logs in answers (spec 40 §4.2), after its connection has become the user's. */
export async function answerLogin(
  ctx: Context,
  { connection }: Pick<MethodCall, 'connection'>,
  { caller, user, token, tokenExpires, type }: LoggedIn,
): Promise<object> {
  connection?.logIn(caller, { emails: user.emails });
  // A token removed between its check and this login closed no connection, since none had it yet.
  if (connection && !(await isTokenStored(ctx, caller))) connection.close(1000, 'Logged out');
  return { id: user._id, token, tokenExpires, type };
}

export const loginMethods = (rooms: RoomHooks): DdpMethod[] => [
  {
    name: 'login',
    auth: 'none',
    partly: 'No Apple, Twitter and Crowd; SAML without channels.',
    async run(ctx, call) {
      const { ip, userAgent } = call;
      return answerLogin(ctx, call, await login(ctx, rooms, call.params[0], { ip, userAgent }));
    },
  },
  {
    name: 'logout',
    auth: 'none',
    async run(ctx, { caller, connection }) {
      // First this connection, which stays open; removing the token closes all others that use it.
      connection?.logOut();
      if (connection && caller) await logout(ctx, caller);
    },
  },
  { name: 'logoutCleanUp', auth: 'none', run: () => undefined },
];
