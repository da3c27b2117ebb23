import { Type } from 'typebox';
import { presentMessage } from '../messages/present-messages.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, pagingMembers, strict } from '../rest/schemas.ts';
import { deleteUpload } from './delete-upload.ts';
import { filePath } from './file.ts';
import { imagesAnswer } from './list-files.rest.ts';
import { type FileMessage, sendUpload } from './send-upload.ts';
import { uploadToRoom } from './upload-to-room.ts';

/** Uploading, sending, listing and removing files of rooms (spec 11 §4, §5). */

const text = Type.Optional(Type.String());

const TYPES_DIFFER =
  'A picture, sound or film whose bytes do not look like one is kept as `application/octet-stream`, whatever type was given.';

export const fileEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'rooms.media/:rid',
    summary: 'Uploads a file for a room; rooms.mediaConfirm sends it.',
    auth: 'user',
    multipart: true,
    partly: TYPES_DIFFER,
    response: freeObject,
    async handler(ctx, { caller, params, parts }) {
      const { file } = await uploadToRoom(ctx, caller, params.rid ?? '', parts);
      return { file: { _id: file.id, url: filePath(file) } };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'rooms.mediaConfirm/:rid/:fileId',
    summary: 'Sends an uploaded file as a message.',
    auth: 'user',
    body: strict({
      description: text,
      msg: text,
      tmid: text,
      groupable: Type.Optional(Type.Boolean()),
      alias: text,
      avatar: text,
      emoji: text,
      customFields: Type.Optional(
        Type.Unsafe<string | Record<string, unknown>>({ type: ['string', 'object'] }),
      ),
      t: text,
      content: Type.Optional(freeObject),
      fileName: text,
      fileContent: Type.Optional(freeObject),
    }),
    response: freeObject,
    partly:
      'A file is sent once: confirming it again answers the message that was sent, with another text `invalid-file`.',
    async handler(ctx, { caller, params, body }) {
      const { rid = '', fileId = '' } = params;
      const message = await sendUpload(ctx, caller, { rid, fileId }, body as FileMessage);
      return { message: await presentMessage(ctx, caller, message) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'rooms.upload/:rid',
    summary: 'Uploads a file and sends it, in one step.',
    auth: 'user',
    multipart: true,
    partly: TYPES_DIFFER,
    response: freeObject,
    deprecated: { version: '8.0.0', info: 'rooms.media and rooms.mediaConfirm' },
    async handler(ctx, { caller, params, parts }) {
      const rid = params.rid ?? '';
      const { file, fields } = await uploadToRoom(ctx, caller, rid, parts);
      const said = Object.fromEntries(
        MESSAGE_FIELDS.filter((name) => fields.has(name)).map((name) => [name, fields.get(name)]),
      );
      const groupable = fields.get('groupable') === 'true';
      const message = await sendUpload(ctx, caller, { rid, fileId: file.id }, { ...said, groupable });
      return { message: await presentMessage(ctx, caller, message) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'uploads.delete',
    summary: 'Removes one file; the message that shows it stays.',
    auth: 'user',
    body: strict({ fileId: Type.String() }),
    response: freeObject,
    handler: async (ctx, { caller, body }) => ({
      deletedFiles: await deleteUpload(ctx, caller, body.fileId),
    }),
  }),
  endpoint({
    method: 'GET',
    path: 'rooms.images',
    summary: 'Pictures that were uploaded to a room, newest first.',
    auth: 'user',
    query: strict({ roomId: Type.String(), startingFromId: text, ...pagingMembers }),
    response: freeObject,
    handler: (ctx, { caller, query }) => imagesAnswer(ctx, caller, query),
  }),
];

/** Text parts of `rooms.upload` that become members of the message. */
const MESSAGE_FIELDS = ['description', 'msg', 'tmid', 'alias', 'avatar', 'emoji', 'customFields', 't'];
