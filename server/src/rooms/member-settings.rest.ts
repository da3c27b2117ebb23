import { Type } from 'typebox';
import { resolveUser } from '../accounts/find-users.ts';
import { fail } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { oneOf, strict } from '../rest/schemas.ts';
import { setIgnored } from './ignore.ts';
import { setMuted } from './mute.ts';
import { saveNotificationSettings } from './notification-settings.ts';
import { saveDraft } from './save-draft.ts';

/** What concerns one member of a room: muting, ignoring, notifications, drafts (spec 11 §4, spec 30 §6). */

function muting(path: string, muted: boolean): Endpoint {
  return endpoint({
    method: 'POST',
    path,
    summary: muted ? 'Takes the word from a member of a room.' : 'Gives it back.',
    auth: 'user',
    body: oneOf(
      strict({ roomId: Type.String(), userId: Type.String() }),
      strict({ roomId: Type.String(), username: Type.String() }),
    ),
    async handler(ctx, { caller, body }) {
      await setMuted(ctx, caller, body.roomId, await resolveUser(ctx, body), muted);
      return {};
    },
  });
}

const saveNotification = endpoint({
  method: 'POST',
  path: 'rooms.saveNotification',
  summary: 'Saves how the caller wants to be told about a room.',
  auth: 'user',
  body: strict({
    roomId: Type.String({ minLength: 1 }),
    notifications: Type.Record(Type.String(), Type.String(), { minProperties: 1, maxProperties: 20 }),
  }),
  async handler(ctx, { caller, body }) {
    await saveNotificationSettings(ctx, caller, body.roomId, body.notifications);
    return {};
  },
});

const draft = endpoint({
  method: 'POST',
  path: 'rooms.saveDraft',
  summary: 'Keeps what the caller began to write in a room or a thread.',
  auth: 'user',
  body: strict({
    rid: Type.String(),
    draft: Type.String(),
    tmid: Type.Optional(Type.String({ maxLength: 100 })),
  }),
  async handler(ctx, { caller, body }) {
    await saveDraft(ctx, caller, body);
    return {};
  },
});

const ignoreUser = endpoint({
  method: 'GET',
  path: 'chat.ignoreUser',
  summary: 'Collapses what a member says in a room for the caller, or shows it again.',
  auth: 'user',
  query: strict({
    rid: Type.Optional(Type.String()),
    userId: Type.Optional(Type.String()),
    ignore: Type.Optional(Type.String()),
  }),
  async handler(ctx, { caller, query }) {
    const { rid, userId, ignore = 'true' } = query;
    if (!rid?.trim()) fail('error-room-id-param-not-provided', 'The required "rid" param is missing.');
    if (!userId?.trim()) fail('error-user-id-param-not-provided', 'The required "userId" param is missing.');
    await setIgnored(ctx, caller, rid, userId, /true|1/.test(ignore));
    return {};
  },
});

export const memberSettingsEndpoints: Endpoint[] = [
  muting('rooms.muteUser', true),
  muting('rooms.unmuteUser', false),
  saveNotification,
  draft,
  ignoreUser,
];
