import { findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { escapeHtml } from '../kernel/escape-html.ts';
import { queueMail } from '../mail/send-mail.ts';
import { canAccessRoom, hasInRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import { roomLabel } from '../rooms/room.ts';
import { findMessages } from './find-message.ts';
import type { WireMessage } from './message.ts';

/** Messages of a room that go to people by mail (spec 11 §4 `rooms.export`). */
export interface MailedMessages {
  rid: string;
  messages: readonly string[];
  /** Usernames. */
  toUsers: readonly string[];
  toEmails: readonly string[];
  subject: string;
}

const METHOD = 'roomsExport';

/**
 * Mails the messages; each receiver gets a mail of its own and learns of no other. Returns the usernames that have no address.
 *
 * @throws error-action-not-allowed, error-invalid-room, error-not-allowed, error-invalid-recipient, error-invalid-message
 */
export async function mailMessages(ctx: Context, caller: Caller, wish: MailedMessages): Promise<string[]> {
  if (!(await hasInRoom(ctx, caller, 'mail-messages', wish.rid))) {
    fail('error-action-not-allowed', 'Mailing is not allowed', { method: METHOD, action: 'Mailing' });
  }
  const room = await getRoom(ctx, wish.rid);
  if (!room) fail('error-invalid-room');
  if (!(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not Allowed', { method: METHOD });
  const { found, missing } = await addressesOf(ctx, wish.toUsers);
  const addresses = new Set([...wish.toEmails.filter(isAddress), ...found]);
  if (addresses.size === 0) fail('error-invalid-recipient');
  const messages = (await findMessages(ctx, wish.messages))
    .filter((message) => message.rid === room.id)
    .sort((a, b) => a.ts.getTime() - b.ts.getTime());
  if (messages.length === 0)
    fail('error-invalid-message', 'None of the messages is in the room', { method: METHOD });
  const html = messages.map((message) => asHtml(ctx, message)).join('\n');
  const subject = wish.subject.trim().slice(0, 200) || `Messages from ${roomLabel(room)}`;
  await ctx.write(async (tx, emit) => {
    for (const to of addresses) await queueMail(ctx, { tx, emit }, { to, subject, html });
  });
  return missing;
}

const isAddress = (text: string): boolean => text.length <= 254 && /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(text);

async function addressesOf(
  ctx: Context,
  usernames: readonly string[],
): Promise<{ found: string[]; missing: string[] }> {
  const users = usernames.length > 0 ? await findUsers(ctx, { usernames }) : [];
  const byName = new Map(users.map((user) => [user.username?.toLowerCase(), user.emails[0]?.address]));
  const found: string[] = [];
  const missing: string[] = [];
  for (const username of usernames) {
    const address = byName.get(username.toLowerCase());
    if (address === undefined) missing.push(username);
    else found.push(address);
  }
  return { found, missing };
}

/** Somebody's text is never markup. Files are named with their links, which ask for a login. */
function asHtml(ctx: Context, { u, alias, ts, msg, attachments = [] }: WireMessage): string {
  const site = ctx.settings.text('Site_Url');
  const files = attachments.flatMap(({ title, title_link: link }) => {
    if (typeof title !== 'string' || typeof link !== 'string') return [];
    const href = link.startsWith('/') ? `${site}${link}` : link;
    const isWeb = /^https?:\/\//.test(href);
    return [`<br>${isWeb ? `<a href="${escapeHtml(href)}">${escapeHtml(title)}</a>` : escapeHtml(title)}`];
  });
  const text = escapeHtml(msg).replaceAll('\n', '<br>');
  const author = escapeHtml(alias ?? u.username ?? '');
  return `<p><strong>${author}</strong> <small>${ts.toISOString()}</small><br>${text}${files.join('')}</p>`;
}
