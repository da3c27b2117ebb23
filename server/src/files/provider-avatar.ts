import type { Context } from '../context.ts';
import { guardedFetch } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';

export interface ProvidedPicture {
  type: string;
  bytes: Buffer;
  /** ms; when it is not known, now. */
  modifiedAt: number;
}

/** The picture of a person where another service keeps them; undefined when it gives none. */
export async function fetchProvidedAvatar(
  ctx: Context,
  provider: string,
  username: string,
): Promise<ProvidedPicture | undefined> {
  const url = provider.replaceAll('{username}', encodeURIComponent(username));
  try {
    const { status, headers, body } = await guardedFetch(ctx, url, { allowedTypes: ['image/'] });
    if (status !== 200) return undefined;
    const modifiedAt = Date.parse(headers['last-modified'] ?? '');
    return {
      type: headers['content-type'] ?? 'application/octet-stream',
      bytes: body,
      modifiedAt: Number.isNaN(modifiedAt) ? ctx.clock.now() : modifiedAt,
    };
  } catch (error) {
    if (error instanceof OutboundError) return undefined;
    throw error;
  }
}
