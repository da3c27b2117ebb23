import type { Context } from '../context.ts';
import type { FileKind, StoredFile } from './file.ts';
import {
  FILE_SORT,
  type FileOrder,
  fileById,
  fileOf,
  nextSentFiles,
  type RoomFilesFilter,
  roomFilesPage,
  type SentFiles,
} from './files.store.ts';

export { FILE_SORT } from './files.store.ts';

/** An upload by its id, unless it is hidden. No access check. */
export async function findFile(ctx: Context, id: string): Promise<StoredFile | undefined> {
  const file = await fileById(ctx.db, id);
  return file?.kind === 'upload' && !file.hidden ? file : undefined;
}

/** A file that another feature keeps and knows the id of. */
export async function findFileOfKind(
  ctx: Context,
  id: string,
  kind: Exclude<FileKind, 'upload'>,
): Promise<StoredFile | undefined> {
  const file = await fileById(ctx.db, id);
  return file?.kind === kind ? file : undefined;
}

/** A page of what was uploaded to a room; the caller decides who may see it (spec 10 §10.7). */
export const findRoomFiles = (
  ctx: Context,
  rid: string,
  filter: RoomFilesFilter,
  order: readonly FileOrder[],
  page: { offset: number; count: number },
): Promise<{ files: StoredFile[]; total: number }> => roomFilesPage(ctx.db, rid, filter, order, page);

/**
 * Pictures of a room, newest first (spec 11 §4 `rooms.images`). With `startingFromId` only those that were there when that
 * one came, and that one in any case.
 */
export async function findRoomImages(
  ctx: Context,
  rid: string,
  startingFromId: string | undefined,
  page: { offset: number; count: number },
): Promise<{ files: StoredFile[]; total: number }> {
  const start = startingFromId === undefined ? undefined : await findFile(ctx, startingFromId);
  const from = start?.rid === rid ? start : undefined;
  const filter = { typeGroup: 'image', ...(from ? { until: from.uploadedAt } : {}) };
  const newestFirst = [{ column: FILE_SORT.uploadedAt, direction: 'desc' as const }];
  const { files, total } = await roomFilesPage(ctx.db, rid, filter, newestFirst, page);
  const isMissing = from && !files.some((file) => file.id === from.id);
  return { files: isMissing ? [from, ...files] : files, total };
}

const PAGE = 200;

/** Every sent file of a person or of a stretch of a room, page by page, the oldest first. No access check. */
export async function* sentFiles(ctx: Context, wanted: SentFiles): AsyncGenerator<StoredFile> {
  let page: StoredFile[] = [];
  do {
    page = await nextSentFiles(ctx.db, wanted, page.at(-1), PAGE);
    yield* page;
  } while (page.length === PAGE);
}

/** The picture that a person chose. */
export const avatarFileOf = (ctx: Context, uid: string): Promise<StoredFile | undefined> =>
  fileOf(ctx.db, 'avatar', { uid });
