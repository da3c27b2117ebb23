import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { highlightedMembers } from '../rooms/highlights.ts';
import { coverBadWords } from './bad-words.ts';
import { sendEphemeral } from './ephemeral.ts';
import type { Root } from './markdown/parse.ts';
import { type EncryptedMentions, findMentions } from './mentions.ts';
import type { Attachment, WireMessage } from './message.ts';
import { isQuote, quotesOf } from './quotes.ts';
import { mayHere, type Place } from './sending-rules.ts';
import { linksOf, textTree } from './text-tree.ts';
import { type AddressSource, messageUrls } from './urls.ts';

/** What a message is made from; a new one and an edited one alike. */
export interface Source {
  msg: string;
  attachments: readonly Attachment[] | undefined;
  /** What an encrypted message says is not in its text. */
  isEncrypted: boolean;
  e2eMentions: EncryptedMentions | undefined;
  /** False: no `urls` and no quotes. */
  parseUrls: boolean;
  previewUrls: readonly string[] | undefined;
}

export interface Composed {
  /** The members of the message that follow from its source. */
  parts: Pick<WireMessage, 'msg' | 'md' | 'mentions' | 'channels' | 'urls' | 'attachments'>;
  /** Users who are meant by name or by team. */
  mentionedIds: string[];
  /** Members one of whose highlight words stands in the text; of edits nobody is told again. */
  highlightedIds: string[];
  groupMention: boolean;
}

/**
 * Steps 2 to 9 of the pipeline (spec 30 §4). For an edit the permissions of @all and @here are not asked again.
 *
 * @throws error-action-not-allowed for @all and @here
 */
export async function composeMessage(
  ctx: Context,
  caller: Caller,
  place: Place,
  source: Source,
  isEdit: boolean,
): Promise<Composed> {
  const [mentioned, highlightedIds] = await Promise.all([
    findMentions(ctx, source.msg, source.e2eMentions),
    isEdit || source.msg === '' ? [] : highlightedMembers(ctx, place.room.id, source.msg),
  ]);
  if (mentioned.all || mentioned.here) {
    refuseInLargeRooms(ctx, caller, place, isEdit);
    if (!isEdit) refuseGroupMentions(ctx, caller, place, mentioned);
  }
  const msg = coverBadWords(ctx.settings, source.msg);
  const md = source.isEncrypted ? undefined : textTree(ctx, msg);
  const urls = source.parseUrls ? messageUrls(addressSource(ctx, source, msg, md)) : undefined;
  const quotes = urls && urls.length > 0 ? await quotesOf(ctx, caller, urls) : [];
  // Quotes are always rebuilt from the text (spec 30 §4.8).
  const attachments = source.attachments?.filter((attachment) => !isQuote(attachment)) ?? [];
  const all = withDescriptionTree(ctx, [...attachments, ...quotes]);
  const parts: Composed['parts'] = { msg, mentions: mentioned.mentions, channels: mentioned.channels };
  if (md) parts.md = md;
  if (urls) parts.urls = urls;
  if (source.attachments || all.length > 0) parts.attachments = all;
  return {
    parts,
    mentionedIds: mentioned.userIds,
    highlightedIds,
    groupMention: mentioned.all || mentioned.here,
  };
}

/** Whoever sends is told in the room of every refusal; of this one whoever edits is, too. */
function refuseInLargeRooms(ctx: Context, caller: Caller, { room }: Place, isEdit: boolean): void {
  const limit = ctx.settings.int('Message_MaxAll');
  if (limit <= 0 || room.memberCount <= limit) return;
  const action = `Group mentions \`@all\` and \`@here\` have been disabled for rooms with more than ${limit} members.`;
  if (isEdit) sendEphemeral(ctx, caller.uid, { rid: room.id, msg: action });
  fail('error-action-not-allowed', action, { method: 'filterATAllTag', action });
}

function refuseGroupMentions(
  ctx: Context,
  caller: Caller,
  place: Place,
  { all, here }: { all: boolean; here: boolean },
): void {
  for (const [word, said] of [['all', all] as const, ['here', here] as const]) {
    if (!said || mayHere(ctx, caller, `mention-${word}`, place)) continue;
    const action = `Notify ${word} in this room`;
    fail('error-action-not-allowed', `${action} not allowed`, { action });
  }
}

function addressSource(ctx: Context, source: Source, text: string, md: Root | undefined): AddressSource {
  const links = md ? linksOf(md) : [];
  return { text, links, siteUrl: ctx.settings.text('Site_Url'), previewUrls: source.previewUrls };
}

/** The first attachment's description is formatted as texts are. */
export function withDescriptionTree(
  ctx: Parameters<typeof textTree>[0],
  [first, ...rest]: Attachment[],
): Attachment[] {
  if (!first) return [];
  const tree = typeof first.description === 'string' ? textTree(ctx, first.description) : undefined;
  const { descriptionMd: _outdated, ...kept } = first;
  return [tree ? { ...kept, descriptionMd: tree } : kept, ...rest];
}
