import type { Context, WriteScope } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';

/** A message with addresses that may be shown with a preview. */
export interface PreviewJob {
  messageId: string;
}

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'messages.preview': PreviewJob;
  }
}

interface Linking {
  _id: string;
  urls?: readonly { url: string; ignoreParse?: true }[];
  attachments?: readonly unknown[];
}

/** More links to other places than this, and a message has no previews (spec 30 §4.9). */
const MAX_LINKS = 5;

export const isPreviewable = (url: string): boolean => /^https?:\/\//i.test(url);

/** The addresses of a message that get previews; none where the workspace wants none. */
export function previewedUrls({ settings }: Pick<Context, 'settings'>, message: Linking): string[] {
  const { urls = [], attachments = [] } = message;
  if (urls.length === 0 || attachments.length > 0 || !settings.bool('API_Embed')) return [];
  const site = settings.text('Site_Url');
  const elsewhere = urls.filter(({ url }) => site === '' || !url.includes(site));
  if (elsewhere.length > MAX_LINKS) return [];
  return urls
    .filter(({ url, ignoreParse }) => !ignoreParse && isPreviewable(url))
    .slice(0, 2 * MAX_LINKS)
    .map(({ url }) => url);
}

/** In the transaction that stores a message, or changes its text: what its links lead to is looked at afterwards. */
export async function previewLater(
  ctx: Pick<Context, 'clock' | 'settings'>,
  write: WriteScope,
  message: Linking,
): Promise<void> {
  if (previewedUrls(ctx, message).length === 0) return;
  await enqueue(ctx, write, { kind: 'messages.preview', payload: { messageId: message._id } });
}
