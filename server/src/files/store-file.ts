import type { Context } from '../context.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import type { StoreName } from './blobs/blob-store.ts';
import type { TempFile } from './blobs/scratch.ts';
import type { FileDoc, FileKind, StoredFile } from './file.ts';
import { type Blob, doomBlob, insertFile, spareBlob } from './files.store.ts';

/** Bytes that are stored and belong to no file yet. */
export interface PlacedBlob extends Blob {
  size: number;
}

export interface NewFile extends Partial<Omit<FileDoc, 'etag' | 'token'>> {
  /** Default: a new one. */
  id?: string;
  kind: FileKind;
  rid?: string;
  uid?: string;
  name: string;
  type: string;
  /** Default: the part of `type` before the slash. */
  typeGroup?: string;
  originalId?: string;
  expiresAt?: number;
}

/** Bytes that do not belong to a file by then are taken for those of an upload that failed. */
const UNFINISHED_MS = 2 * 60 * 60_000;

/** Where new files go. Of the values of the setting a bucket and the disk are built: what is neither is the disk. */
export const storeForNew = ({ settings }: Pick<Context, 'settings'>): StoreName =>
  settings.text('FileUpload_Storage_Type') === 'AmazonS3' ? 'AmazonS3' : 'FileSystem';

/**
 * Stores the bytes of temporary files, in their order. Call `addFile` in the transaction that makes files of them. Until
 * then they are written down as to be removed, so that no failure and no crash leaves bytes that nobody knows of.
 *
 * @throws error-file-storage when a bucket does not take them
 */
export async function placeBlobs(
  ctx: Context,
  sources: readonly { temp: TempFile; type: string }[],
): Promise<PlacedBlob[]> {
  const store = storeForNew(ctx);
  const blobs = sources.map(({ temp }) => ({ store, key: newId(), size: temp.size }));
  await ctx.write(async (tx) => {
    for (const blob of blobs) await doomBlob(tx, blob, ctx.clock.now() + UNFINISHED_MS);
  });
  for (const [index, { temp, type }] of sources.entries()) {
    const { key } = blobs[index] as PlacedBlob;
    const placed = ctx.blobs.store(store).put(key, temp, type);
    await (store === 'FileSystem' ? placed : placed.catch((error) => refuseUnplaced(ctx, key, error)));
  }
  return blobs;
}

/** The same of one file. */
export async function placeBlob(ctx: Context, source: { temp: TempFile; type: string }): Promise<PlacedBlob> {
  const [blob] = await placeBlobs(ctx, [source]);
  return blob as PlacedBlob;
}

/** Another machine's fault is no fault of ours: who uploads learns that it may work later. */
function refuseUnplaced(ctx: Context, key: string, err: unknown): never {
  ctx.log.error({ err, key }, 'the bytes of a file were not stored');
  fail('error-file-storage', 'The place where files are kept does not take any; nothing was stored');
}

/** Makes a file of stored bytes. */
export async function addFile(ctx: Context, tx: Tx, blob: PlacedBlob, file: NewFile): Promise<StoredFile> {
  if (!(await spareBlob(tx, blob.key))) refuse('The upload took too long');
  const { id, rid, uid, originalId, typeGroup, expiresAt, ...rest } = file;
  const now = ctx.clock.stamp();
  const stored: StoredFile = {
    ...rest,
    id: id ?? newId(),
    rid: rid ?? null,
    uid: uid ?? null,
    messageId: null,
    originalId: originalId ?? null,
    typeGroup: typeGroup ?? file.type.replace(/\/.*/s, ''),
    size: blob.size,
    hidden: false,
    uploadedAt: now,
    updatedAt: now,
    expiresAt: expiresAt ?? null,
    store: blob.store,
    blobKey: blob.key,
    etag: newId(),
    token: newId(),
  };
  await insertFile(tx, stored);
  return stored;
}
