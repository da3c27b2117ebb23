import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRooms } from '../rooms/get-room.ts';
import { findMessages } from './find-message.ts';
import type { Attachment, MessageUrl, WireMessage } from './message.ts';

/** Each quoted message may be of another room, whose access is checked: more links than this stay links. */
const MAX_QUOTES = 20;

export const isQuote = (attachment: Attachment): boolean => typeof attachment.message_link === 'string';

/**
 * Quotes of the messages that the text links to (spec 30 §4.8): those that exist and that the sender may read. Their
 * links are marked in `urls` so that nobody fetches a preview of them.
 */
export async function quotesOf(ctx: Context, caller: Caller, urls: MessageUrl[]): Promise<Attachment[]> {
  const links = messageLinks(urls, ctx.settings.text('Site_Url'));
  if (links.length === 0) return [];
  const messages = new Map(
    (await findMessages(ctx, [...new Set(links.map((link) => link.id))])).map((m) => [m._id, m]),
  );
  const readable = await readableRooms(ctx, caller, [...messages.values()]);
  const levels = ctx.settings.int('Message_QuoteChainLimit') - 1;
  const quotes: Attachment[] = [];
  for (const { url, id } of links) {
    const message = messages.get(id);
    if (!message || !readable.has(message.rid)) continue;
    url.ignoreParse = true;
    quotes.push(quote(ctx, message, url.url, levels));
  }
  return quotes;
}

function messageLinks(urls: readonly MessageUrl[], siteUrl: string): { url: MessageUrl; id: string }[] {
  if (siteUrl === '') return [];
  const links: { url: MessageUrl; id: string }[] = [];
  for (const url of urls) {
    if (links.length === MAX_QUOTES) break;
    const id =
      url.url.includes(siteUrl) && URL.canParse(url.url) ? new URL(url.url).searchParams.get('msg') : null;
    if (id) links.push({ url, id });
  }
  return links;
}

async function readableRooms(
  ctx: Context,
  caller: Caller,
  messages: readonly WireMessage[],
): Promise<Set<string>> {
  const readable = new Set<string>();
  for (const room of await getRooms(ctx, [...new Set(messages.map((message) => message.rid))])) {
    if (await canAccessRoom(ctx, caller, room)) readable.add(room.id);
  }
  return readable;
}

/** The attachment that quotes a message; `levels`: how many quotes inside it are kept. */
export function quote(ctx: Context, message: WireMessage, link: string, levels: number): Attachment {
  const author = ctx.settings.bool('UI_Use_Real_Name')
    ? message.u.name || message.u.username
    : message.u.username;
  return {
    text: message.msg,
    ...(message.md ? { md: message.md } : {}),
    ...(message.translations ? { translations: message.translations } : {}),
    message_link: link,
    author_name: message.alias || author,
    author_icon: avatarPath(message.u.username),
    attachments: withQuoteLevels(message.attachments ?? [], levels),
    ts: message.ts,
  };
}

export const avatarPath = (username: string): string => `/avatar/${encodeURIComponent(username)}`;

/** Keeps quotes inside quotes down to so many levels (`Message_QuoteChainLimit`); with none, no attachments at all. */
export function withQuoteLevels(attachments: readonly Attachment[], levels: number): Attachment[] {
  if (levels < 1) return [];
  return attachments.map((attachment) => {
    if (!isQuote(attachment) || !Array.isArray(attachment.attachments)) return attachment;
    const { attachments: nested, ...rest } = attachment;
    return levels === 1
      ? rest
      : { ...rest, attachments: withQuoteLevels(nested as Attachment[], levels - 1) };
  });
}
