import { type TSchema, Type } from 'typebox';
import { fail } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, strict, textOf } from '../rest/schemas.ts';
import { findUserById } from './find-users.ts';
import {
  PREFERENCES_OF_TYPE,
  type PreferenceType,
  savedPreferences,
  savePreferences,
} from './preferences.ts';
import { presentOwnUser } from './present-user.ts';
import type { RoomHooks } from './room-hooks.ts';
import { secondFactorFromHeaders } from './two-factor.ts';
import { updateOwnProfile } from './update-own-profile.ts';
import { PRESENCE_STATUSES } from './user.ts';
import { checkUsernameAvailability, suggestUsername } from './username-suggestion.ts';

const text = Type.Optional(Type.String());

const SCHEMAS: Record<PreferenceType, TSchema> = {
  string: Type.Optional(Type.String({ maxLength: 100 })),
  number: Type.Optional(Type.Number()),
  boolean: Type.Optional(Type.Boolean()),
  texts: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 200 })),
  objects: Type.Optional(Type.Array(freeObject, { maxItems: 200 })),
};

const preferences = strict(
  Object.fromEntries(
    Object.entries(PREFERENCES_OF_TYPE).flatMap(([type, keys]) =>
      keys.map((key) => [key, SCHEMAS[type as PreferenceType]]),
    ),
  ),
);

export function profileEndpoints(rooms: RoomHooks): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: 'users.updateOwnBasicInfo',
      summary: 'Edits the own profile.',
      auth: 'user',
      withoutUsername: true,
      body: strict({
        data: strict({
          email: text,
          name: text,
          username: text,
          nickname: text,
          bio: text,
          statusType: Type.Optional(textOf(...PRESENCE_STATUSES)),
          statusText: text,
          currentPassword: text,
          newPassword: text,
        }),
        customFields: Type.Optional(freeObject),
      }),
      async handler(ctx, { caller, body, headers }) {
        const user = await updateOwnProfile(ctx, rooms, caller, {
          profile: body.data,
          customFields: body.customFields,
          secondFactor: secondFactorFromHeaders(headers),
        });
        return { user: presentOwnUser(user) };
      },
    }),
    endpoint({
      method: 'GET',
      path: 'users.getPreferences',
      summary: 'The own saved preferences.',
      auth: 'user',
      async handler(ctx, { caller }) {
        const user = await findUserById(ctx, caller.uid);
        return { preferences: user ? savedPreferences(user) : {} };
      },
    }),
    endpoint({
      method: 'POST',
      path: 'users.setPreferences',
      summary: 'Saves preferences.',
      auth: 'user',
      body: strict({ userId: text, data: preferences }),
      async handler(ctx, { caller, body }) {
        const user = await savePreferences(ctx, rooms, caller, {
          uid: body.userId || caller.uid,
          preferences: body.data,
        });
        return { user: { _id: user._id, settings: { preferences: savedPreferences(user) } } };
      },
    }),
    endpoint({
      method: 'GET',
      path: 'users.getUsernameSuggestion',
      summary: 'A free username for the caller.',
      auth: 'user',
      withoutUsername: true,
      handler: async (ctx, { caller }) => ({ result: await suggestUsername(ctx, rooms, caller) }),
    }),
    endpoint({
      method: 'GET',
      path: 'users.checkUsernameAvailability',
      summary: 'Whether a username is free.',
      auth: 'user',
      withoutUsername: true,
      query: strict({ username: Type.String() }),
      async handler(ctx, { caller, query }) {
        if (query.username.trim() === '') fail('error-invalid-params', 'Invalid username');
        return { result: await checkUsernameAvailability(ctx, rooms, caller, query.username) };
      },
    }),
  ];
}
