import { AS_CLIENTS_EXPECT, type DdpMethod, userMethod } from '../../realtime/declarations.ts';
import { textParam } from '../../realtime/params.ts';
import { logout } from '../sessions.ts';
import { addressOfLogout } from './log-out-at-provider.ts';

export const samlMethods: DdpMethod[] = [
  // Logs out at once where it answers an address, whatever the provider does then. Without one the client logs out by itself.
  userMethod(
    'samlLogout',
    async (ctx, { caller, connection, params: [provider] }) => {
      const address = await addressOfLogout(ctx, caller, textParam(provider));
      if (address === undefined) return undefined;
      // First this connection, by which the answer goes: ending the session closes all others that use it.
      connection?.logOut();
      await logout(ctx, caller);
      return address;
    },
    { withoutUsername: true, beyond: AS_CLIENTS_EXPECT },
  ),
];
