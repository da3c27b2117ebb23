import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import { countPresentUsers } from '../accounts/list-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { commaList } from '../kernel/comma-list.ts';
import { fail, refuse, unauthorized } from '../kernel/errors.ts';
import { escapeHtml } from '../kernel/escape-html.ts';

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
      return badge({ name, icon, text: `${await countPresentUsers(ctx)} Online`, colour: OTHERWISE });
    case 'channel':
      if (!channel) refuse('Shield channel is required for type "channel"');
      return badge({ name, icon, text: `#${channel}`, colour: OTHERWISE });
    case 'user': {
      if (settings.bool('API_Shield_user_require_auth') && !caller) unauthorized();
      const user = await personOf(ctx, caller, input.username);
      return badge({
        name,
        icon,
        text: `@${user.username ?? ''}`,
        colour: COLOURS[user.status] ?? OTHERWISE,
      });
    }
    default:
      return badge({ name, icon, text: 'JOIN CHAT', colour: OTHERWISE });
  }
}

/** Who is named, else whoever asks. */
async function personOf(ctx: Context, caller: Caller | null, username: string | undefined): Promise<User> {
  const named = username ? findUserByUsername(ctx, username) : caller && findUserById(ctx, caller.uid);
  const user = await named;
  if (!user?.active) fail('error-invalid-user', 'Invalid user');
  return user;
}

const ICON = 17;
/** About what a letter takes of 11 px. */
const LETTER = 7;

/** 20 px high: the name on grey at the left, the text on its colour at the right. */
function badge(parts: { name: string; icon: boolean; text: string; colour: string }): string {
  const textAt = parts.icon ? ICON + LETTER : LETTER;
  const left = textAt + parts.name.length * LETTER + 1;
  const right = parts.text.length * LETTER + 11;
  const width = left + right;
  const twice = (x: number, text: string) =>
    `<text x="${x}" y="15" fill="#010101" fill-opacity=".3">${escapeHtml(text)}</text>` +
    `<text x="${x}" y="14">${escapeHtml(text)}</text>`;
  const icon = parts.icon ? '<image x="5" y="3" width="14" height="14" href="/assets/favicon.svg"/>' : '';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20">` +
    '<linearGradient id="b" x2="0" y2="100%"><stop offset="0" stop-color="#bbb" stop-opacity=".1"/>' +
    '<stop offset="1" stop-opacity=".1"/></linearGradient>' +
    `<mask id="a"><rect width="${width}" height="20" rx="3" fill="#fff"/></mask><g mask="url(#a)">` +
    `<path fill="#555" d="M0 0h${left}v20H0z"/><path fill="${parts.colour}" d="M${left} 0h${right}v20H${left}z"/>` +
    `<path fill="url(#b)" d="M0 0h${width}v20H0z"/></g>${icon}` +
    '<g fill="#fff" font-family="DejaVu Sans,Verdana,Geneva,sans-serif" font-size="11">' +
    `${twice(textAt, parts.name)}${twice(left + LETTER, parts.text)}</g></svg>`
  );
}
