import type { Context } from '../context.ts';
import { notFound } from '../kernel/errors.ts';
import type { Representation } from '../rest/download.ts';
import { BlobMissing } from './blobs/blob-store.ts';
import type { StoredFile } from './file.ts';

/** A stored file as an answer; `headers` are what differs between the doors. */
export function representFile(
  ctx: Context,
  file: StoredFile,
  headers: Readonly<Record<string, string>>,
): Representation {
  return {
    type: file.type,
    size: file.size,
    modifiedAt: file.uploadedAt,
    etag: file.etag,
    headers,
    async open(range) {
      try {
        return await ctx.blobs.store(file.store).open(file.blobKey, range);
      } catch (error) {
        if (!(error instanceof BlobMissing)) throw error;
        // Removed at this moment; or the directory was lost or not restored with the database.
        ctx.log.error({ file: file.id, store: file.store }, 'the bytes of a file are missing');
        notFound();
      }
    },
  };
}
