import type { Context } from '../context.ts';
import { jobHandler } from '../jobs/job.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { changeMessage } from '../messages/change-message.ts';
import { findMessage } from '../messages/find-message.ts';
import type { MessageUrl } from '../messages/message.ts';
import { getRoom } from '../rooms/get-room.ts';
import { fetchPreview } from './fetch-preview.ts';
import type { Preview } from './preview.ts';
import { previewedUrls } from './preview-job.ts';
import { forgetPreviewsBefore, keepPreview, keptPreviews } from './previews.store.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A longer address is fetched for each message: it would not fit into an index on every database. */
const MAX_KEPT_URL = 2000;

/** Looks at what a message links to, and shows it in the message (spec 30 §4.9). */
export const previewJob = jobHandler({
  kind: 'messages.preview',
  concurrency: 4,
  // A page that cannot be had now is not worth a second try; this is for a process that died.
  attempts: 2,
  timeoutMs: 90_000,
  async run(ctx, job) {
    const message = await findMessage(ctx, job.payload.messageId);
    const room = message && (await getRoom(ctx, message.rid));
    if (!room) return;
    const previews = await previewsOf(ctx, previewedUrls(ctx, message), job.signal);
    if (previews.size === 0) return;
    await changeMessage(ctx, room, message._id, (current) => {
      const urls = current.urls?.map((url) => withPreview(url, previews));
      const isNew = urls?.some((url, index) => url !== current.urls?.[index]);
      return urls && isNew ? { message: { ...current, urls } } : undefined;
    });
  },
});

/** An edit may have changed the links meanwhile, and has a job of its own. */
function withPreview(link: MessageUrl, previews: ReadonlyMap<string, Preview>): MessageUrl {
  const preview = previews.get(link.url);
  return preview && !link.ignoreParse ? { ...link, ...preview } : link;
}

/** What is known of pages, or found out now; those that cannot be reached are left out. */
export async function previewsOf(
  ctx: Context,
  urls: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Preview>> {
  const known = await keptPreviews(ctx.db, urls, ctx.clock.now() - keptFor(ctx));
  const fetched = await Promise.all(
    urls
      .filter((url) => !known.has(url))
      .map(async (url) => ({ url, preview: await fetchPreview(ctx, url, signal) })),
  );
  const found = fetched.filter((entry): entry is { url: string; preview: Preview } => !!entry.preview);
  const kept = found.filter(({ url }) => url.length <= MAX_KEPT_URL);
  if (kept.length > 0) {
    await ctx.write(async (tx) => {
      for (const { url, preview } of kept) await keepPreview(tx, url, preview, ctx.clock.now());
    });
  }
  for (const { url, preview } of found) known.set(url, preview);
  return known;
}

const keptFor = (ctx: Context): number =>
  Math.max(0, ctx.settings.int('API_EmbedCacheExpirationDays')) * DAY_MS;

/** Fetches every page anew that a message links to from now on. Throws `error-not-allowed`. */
export async function forgetPreviews(ctx: Context, caller: Caller): Promise<void> {
  if (!ctx.permissions.has(caller, 'clear-oembed-cache'))
    fail('error-not-allowed', 'Not allowed', { method: 'OEmbedCacheCleanup' });
  await ctx.write((tx) => forgetPreviewsBefore(tx, ctx.clock.now() + 1));
}

/** Periodic work: pages change. */
export const forgetOldPreviews = (ctx: Context): Promise<void> =>
  ctx.write((tx) => forgetPreviewsBefore(tx, ctx.clock.now() - keptFor(ctx)));
