import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Preview } from './preview.ts';
import { isPreviewable } from './preview-job.ts';
import { previewsOf } from './show-previews.ts';

/** Longer than any page is waited for. */
const PATIENCE_MS = 65_000;

export interface UrlPreview extends Preview {
  url: string;
  ignoreParse: true;
}

/**
 * What a page says of itself, before a message links to it (spec 30 `chat.getURLPreview`). Nothing is known of a page that
 * cannot be reached, or where the workspace shows no previews.
 *
 * @throws error-not-allowed
 */
export async function urlPreview(
  ctx: Context,
  caller: Caller,
  { rid, url }: { rid: string; url: string },
): Promise<UrlPreview> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not allowed');
  const isShown = ctx.settings.bool('API_Embed') && isPreviewable(url);
  const previews = isShown ? await previewsOf(ctx, [url], AbortSignal.timeout(PATIENCE_MS)) : undefined;
  return { url, ...(previews?.get(url) ?? { meta: {} }), ignoreParse: true };
}
