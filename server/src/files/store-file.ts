import type { Context } from '../context.ts';
import { refuse } from '../kernel/errors.ts';
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

/** The one place that is built: whatever `FileUpload_Storage_Type` says, files are kept on the disk. */
const STORE: StoreName = 'FileSystem';

/**
 * Stores the bytes of temporary files, in their order. Call `addFile` in the transaction that makes files of them. Until
 * then they are written down as to be removed, so that no failure and no crash leaves bytes that nobody knows of.
 */
export async function placeBlobs(
  ctx: Context,
  sources: readonly { temp: TempFile; type: string }[],
): Promise<PlacedBlob[]> {
  const blobs = sources.map(({ temp }) => ({ store: STORE, key: newId(), size: temp.size }));
  await ctx.write(async (tx) => {
    for (const blob of blobs) await doomBlob(tx, blob, ctx.clock.now() + UNFINISHED_MS);
  });
  for (const [index, { temp, type }] of sources.entries()) {
    await ctx.blobs.store(STORE).put((blobs[index] as PlacedBlob).key, temp, type);
  }
  return blobs;
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
