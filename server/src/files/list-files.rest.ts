import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { orderBy, pageMembers, pageOf } from '../rest/list-params.ts';
import { listMembers } from '../rest/schemas.ts';
import type { Room } from '../rooms/room.ts';
import { FILE_SORT, findRoomFiles, findRoomImages } from './find-files.ts';
import { presentUpload, presentUploads } from './present-upload.ts';
import { roomForFiles } from './upload-to-room.ts';

/** What the lists of files take beside the room (spec 10 §10.7, spec 11 §3 `im.files`). */
export const filesMembers = {
  ...listMembers,
  name: Type.Optional(Type.String()),
  typeGroup: Type.Optional(Type.String()),
  onlyConfirmed: Type.Optional(Type.Boolean()),
};

interface FilesQuery {
  offset?: number;
  count?: number;
  sort?: string;
  name?: string;
  typeGroup?: string;
  onlyConfirmed?: boolean;
}

/** The answer of `channels.files`, `groups.files` and `im.files`; the caller has checked the access. */
export async function filesAnswer(ctx: Context, room: Room, query: FilesQuery) {
  const page = pageOf(ctx.settings, query);
  const order = orderBy(query.sort, FILE_SORT, [{ column: FILE_SORT.name, direction: 'asc' }]);
  const { name, onlyConfirmed } = query;
  // Clients say "all" for every type.
  const typeGroup = query.typeGroup === 'all' ? undefined : query.typeGroup;
  const { files, total } = await findRoomFiles(ctx, room.id, { name, typeGroup, onlyConfirmed }, order, page);
  const shown = await presentUploads(ctx, files);
  return { files: shown, ...pageMembers(page, shown, total) };
}

interface ImagesQuery {
  roomId: string;
  startingFromId?: string;
  offset?: number;
  count?: number;
}

/** `count` is the number that was asked for (spec 11 §4 `rooms.images`). */
export async function imagesAnswer(ctx: Context, caller: Caller, query: ImagesQuery) {
  const room = await roomForFiles(ctx, caller, query.roomId);
  const page = pageOf(ctx.settings, query);
  const { files, total } = await findRoomImages(ctx, room.id, query.startingFromId, page);
  return {
    files: files.map((file) => presentUpload(ctx, file)),
    count: query.count ?? page.count,
    offset: page.offset,
    total,
  };
}
