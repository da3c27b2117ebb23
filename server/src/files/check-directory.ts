import type { Context } from '../context.ts';
import { filesDirectory } from './blobs/blobs.ts';
import { storeForNew } from './store-file.ts';

/** At the start of one of several nodes: no node can see what is in the directory of another. */
export function warnOfDirectory(ctx: Context): void {
  if (storeForNew(ctx) === 'AmazonS3') return;
  ctx.log.warn(
    { directory: filesDirectory(ctx.config.dataDir) },
    'uploaded files are kept in a directory, which must be the same one for all nodes; or set FileUpload_Storage_Type to AmazonS3',
  );
}
