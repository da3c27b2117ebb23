import { isDeepStrictEqual } from 'node:util';
import type { Context, WriteScope } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import { getRoom } from '../rooms/get-room.ts';
import { takeInMessages } from '../rooms/last-message.ts';
import { presentRoom } from '../rooms/present-room.ts';
import { countReplies } from './count-replies.ts';
import { lastUserMessage } from './find-message.ts';
import { forgetTombstones, insertPendingFile, storedByIds } from './imported-messages.store.ts';
import { findMentions } from './mentions.ts';
import type { Attachment, PendingFile, WireMessage } from './message.ts';
import { insertMessage, replaceMessage } from './messages.store.ts';
import './messages.events.ts';
import { isHugeDocument } from './store-message.ts';
import { linksOf, textTree } from './text-tree.ts';
import { messageUrls } from './urls.ts';

/** A message of another system; people and rooms are ours. Times in ms. */
export interface ImportedMessage {
  /** The same message has the same id whenever it is imported. */
  id: string;
  rid: string;
  ts: number;
  u: UserRef;
  msg: string;
  t?: string | undefined;
  alias?: string | undefined;
  emoji?: string | undefined;
  bot?: true | undefined;
  tmid?: string | undefined;
  tshow?: true | undefined;
  edited?: { at: number; by: UserRef } | undefined;
  reactions?: WireMessage['reactions'];
  attachments?: Attachment[] | undefined;
  pinned?: { at: number; by: UserRef } | undefined;
  file?: PendingFile | undefined;
}

/** A message that is ready to be stored; `_updatedAt` will be another one. */
export interface ReadyMessage {
  message: WireMessage;
  file: PendingFile | undefined;
}

/** Makes everything that follows from the text (spec 32 C.3): mentions, `md`, addresses, whose previews nobody fetches. */
export async function readyImported(ctx: Context, given: ImportedMessage): Promise<ReadyMessage> {
  const { id, rid, msg, u, file } = given;
  const ts = new Date(given.ts);
  const message: WireMessage = { _id: id, rid, msg, ts, u, _updatedAt: ts };
  if (given.t === undefined) Object.assign(message, await partsOfText(ctx, msg));
  else Object.assign(message, { t: given.t, groupable: false });
  if (given.alias) message.alias = given.alias;
  if (given.emoji) message.emoji = given.emoji;
  if (given.bot) message.bot = true;
  if (given.tmid) message.tmid = given.tmid;
  if (given.tshow) message.tshow = true;
  if (given.edited) {
    message.editedAt = new Date(given.edited.at);
    message.editedBy = given.edited.by;
  }
  if (given.reactions && Object.keys(given.reactions).length > 0) message.reactions = given.reactions;
  if (given.attachments && given.attachments.length > 0) message.attachments = given.attachments;
  if (given.pinned) {
    Object.assign(message, { pinned: true, pinnedAt: new Date(given.pinned.at), pinnedBy: given.pinned.by });
  }
  if (file) message._importFile = { ...file, downloadUrl: withoutSecrets(file.downloadUrl) };
  return { message, file };
}

async function partsOfText(ctx: Context, msg: string): Promise<Partial<WireMessage>> {
  const { mentions, channels } = await findMentions(ctx, msg);
  const md = textTree(ctx, msg);
  const siteUrl = ctx.settings.text('Site_Url');
  const urls = messageUrls({ text: msg, links: md ? linksOf(md) : [], siteUrl });
  return { mentions, channels, urls, ...(md ? { md } : {}) };
}

/** An address without the token of an export, which lets anybody in who has it. */
export const withoutSecrets = (url: string): string =>
  url.replace(/([?&])t=xox[^&#]*&?/g, '$1').replace(/[?&]$/, '');

/**
 * Stores messages of other systems (spec 32 C.3) in the caller's transaction: new ones, and those that were imported before
 * as they are now. Counters, threads, the last messages of rooms and the index of words follow; nobody is told before
 * `announceImport`, and nothing becomes unread. Returns why some were not stored, by id.
 */
export async function storeImported(
  ctx: Context,
  { tx }: WriteScope,
  batch: readonly ReadyMessage[],
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  if (batch.length === 0) return refused;
  const ids = batch.map(({ message }) => message._id);
  const before = await storedByIds(tx, ids);
  await forgetTombstones(tx, ids);
  const added = new Map<string, number>();
  const changedRooms = new Set<string>();
  const threads = new Set<string>();
  for (const { message: given, file } of batch) {
    const known = before.get(given._id);
    const message: WireMessage = { ...given, _updatedAt: new Date(ctx.clock.stamp()) };
    if (isHugeDocument(message)) refused.set(message._id, 'error-message-size-exceeded');
    else if (!known) {
      if (!(await insertMessage(tx, message))) continue;
      added.set(message.rid, (added.get(message.rid) ?? 0) + 1);
      if (file) await insertPendingFile(tx, message._id, message.rid, file);
      threads.add(message.tmid ?? message._id);
    } else if (known.message.rid !== message.rid) refused.set(message._id, 'error-message-in-another-room');
    else if (!known.hidden && known.message.t !== 'rm') {
      const isFetched = file !== undefined && known.message.file !== undefined;
      if (file && !isFetched) await insertPendingFile(tx, message._id, message.rid, file);
      const merged = withImported(known.message, message, isFetched);
      if (!merged) continue;
      await replaceMessage(tx, merged, 'text');
      changedRooms.add(merged.rid);
    }
  }
  await countReplies(tx, [...threads], (parent, uids) => ({
    replies: [...new Set([...(parent.replies ?? []), ...uids])],
    _updatedAt: new Date(ctx.clock.stamp()),
  }));
  for (const rid of new Set([...added.keys(), ...changedRooms]))
    await takeInMessages(ctx, tx, rid, added.get(rid) ?? 0, () => lastUserMessage(tx, rid));
  return refused;
}

/** Members that follow from the text of a message. */
const OF_TEXT = ['msg', 'md', 'mentions', 'channels', 'urls', 'editedAt', 'editedBy'] as const;
/** Members of a file that was fetched. */
const OF_FILE = ['msg', 'md', 'urls', 'attachments', '_importFile'] as const;

/** What is stored with what comes again; what was done here meanwhile stays. Undefined when nothing differs. */
function withImported(stored: WireMessage, given: WireMessage, isFetched: boolean): WireMessage | undefined {
  const merged: WireMessage = { ...stored, ...given };
  const keep = (names: readonly string[]) => {
    for (const name of names) {
      if (stored[name] === undefined) delete merged[name];
      else merged[name] = stored[name];
    }
  };
  if ((stored.editedAt?.getTime() ?? 0) > (given.editedAt?.getTime() ?? 0)) keep(OF_TEXT);
  if (isFetched) keep(OF_FILE);
  if (stored.pinnedAt && !given.pinnedAt) keep(['pinned', 'pinnedAt', 'pinnedBy']);
  const reactions = withReactions(stored.reactions, given.reactions);
  if (reactions) merged.reactions = reactions;
  const same = { ...merged, _updatedAt: stored._updatedAt };
  return isDeepStrictEqual(plain(same), plain(stored)) ? undefined : merged;
}

/** As it is stored: members that are undefined are none. */
const plain = (message: WireMessage): unknown => JSON.parse(JSON.stringify(message));

function withReactions(
  stored: WireMessage['reactions'],
  given: WireMessage['reactions'],
): WireMessage['reactions'] {
  if (!stored || !given) return given ?? stored;
  const all = { ...stored };
  for (const [name, { usernames }] of Object.entries(given))
    all[name] = { usernames: [...new Set([...(stored[name]?.usernames ?? []), ...usernames])] };
  return all;
}

/** At the end of an import: clients load the rooms that messages came into anew. */
export async function announceImport(ctx: Context, rids: readonly string[]): Promise<void> {
  for (const rid of rids) {
    const room = await getRoom(ctx, rid);
    if (!room) continue;
    await ctx.write(async (_tx, emit) => {
      emit('room.changed', { action: 'updated', rid, room: presentRoom(room) });
      emit('messages.imported', { rid });
    });
  }
}
