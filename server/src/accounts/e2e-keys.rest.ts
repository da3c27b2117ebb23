import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { strict, userMembers } from '../rest/schemas.ts';
import { fetchOwnKeys, resetKeys, storeOwnKeys } from './e2e-keys.ts';
import type { RoomHooks } from './room-hooks.ts';

/** Longer than any key of 4096 bits, encrypted or not. */
const key = Type.String({ minLength: 1, maxLength: 20_000 });

export const e2eKeyEndpoints = (rooms: RoomHooks): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: 'e2e.fetchMyKeys',
    summary: 'The own keys for end-to-end encryption.',
    auth: 'user',
    async handler(ctx, { caller }) {
      const keys = await fetchOwnKeys(ctx, caller);
      return keys ? { public_key: keys.publicKey, private_key: keys.privateKey } : {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'e2e.setUserPublicAndPrivateKeys',
    summary: 'Keeps the own keys for end-to-end encryption.',
    auth: 'user',
    body: strict({ public_key: key, private_key: key, force: Type.Optional(Type.Boolean()) }),
    async handler(ctx, { caller, body }) {
      const { public_key: publicKey, private_key: privateKey, force = false } = body;
      await storeOwnKeys(ctx, rooms, caller, { publicKey, privateKey, force });
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.resetE2EKey',
    summary: 'Takes the keys for end-to-end encryption from somebody who lost them.',
    auth: 'user',
    twoFactor: 'always',
    body: strict(userMembers),
    async handler(ctx, { caller, body }) {
      await resetKeys(ctx, rooms, caller, body);
      return undefined;
    },
  }),
];
