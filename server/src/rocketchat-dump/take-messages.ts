import { withDescriptionTree } from '../messages/compose.ts';
import { countReplies } from '../messages/count-replies.ts';
import { insertDiscussion } from '../messages/discussions.store.ts';
import { lastUserMessage } from '../messages/find-message.ts';
import type { Mention, WireMessage } from '../messages/message.ts';
import { indexFollowers, insertMessage, setStar } from '../messages/messages.store.ts';
import { textTree } from '../messages/text-tree.ts';
import { shownLast } from '../rooms/last-message.ts';
import { updateRoom } from '../rooms/rooms.store.ts';
import type { Doc } from './bson-documents.ts';
import { isDoc, isFlag, isText, isTexts, partOf, partsOf, textOf, textsOf, time, timeOf } from './fields.ts';
import { countAllMessages, nextThreads } from './moved-rows.store.ts';
import type { Taking } from './taking.ts';

const MESSAGES = 'rocketchat_message';
const BATCH = 200;
const DATES = ['editedAt', 'pinnedAt', 'dlm'] as const;
/** What is made anew, or is nothing to anybody here. */
const NOT_KEPT = ['tcount', 'tlm', 'unread', 'html', '_hidden', 'parent', 'expireAt', 'reads'];
/** Encrypted, or said by the server: there is no text to be parsed. */
const isPlainText = ({ t, msg }: Pick<WireMessage, 't' | 'msg'>): boolean => t === undefined && msg !== '';

/** All that was said, in the order of its time; threads, counters and last messages follow from it (spec 32 D.6). */
export async function takeMessages(taking: Taking): Promise<void> {
  const { dump, report, rooms } = taking;
  const discussions = new Map<string, { announcement: string; parent: string }>();
  const byTime = dump.documentsByTime(MESSAGES, (doc) => timeOf(doc, 'ts') ?? 0);
  for await (const doc of byTime) {
    if (doc._hidden === true) report.left(MESSAGES, 'that are former texts of edited ones, or hidden');
    else if (!rooms.has(textOf(doc, 'rid') ?? ''))
      report.left(MESSAGES, 'of rooms that are gone or were left');
    else {
      const message = messageOf(taking, doc);
      if (!message) report.left(MESSAGES, 'without an id, an author or a time');
      else if (!(await insertMessage(taking.tx, message))) report.left(MESSAGES, 'twice in the dump');
      else {
        await index(taking, message);
        if (message.t === 'discussion-created' && message.drid !== undefined)
          discussions.set(message.drid, { announcement: message._id, parent: message.rid });
        report.taken(MESSAGES);
      }
    }
  }
  await countAllReplies(taking);
  await announceDiscussions(taking, discussions);
  await countAllMessages(taking.tx);
  await showLastMessages(taking);
}

function messageOf(taking: Taking, doc: Doc): WireMessage | undefined {
  const author = partOf(doc, 'u') ?? {};
  const [id, rid, uid, ts] = [
    textOf(doc, '_id'),
    textOf(doc, 'rid'),
    textOf(author, '_id'),
    timeOf(doc, 'ts'),
  ];
  if (id === undefined || rid === undefined || uid === undefined || ts === undefined) return undefined;
  const known = taking.users.get(uid);
  const { _id: _, rid: __, ...given } = doc;
  const message: WireMessage = {
    ...withoutNull(given),
    _id: id,
    rid,
    msg: typeof doc.msg === 'string' ? doc.msg : '',
    ts: new Date(ts),
    u: {
      ...known,
      ...nameOf(author),
      _id: uid,
      username: textOf(author, 'username') ?? known?.username ?? '',
    },
    _updatedAt: new Date(timeOf(doc, '_updatedAt') ?? ts),
  };
  for (const name of NOT_KEPT) delete message[name];
  mendMembers(taking, message, doc);
  if (message.attachments) message.attachments = withDescriptionTree(taking.ctx, message.attachments);
  if (isPlainText(message)) {
    message.mentions = partsOf(doc, 'mentions').filter(isNamed) as unknown as Mention[];
    message.channels = partsOf(doc, 'channels').filter(isNamed) as unknown as NonNullable<
      WireMessage['channels']
    >;
    message.urls = partsOf(doc, 'urls').filter(hasUrl) as unknown as NonNullable<WireMessage['urls']>;
    // That of an old parser is of another form.
    const md = textTree(taking.ctx, message.msg);
    if (md) message.md = md;
    else delete message.md;
  }
  return message;
}

const isNamed = (part: Doc): boolean => textOf(part, '_id') !== undefined;
const hasUrl = (part: Doc): boolean => textOf(part, 'url') !== undefined;

const nameOf = (author: Doc) => {
  const name = textOf(author, 'name');
  return name === undefined ? {} : { name };
};

const withoutNull = (doc: Doc): Record<string, unknown> =>
  Object.fromEntries(Object.entries(doc).filter(([, value]) => value !== null && value !== undefined));

/** Ten years of forms of the same members (spec 32 D.6). */
function mendMembers({ users, rooms, shownBy }: Taking, message: WireMessage, doc: Doc): void {
  for (const name of DATES) {
    const at = time(doc[name]);
    if (at === undefined) delete message[name];
    else message[name] = new Date(at);
  }
  if (message.t === undefined || !isText(message.t)) delete message.t;
  if (!isText(message.tmid)) delete message.tmid;
  if (message.tshow !== true) delete message.tshow;
  if (!isFlag(message.groupable)) delete message.groupable;
  if (message.pinned !== true) for (const name of ['pinned', 'pinnedAt', 'pinnedBy']) delete message[name];
  if (!isTexts(message.replies)) delete message.replies;
  else message.replies = textsOf(doc, 'replies').filter((uid) => users.has(uid));
  const stars = (Array.isArray(doc.starred) ? doc.starred : [doc.starred]).filter(isDoc);
  const starred = [...new Set(stars.flatMap((star) => textOf(star, '_id') ?? []))].filter((uid) =>
    users.has(uid),
  );
  if (starred.length > 0) message.starred = starred.map((_id) => ({ _id }));
  else delete message.starred;
  const reactions = reactionsOf(doc);
  if (reactions) message.reactions = reactions;
  else delete message.reactions;
  if (Array.isArray(doc.attachments)) message.attachments = partsOf(doc, 'attachments');
  else delete message.attachments;
  if (message.drid !== undefined && !rooms.has(message.drid))
    for (const name of ['drid', 'dcount', 'dlm']) delete message[name];
  const file = partOf(doc, 'file');
  const files = partsOf(doc, 'files');
  const all = files.length > 0 ? files : file ? [file] : [];
  for (const part of all) {
    const id = textOf(part, '_id');
    if (id !== undefined) shownBy.set(id, message._id);
  }
  if (all.length > 0) message.files = all as unknown as NonNullable<WireMessage['files']>;
}

/** Very old ones have no colons. */
function reactionsOf(doc: Doc): WireMessage['reactions'] {
  const given = Object.entries(partOf(doc, 'reactions') ?? {}).flatMap(([name, reaction]) => {
    const usernames = isDoc(reaction) ? textsOf(reaction, 'usernames') : [];
    return usernames.length > 0 ? [[name.startsWith(':') ? name : `:${name}:`, { usernames }] as const] : [];
  });
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

async function index({ tx }: Taking, message: WireMessage): Promise<void> {
  if (message.replies && message.replies.length > 0)
    await indexFollowers(tx, { ...message, replies: [] }, message);
  for (const { _id } of message.starred ?? []) await setStar(tx, message, _id, true);
}

async function countAllReplies({ tx }: Taking): Promise<void> {
  for (let tmids = await nextThreads(tx, '', BATCH); tmids.length > 0; ) {
    await countReplies(tx, tmids, (parent, uids) => ({
      replies: parent.replies ?? [...new Set([parent.u._id, ...uids])],
    }));
    tmids = await nextThreads(tx, tmids.at(-1) ?? '', BATCH);
  }
}

async function announceDiscussions(
  { tx, rooms }: Taking,
  announced: ReadonlyMap<string, { announcement: string; parent: string }>,
): Promise<void> {
  for (const [rid, { announcement, parent }] of announced) {
    if (!rooms.has(rid)) continue;
    await insertDiscussion(tx, {
      rid,
      parent_rid: parent,
      announcement_id: announcement,
      root_message_id: null,
    });
  }
}

async function showLastMessages({ tx, rooms, ctx }: Taking): Promise<void> {
  for (const [rid, { updatedAt }] of rooms) {
    const last = await lastUserMessage(tx, rid);
    if (last) await updateRoom(tx, rid, updatedAt, shownLast(ctx, last));
  }
}
