import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { type Received, withReceivedFile } from '../files/receive-upload.ts';
import { fail, Refusal, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint, type RestRequest } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { freeObject, listMembers, strict } from '../rest/schemas.ts';
import {
  createEmoji,
  emojiChanges,
  listEmoji,
  mayManageEmoji,
  removeEmoji,
  updateEmoji,
} from './custom-emoji.ts';
import { presentEmoji, presentRemovedEmoji } from './present-emoji.ts';

const text = Type.Optional(Type.String());

/** Emoji that the workspace adds (spec 23, "Custom emoji"). */
export const customEmojiEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'emoji-custom.list',
    summary: 'The custom emoji; with a date what changed and went since.',
    auth: 'user',
    query: strict({ updatedSince: text, _updatedAt: text, _id: text, query: text }),
    response: freeObject,
    async handler(ctx, { query }) {
      const since = dateOf(query.updatedSince);
      const after = dateOf(query._updatedAt);
      const { changed, removed } = await emojiChanges(ctx, { since, after, id: query._id });
      return { emojis: { update: changed.map(presentEmoji), remove: removed.map(presentRemovedEmoji) } };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'emoji-custom.all',
    summary: 'A page of the custom emoji.',
    auth: 'user',
    query: strict({ ...listMembers, name: text }),
    response: freeObject,
    async handler(ctx, { query }) {
      const page = pageOf(ctx.settings, query);
      const direction = parseSort(query.sort)?.find(([path]) => path === 'name')?.[1] === -1 ? 'desc' : 'asc';
      const { emojis, total } = await listEmoji(ctx, query.name, { ...page, direction });
      return { emojis: emojis.map(presentEmoji), ...pageMembers(page, emojis, total) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'emoji-custom.create',
    summary: 'Adds an emoji with its picture.',
    auth: 'user',
    multipart: true,
    async handler(ctx, { caller, parts }) {
      // Without a reason, as documented.
      if (!mayManageEmoji(ctx, caller)) refuse();
      await withForm(ctx, parts, async ({ file, fields }) => {
        if (!file) fail('No file uploaded');
        try {
          await createEmoji(ctx, { name: fields.get('name') ?? '', aliases: fields.get('aliases') }, file);
        } catch (error) {
          if (error instanceof Refusal && error.code === NAME_TAKEN) refuse();
          throw error;
        }
      });
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'emoji-custom.update',
    summary: 'Renames an emoji, or gives it another picture.',
    auth: 'user',
    multipart: true,
    async handler(ctx, { caller, parts }) {
      if (!mayManageEmoji(ctx, caller)) fail('not_authorized');
      await withForm(ctx, parts, async ({ file, fields }) => {
        const id = fields.get('_id');
        if (!id) fail('The required "_id" query param is missing.');
        const picture = file && file.temp.size > 0 ? file : undefined;
        const input = { name: fields.get('name') ?? '', aliases: fields.get('aliases') };
        await updateEmoji(ctx, id, input, picture);
      });
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'emoji-custom.delete',
    summary: 'Removes an emoji.',
    auth: 'user',
    body: strict({ emojiId: text }),
    async handler(ctx, { caller, body }) {
      if (!body.emojiId) refuse('The "emojiId" params is required!');
      await removeEmoji(ctx, caller, body.emojiId);
      return {};
    },
  }),
];

const NAME_TAKEN = 'Custom_Emoji_Error_Name_Or_Alias_Already_In_Use';

function withForm(
  ctx: Context,
  parts: RestRequest['parts'],
  work: (received: Received) => Promise<void>,
): Promise<void> {
  if (!parts) return refuse('Missing Content-Type');
  return withReceivedFile(ctx, parts, { field: 'emoji' }, work);
}

function dateOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const time = Date.parse(given);
  if (Number.isNaN(time)) {
    fail('error-roomId-param-invalid', 'The "updatedSince" query parameter must be a valid date.');
  }
  return time;
}
