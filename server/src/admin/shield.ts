import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import { countPresentUsers } from '../accounts/list-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { commaList } from '../kernel/comma-list.ts';
import { fail, refuse, unauthorized } from '../kernel/errors.ts';
import { presentBadge } from './present-badge.ts';

/** The badge of the workspace for other pages (spec 23, "Administration"). */

export interface ShieldInput {
  type?: string | undefined;
  channel?: string | undefined;
  name?: string | undefined;
  icon?: boolean | undefined;
  username?: string | undefined;
}

const OTHERWISE = '#4c1';
const COLOURS: Readonly<Record<string, string>> = {
  online: '#1fb31f',
  away: '#dc9b01',
  busy: '#bc2031',
  offline: '#a5a1a1',
};

/**
 * The badge as SVG.
 *
 * @throws error-endpoint-disabled, error-shield-disabled; what is missing (plain); 401; error-invalid-user
 */
export async function shield(ctx: Context, caller: Caller | null, input: ShieldInput): Promise<string> {
  const { settings } = ctx;
  const { type, channel, name = '', icon = true } = input;
  if (!settings.bool('API_Enable_Shields')) fail('error-endpoint-disabled', 'This endpoint is disabled');
  const types = settings.text('API_Shield_Types').trim();
  if (types !== '*' && !commaList(types).includes(type ?? ''))
    fail('error-shield-disabled', 'This shield type is disabled');
  if (!icon && name === '') refuse('Name cannot be empty when icon is hidden');

  switch (type) {
    case 'online':
      return presentBadge({ name, icon, text: `${await countPresentUsers(ctx)} Online`, colour: OTHERWISE });
    case 'channel':
      if (!channel) refuse('Shield channel is required for type "channel"');
      return presentBadge({ name, icon, text: `#${channel}`, colour: OTHERWISE });
    case 'user': {
      if (settings.bool('API_Shield_user_require_auth') && !caller) unauthorized();
      const user = await personOf(ctx, caller, input.username);
      return presentBadge({
        name,
        icon,
        text: `@${user.username ?? ''}`,
        colour: COLOURS[user.status] ?? OTHERWISE,
      });
    }
    default:
      return presentBadge({ name, icon, text: 'JOIN CHAT', colour: OTHERWISE });
  }
}

/** Who is named, else whoever asks. */
async function personOf(ctx: Context, caller: Caller | null, username: string | undefined): Promise<User> {
  const named = username ? findUserByUsername(ctx, username) : caller && findUserById(ctx, caller.uid);
  const user = await named;
  if (!user?.active) fail('error-invalid-user', 'Invalid user');
  return user;
}
