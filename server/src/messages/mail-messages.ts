import { findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { queueMail } from '../mail/send-mail.ts';
import { roomLabel } from '../rooms/room.ts';
import { findMessages } from './find-message.ts';
import type { Attachment } from './message.ts';
import { messageHtml } from './message-html.ts';
import { EXPORT_METHOD, roomToExport } from './room-to-export.ts';

/** Messages of a room that go to people by mail (spec 11 §4 `rooms.export`). */
export interface MailedMessages {
  rid: string;
  messages: readonly string[];
  /** Usernames. */
  toUsers: readonly string[];
  toEmails: readonly string[];
  subject: string;
}

/**
 * Mails the messages; each receiver gets a mail of its own and learns of no other. Returns the usernames that have no address.
 *
 * @throws error-action-not-allowed, error-invalid-room, error-not-allowed, error-invalid-recipient, error-invalid-message
 */
export async function mailMessages(ctx: Context, caller: Caller, wish: MailedMessages): Promise<string[]> {
  const room = await roomToExport(ctx, caller, wish.rid);
  const { found, missing } = await addressesOf(ctx, wish.toUsers);
  const addresses = new Set([...wish.toEmails.filter(isAddress), ...found]);
  if (addresses.size === 0) fail('error-invalid-recipient');
  const messages = (await findMessages(ctx, wish.messages))
    .filter((message) => message.rid === room.id)
    .sort((a, b) => a.ts.getTime() - b.ts.getTime());
  if (messages.length === 0)
    fail('error-invalid-message', 'None of the messages is in the room', { method: EXPORT_METHOD });
  const site = ctx.settings.text('Site_Url');
  const linkOf = ({ title_link: link }: Attachment) =>
    typeof link === 'string' && link.startsWith('/') ? `${site}${link}` : link;
  const html = messages.map((message) => messageHtml(message, linkOf)).join('\n');
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
