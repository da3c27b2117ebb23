import { representBytes } from '../files/represent-bytes.rest.ts';
import { representFile } from '../files/represent-file.rest.ts';
import type { DownloadRoute, Representation } from '../rest/download.ts';
import { emojiPicture } from './custom-emoji.ts';
import { soundFile } from './custom-sounds.ts';

/** `/emoji-custom/<name>.<ext>` and `/custom-sounds/<id>.<ext>` (spec 23), for everybody. */

/** Another picture has another `etag` in its address. */
const HEADERS = {
  'cache-control': 'public, max-age=31536000',
  'content-disposition': 'inline',
  'content-security-policy': "default-src 'none'",
};

const withoutExtension = (file: string | undefined): string => (file ?? '').replace(/\.[^.]*$/, '');

export const customizationDownloads: DownloadRoute[] = [
  { path: '/emoji-custom/', handler: async () => ({ status: 403 }) },
  {
    path: '/emoji-custom/:file',
    async handler(ctx, { params }) {
      const picture = await emojiPicture(ctx, withoutExtension(params.file));
      return picture ? representFile(ctx, picture, HEADERS) : unknownEmoji();
    },
  },
  {
    path: '/custom-sounds/:file',
    async handler(ctx, { params }) {
      const sound = await soundFile(ctx, withoutExtension(params.file));
      return sound ? representFile(ctx, sound, HEADERS) : { status: 404 };
    },
  },
];

const PLACEHOLDER = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128">' +
    '<circle cx="64" cy="64" r="56" fill="#cbced1"/>' +
    '<text x="64" y="88" font-family="sans-serif" font-size="72" text-anchor="middle" fill="#fff">?</text></svg>',
);
const PLACEHOLDER_SINCE = Date.UTC(2026, 0, 1);

/** Messages outlive the emoji in them: clients show this in its place. Not kept long, as the emoji may come back. */
function unknownEmoji(): Representation {
  const headers = { ...HEADERS, 'cache-control': 'public, max-age=300' };
  return representBytes(
    { type: 'image/svg+xml', bytes: PLACEHOLDER },
    { modifiedAt: PLACEHOLDER_SINCE, headers },
  );
}
