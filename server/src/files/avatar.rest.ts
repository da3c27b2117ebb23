import { Type } from 'typebox';
import { namesUser, resolveUser } from '../accounts/find-users.ts';
import { avatarUrl } from '../accounts/present-user.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint, RawReply } from '../rest/endpoint.ts';
import { bodyKindOf } from '../rest/parse-body.ts';
import { freeObject, strict, userMembers } from '../rest/schemas.ts';
import { placeAvatar } from './avatar-picture.ts';
import { type IncomingParts, withReceivedFile } from './receive-upload.ts';
import { maySetAvatar, resetAvatar, setAvatar, setAvatarByUrl } from './set-avatar.ts';
import { suggestAvatars } from './suggest-avatars.ts';

/** Pictures of people (spec 21 `users.setAvatar` and following); what gives them out is `avatar-downloads.rest.ts`. */

const text = Type.Optional(Type.String());

const notAllowed = () =>
  fail('error-not-allowed', 'Change avatar is not allowed', { method: 'users.setAvatar' });

/** Who may change nobody's picture is told so before anything else. */
function refuseAtOnce(ctx: Context, caller: Caller): void {
  if (!maySetAvatar(ctx, caller, caller.uid)) notAllowed();
}

const targetOf = async (
  ctx: Context,
  caller: Caller,
  named: Parameters<typeof resolveUser>[1],
): Promise<User> => resolveUser(ctx, namesUser(named) ? named : { userId: caller.uid });

async function setByForm(ctx: Context, caller: Caller, parts: IncomingParts): Promise<void> {
  await withReceivedFile(ctx, parts, { field: 'image' }, async ({ file, fields }) => {
    if (!file) refuse("The 'image' param is required");
    const user = await targetOf(ctx, caller, {
      userId: fields.get('userId'),
      username: fields.get('username'),
    });
    if (!maySetAvatar(ctx, caller, user._id)) notAllowed();
    const picture = await placeAvatar(ctx, file.temp, file.type, file.filename);
    await setAvatar(ctx, user._id, picture, fields.get('service')?.slice(0, 100) || 'rest');
  });
}

export const avatarEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'users.setAvatar',
    summary: 'Gives a person a picture: an uploaded one, or one from an address.',
    auth: 'user',
    multipart: true,
    body: strict({ avatarUrl: text, userId: text, username: text }),
    async handler(ctx, { caller, body, parts, headers }) {
      refuseAtOnce(ctx, caller);
      if (parts) {
        await setByForm(ctx, caller, parts);
        return {};
      }
      if (!body.avatarUrl) {
        const type = headers['content-type'];
        const isRead = typeof type === 'string' && bodyKindOf(type) !== 'none';
        refuse(isRead ? "The 'image' param is required" : 'Missing Content-Type');
      }
      const user = await targetOf(ctx, caller, body);
      if (!maySetAvatar(ctx, caller, user._id)) forbid();
      await setAvatarByUrl(ctx, user, body.avatarUrl);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.resetAvatar',
    summary: "Takes a person's picture away.",
    auth: 'user',
    body: strict(userMembers),
    async handler(ctx, { caller, body }) {
      const { _id: uid } = await resolveUser(ctx, body);
      await resetAvatar(ctx, caller, uid, 'users.resetAvatar');
      return {};
    },
  }),
  endpoint({
    method: 'GET',
    path: 'users.getAvatar',
    summary: "Leads to a person's picture.",
    auth: 'none',
    query: strict(userMembers),
    async handler(ctx, { query }) {
      const { username } = await resolveUser(ctx, query);
      const location = avatarUrl(ctx.settings, username);
      // As bytes: the content type of a string would get a charset.
      const body = Buffer.from(JSON.stringify(location));
      return new RawReply(307, body, { 'content-type': 'application/json', location });
    },
  }),
  endpoint({
    method: 'GET',
    path: 'users.getAvatarSuggestion',
    summary: 'Pictures that other services have of the caller.',
    auth: 'user',
    response: freeObject,
    handler: async (ctx, { caller }) => ({ suggestions: await suggestAvatars(ctx, caller) }),
  }),
];
