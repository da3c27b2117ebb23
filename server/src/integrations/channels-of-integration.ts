import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { getMembership, getRoomByIdOrName } from '../rooms/get-room.ts';
import { isActiveMember } from '../rooms/membership.ts';
import { ROOM_SCOPES } from './integration.ts';
import { managesAll, managesOwn } from './integration-rights.ts';

/** More rooms than anybody lists by hand. */
const MAX_CHANNELS = 200;

/** `#general, @bob` -> its parts. @throws error-invalid-channel-start-with-chars, error-invalid-channel */
export function parseChannels(text: string, method: string, scopes: readonly string[] = []): string[] {
  const channels = text.split(',').map((name) => name.trim());
  if (channels.length > MAX_CHANNELS) fail('error-invalid-channel', 'Invalid channel', { method });
  for (const channel of channels) {
    if (/^[@#]/.test(channel) || scopes.includes(channel)) continue;
    fail('error-invalid-channel-start-with-chars', 'Invalid channel. Start with @ or #', { method });
  }
  return channels;
}

/**
 * Whoever manages only own webhooks binds them to rooms that person is in (spec 31 §2.1).
 *
 * @throws error-invalid-room, error-invalid-channel
 */
export async function refuseForeignChannels(
  ctx: Context,
  caller: Caller,
  channels: readonly string[],
  { direction, method }: { direction: 'incoming' | 'outgoing'; method: string },
): Promise<void> {
  const mayAll = managesAll(ctx, caller, direction);
  for (const channel of channels) {
    if ((ROOM_SCOPES as readonly string[]).includes(channel)) {
      if (channel !== 'all_public_channels' && !mayAll) {
        fail('error-invalid-channel', 'Invalid Channel', { method });
      }
      continue;
    }
    const name = channel.slice(1);
    const target = channel.startsWith('#')
      ? (await getRoomByIdOrName(ctx, name))?.id
      : (await userByIdOrName(ctx, name))?._id;
    if (target === undefined) fail('error-invalid-room', 'Invalid room', { method });
    if (mayAll && managesOwn(ctx, caller, direction)) continue;
    // A person is no room, so nobody is a member there: it takes both permissions to write to people.
    const isMember = isActiveMember(await getMembership(ctx, target, caller.uid));
    if (!isMember) fail('error-invalid-channel', 'Invalid Channel', { method });
  }
}

export const userByIdOrName = async (ctx: Context, idOrName: string): Promise<User | undefined> =>
  (await findUserById(ctx, idOrName)) ?? findUserByUsername(ctx, idOrName);
