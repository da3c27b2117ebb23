import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { type Received, withReceivedFile } from '../files/receive-upload.ts';
import { fail, Refusal, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint, type RestRequest } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { freeObject, listMembers, strict } from '../rest/schemas.ts';
import {
  createSound,
  getSound,
  listSounds,
  MAX_SOUND_BYTES,
  removeSound,
  updateSound,
} from './custom-sounds.ts';
import { presentSound } from './present-sound.ts';

const text = Type.Optional(Type.String());
const permissions = { all: ['manage-sounds'] };

/** Sounds that the workspace adds (spec 23, "Custom sounds"). */
export const customSoundEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'custom-sounds.list',
    summary: 'The custom sounds.',
    auth: 'user',
    query: strict({ ...listMembers, name: text }),
    response: freeObject,
    async handler(ctx, { query }) {
      const page = pageOf(ctx.settings, query);
      const [path, order] = parseSort(query.sort)?.[0] ?? [];
      const { sounds, total } = await listSounds(ctx, query.name, {
        ...page,
        column: path === '_id' ? 'id' : 'name',
        direction: order === -1 ? 'desc' : 'asc',
      });
      return { sounds: sounds.map(presentSound), ...pageMembers(page, sounds, total) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'custom-sounds.getOne',
    summary: 'One custom sound.',
    auth: 'user',
    query: strict({ _id: text }),
    response: freeObject,
    async handler(ctx, { query }) {
      if (!query._id) fail('The required "_id" query param is missing.');
      return { sound: presentSound(await getSound(ctx, query._id)) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'custom-sounds.create',
    summary: 'Adds a sound.',
    auth: 'user',
    permissions,
    multipart: true,
    response: freeObject,
    handler: (ctx, { parts }) =>
      withForm(ctx, parts, async ({ file, fields }) => {
        const name = required(fields, 'name');
        if (!file) return missing('sound');
        return { sound: { _id: await createSound(ctx, name, file) } };
      }),
  }),
  endpoint({
    method: 'POST',
    path: 'custom-sounds.update',
    summary: 'Renames a sound, or gives it another file.',
    auth: 'user',
    permissions,
    multipart: true,
    handler: (ctx, { parts }) =>
      withForm(ctx, parts, async ({ file, fields }) => {
        await updateSound(ctx, required(fields, '_id'), { name: required(fields, 'name'), file });
        return {};
      }),
  }),
  endpoint({
    method: 'POST',
    path: 'custom-sounds.delete',
    summary: 'Removes a sound.',
    auth: 'user',
    permissions,
    body: strict({ _id: Type.String({ minLength: 1 }) }),
    async handler(ctx, { body }) {
      await removeSound(ctx, body._id);
      return {};
    },
  }),
];

async function withForm(
  ctx: Context,
  parts: RestRequest['parts'],
  work: (received: Received) => Promise<object>,
): Promise<object> {
  if (!parts) return missing('sound');
  try {
    return await withReceivedFile(ctx, parts, { field: 'sound', maxBytes: MAX_SOUND_BYTES }, work);
  } catch (error) {
    // Here it is documented without a text.
    if (error instanceof Refusal && error.code === 'error-file-too-large') fail(error.code);
    throw error;
  }
}

const required = (fields: ReadonlyMap<string, string>, name: string): string =>
  fields.get(name) ?? missing(name);

/** As the schema of a body that is no form would say it. */
const missing = (name: string): never =>
  refuse(`must have required property '${name}'`, 'error-invalid-params');
