import { findUserById } from '../accounts/find-users.ts';
import type { LinkedIdentity, User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { guardedFetch } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';

/** A picture that another service has of somebody (spec 21, `users.getAvatarSuggestion`). */
export interface AvatarSuggestion {
  service: string;
  url: string;
  contentType: string;
  /** A data address. */
  blob: string;
}

/** They travel inside of JSON. */
const MAX_BYTES = 1024 ** 2;
const TIMEOUT_MS = 5000;

/** What the services by which the caller logs in show of them, by service. Pictures that cannot be had are left out. */
export async function suggestAvatars(
  ctx: Context,
  caller: Caller,
): Promise<Record<string, AvatarSuggestion>> {
  const user = await findUserById(ctx, caller.uid);
  return user ? suggestionsFor(ctx, user) : {};
}

export async function suggestionsFor(
  ctx: Context,
  { identities = [] }: Pick<User, 'identities'>,
): Promise<Record<string, AvatarSuggestion>> {
  const found = await Promise.all(identities.map((identity) => pictureOf(ctx, identity)));
  return Object.fromEntries(found.flatMap((picture) => (picture ? [[picture.service, picture]] : [])));
}

async function pictureOf(
  ctx: Context,
  { service, picture: url }: LinkedIdentity,
): Promise<AvatarSuggestion | undefined> {
  if (url === undefined) return undefined;
  try {
    const limits = { maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, allowedTypes: ['image/'] };
    const { status, headers, body } = await guardedFetch(ctx, url, limits);
    if (status !== 200) return undefined;
    const [contentType = ''] = (headers['content-type'] ?? '').split(';');
    return { service, url, contentType, blob: `data:${contentType};base64,${body.toString('base64')}` };
  } catch (error) {
    if (error instanceof OutboundError) return undefined;
    throw error;
  }
}
