import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import { matchFailed, objectParam, optionalBoolean } from '../realtime/params.ts';
import { fetchOwnKeys, resetKeys, storeOwnKeys } from './e2e-keys.ts';
import type { RoomHooks } from './room-hooks.ts';

const MAX_KEY = 20_000;

export const e2eKeyMethods = (rooms: RoomHooks): DdpMethod[] => [
  userMethod('e2e.fetchMyKeys', async (ctx, { caller }) => {
    const keys = await fetchOwnKeys(ctx, caller);
    return keys ? { public_key: keys.publicKey, private_key: keys.privateKey } : {};
  }),
  userMethod('e2e.setUserPublicAndPrivateKeys', (ctx, { caller, params }) => {
    const { public_key, private_key, force } = objectParam(params[0]);
    const keys = { publicKey: keyParam(public_key), privateKey: keyParam(private_key) };
    return storeOwnKeys(ctx, rooms, caller, { ...keys, force: optionalBoolean(force) ?? false });
  }),
  userMethod(
    'e2e.resetOwnE2EKey',
    async (ctx, { caller }) => {
      await resetKeys(ctx, rooms, caller, {});
      return true;
    },
    { twoFactor: true },
  ),
];

function keyParam(value: unknown): string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_KEY ? value : matchFailed();
}
