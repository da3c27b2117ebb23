import { Readable } from 'node:stream';
import type { Context } from '../context.ts';
import { representFile } from '../files/represent-file.rest.ts';
import { sha256hex } from '../kernel/ids.ts';
import type { DownloadRoute, Representation } from '../rest/download.ts';
import { assetFile } from './assets.ts';
import { defaultAsset } from './default-assets.ts';

const HEADERS = {
  // Who sets another picture wants it to be seen; an unchanged one costs a 304.
  'cache-control': 'public, max-age=600',
  'content-disposition': 'inline',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
};
const DRAWN_SINCE = Date.UTC(2026, 0, 1);

/** `/assets/<key>.<ext>`, for everybody (spec 23, "Assets"). */
export const assetDownload: DownloadRoute = {
  path: '/assets/:file',
  async handler(ctx, { params }) {
    const [, name = '', extension = ''] = /^(\w+)\.(\w+)$/.exec(params.file ?? '') ?? [];
    const custom = await assetFile(ctx, name);
    // Whatever extension is asked for: the workspace's picture and not ours.
    if (custom) return representFile(ctx, custom, HEADERS);
    return (await representDefault(ctx, name, extension)) ?? { status: 404 };
  },
};

async function representDefault(
  ctx: Context,
  name: string,
  extension: string,
): Promise<Representation | undefined> {
  const asset = await defaultAsset(ctx, name, extension);
  if (!asset) return undefined;
  const { type, bytes } = asset;
  return {
    type,
    size: bytes.length,
    modifiedAt: DRAWN_SINCE,
    etag: sha256hex(bytes.toString('base64')).slice(0, 16),
    headers: HEADERS,
    open: async (range) => Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]),
  };
}
