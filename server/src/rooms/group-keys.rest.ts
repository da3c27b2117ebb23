import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { dateText, freeObject, nonBlank, strict } from '../rest/schemas.ts';
import {
  answerSuggestedKey,
  membersWithoutKey,
  requestKeys,
  type SuggestedKey,
  setRoomKeyId,
  suggestKeys,
  updateGroupKey,
  waitingMembers,
} from './group-keys.ts';
import { MAX_OLD_KEYS } from './membership.ts';
import { presentMember } from './present-key-member.ts';
import { resetRoomKey } from './reset-room-key.ts';

const key = Type.String({ minLength: 1, maxLength: 20_000 });
const oneRoom = strict({ rid: nonBlank });
const oldKey = strict({ e2eKeyId: key, ts: dateText, E2EKey: key });
const suggestion = strict({
  _id: nonBlank,
  key,
  oldKeys: Type.Optional(Type.Array(oldKey, { maxItems: MAX_OLD_KEYS })),
});
const MAX_ROOMS = 100;

/** Keys of encrypted rooms (spec 31 §6). */
export const groupKeyEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'e2e.setRoomKeyID',
    summary: 'Names the first key of an encrypted room.',
    auth: 'user',
    body: strict({ rid: nonBlank, keyID: key }),
    async handler(ctx, { caller, body }) {
      await setRoomKeyId(ctx, caller, { rid: body.rid, keyId: body.keyID });
      return undefined;
    },
  }),
  endpoint({
    method: 'GET',
    path: 'e2e.getUsersOfRoomWithoutKey',
    summary: 'Members who lack the key of a room, with their public keys.',
    auth: 'user',
    query: oneRoom,
    response: freeObject,
    handler: async (ctx, { caller, query }) => ({
      users: (await membersWithoutKey(ctx, caller, query.rid)).map(presentMember),
    }),
  }),
  endpoint({
    method: 'POST',
    path: 'e2e.updateGroupKey',
    summary: 'Keeps the own key of a room, or gives it to another member.',
    auth: 'user',
    body: strict({ uid: nonBlank, rid: nonBlank, key }),
    async handler(ctx, { caller, body }) {
      await updateGroupKey(ctx, caller, body);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'e2e.requestSubscriptionKeys',
    summary: 'Asks the other members for the keys of rooms that the caller lacks.',
    auth: 'user',
    async handler(ctx, { caller }) {
      await requestKeys(ctx, caller);
      return undefined;
    },
  }),
  ...(['accept', 'reject'] as const).map((verb) =>
    endpoint({
      method: 'POST',
      path: `e2e.${verb}SuggestedGroupKey`,
      summary: verb === 'accept' ? 'Takes the key that another member gave.' : 'Turns a given key down.',
      auth: 'user',
      body: oneRoom,
      async handler(ctx, { caller, body }) {
        await answerSuggestedKey(ctx, caller, body.rid, verb === 'accept');
        return undefined;
      },
    }),
  ),
  endpoint({
    method: 'GET',
    path: 'e2e.fetchUsersWaitingForGroupKey',
    summary: 'Who waits for the keys of rooms.',
    auth: 'user',
    query: strict({ roomIds: Type.Array(Type.String(), { maxItems: MAX_ROOMS }) }),
    response: freeObject,
    handler: async (ctx, { caller, query }) => ({
      usersWaitingForE2EKeys: await waitingMembers(ctx, caller, query.roomIds),
    }),
  }),
  endpoint({
    method: 'POST',
    path: 'e2e.provideUsersSuggestedGroupKeys',
    summary: 'Gives members the keys that they wait for.',
    auth: 'user',
    body: strict({
      usersSuggestedGroupKeys: Type.Record(Type.String(), Type.Array(suggestion, { maxItems: 500 }), {
        maxProperties: MAX_ROOMS,
      }),
    }),
    async handler(ctx, { caller, body }) {
      const byRoom = Object.entries(body.usersSuggestedGroupKeys).map(
        ([rid, given]): [string, SuggestedKey[]] => [
          rid,
          given.map(({ _id, key: suggested, oldKeys }) => ({
            uid: _id,
            key: suggested,
            ...(oldKeys ? { oldKeys } : {}),
          })),
        ],
      );
      await suggestKeys(ctx, caller, new Map(byRoom));
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'e2e.resetRoomKey',
    summary: 'Gives an encrypted room a new key; members keep the former one and wait for the new one.',
    auth: 'user',
    body: strict({ rid: nonBlank, e2eKey: key, e2eKeyId: key }),
    async handler(ctx, { caller, body }) {
      await resetRoomKey(ctx, caller, { rid: body.rid, key: body.e2eKey, keyId: body.e2eKeyId });
      return undefined;
    },
  }),
];
