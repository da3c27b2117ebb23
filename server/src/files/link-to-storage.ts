import type { Context } from '../context.ts';
import type { StoredFile } from './file.ts';

export interface StorageLink {
  url: string;
  /** ms */
  expiresAt: number;
}

/**
 * Where a bucket gives the file out itself (spec 11 §5, "object storage"): unless `FileUpload_S3_Proxy_<kind>` says that the
 * server stands in between. Undefined for files on the disk.
 */
export async function linkToStorage(
  ctx: Context,
  { store, blobKey, type }: StoredFile,
  kind: 'Uploads' | 'UserDataFiles',
  disposition: string,
): Promise<StorageLink | undefined> {
  const place = ctx.blobs.store(store);
  if (!place.link || ctx.settings.bool(`FileUpload_S3_Proxy_${kind}`)) return undefined;
  const { url, seconds } = await place.link(blobKey, { disposition, type });
  return { url, expiresAt: ctx.clock.now() + seconds * 1000 };
}

/** The address is for this request alone. */
export const redirectTo = ({ url }: StorageLink) => ({
  status: 302,
  headers: { location: url, 'cache-control': 'private, no-store' },
});
