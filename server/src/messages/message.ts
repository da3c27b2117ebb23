import type { UserRef } from '../kernel/caller.ts';
import { plainTree } from './markdown/plain.ts';

/** A message as it is stored and as clients see it (spec 30 §1.1). Dates are `Date` objects. */
export interface WireMessage {
  _id: string;
  rid: string;
  msg: string;
  ts: Date;
  u: UserRef;
  _updatedAt: Date;
  /** System message type; `rm` marks a deleted message. */
  t?: string;
  md?: unknown[];
  mentions?: Mention[];
  channels?: { _id: string; name: string; fname?: string }[];
  urls?: MessageUrl[];
  attachments?: Attachment[];
  reactions?: Record<string, { usernames: string[]; names?: string[] }>;
  /** Stored with every starrer; trimmed to the reader's own entry on read. */
  starred?: { _id: string }[];
  pinned?: boolean;
  pinnedAt?: Date;
  pinnedBy?: { _id: string; username: string };
  editedAt?: Date;
  editedBy?: { _id: string; username: string };
  tmid?: string;
  tshow?: true;
  tcount?: number;
  tlm?: Date;
  replies?: string[];
  drid?: string;
  dcount?: number;
  dlm?: Date;
  groupable?: boolean;
  alias?: string;
  avatar?: string;
  emoji?: string;
  bot?: unknown;
  role?: string;
  customFields?: Record<string, unknown>;
  blocks?: unknown[];
  /** The first of `files`, for old clients. */
  file?: { _id: string };
  files?: readonly { _id: string }[];
  /** By language (spec 31 §5); attachments have their own. */
  translations?: Record<string, string>;
  translationProvider?: string;
  unread?: true;
  private?: true;
  [extra: string]: unknown;
}

export interface Mention {
  _id: string;
  username?: string;
  name?: string;
  type?: 'user' | 'team';
}

export interface MessageUrl {
  url: string;
  meta: Record<string, unknown>;
  ignoreParse?: true;
  /** What stands in the text where that is no address. */
  source?: string;
}

/** See spec 30 §1.3. A quote has `message_link`. */
export type Attachment = Record<string, unknown>;

/** A file of an imported message that is yet to be fetched (spec 32 B.1, "files"). */
export interface PendingFile {
  /** Often with a token that lets anybody in for some time: it is told to nobody. */
  downloadUrl: string;
  id: string;
  name: string;
  size: number;
  external: boolean;
  source: string;
}

const DATE_FIELDS = ['ts', '_updatedAt', 'editedAt', 'pinnedAt', 'tlm', 'dlm'] as const;

/**
 * Parses a stored message document (REST JSON text). With `viewerId`, `starred` is cut to that user's entry as every
 * normalised read does (spec 30 §1.1, "Read normalisation").
 */
export function reviveMessage(doc: string, viewerId?: string): WireMessage {
  const message = JSON.parse(doc) as WireMessage;
  for (const field of DATE_FIELDS) {
    const value: unknown = message[field];
    if (typeof value === 'string') message[field] = new Date(value);
  }
  const tree: unknown = message.md;
  if (tree === 0 || tree === 1) message.md = plainTree(message.msg);
  if (tree === 1) Object.assign(message, { mentions: [], channels: [], urls: [] });
  if (message.attachments)
    reviveQuotes(message.attachments, message.t?.startsWith('message_pinned') ?? false);
  return viewerId === undefined ? message : forViewer(message, viewerId);
}

/** Quotes and pin notices carry dates that the server wrote; a sender's own `ts` stays the text or number it was. */
function reviveQuotes(attachments: readonly Attachment[], all: boolean): void {
  for (const attachment of attachments) {
    const { ts, attachments: nested } = attachment;
    if (typeof ts === 'string' && (all || attachment.message_link)) attachment.ts = new Date(ts);
    if (Array.isArray(nested)) reviveQuotes(nested as Attachment[], false);
  }
}

/** The message with `starred` cut to the viewer's own entry. */
export function forViewer(message: WireMessage, viewerId: string): WireMessage {
  if (!message.starred) return message;
  return { ...message, starred: message.starred.filter((star) => star._id === viewerId) };
}

/**
 * Stand at the end of a stored document for what most messages have in common (docs/decisions/0020-plain-trees.md): the tree of a text
 * without any markup, which would repeat the text and half as much again, and lists without anything in them.
 */
const PLAIN_TREE = ',"md":0}';
const PLAIN_TREE_NO_LISTS = ',"md":1}';
const NO_LISTS = ',"mentions":[],"channels":[],"urls":[]';
const TEXT_MEMBER = ',"msg":';

/** The document to store: REST JSON text, prepared once and passed on as it is, but for what these marks stand for. */
export function messageDoc(message: WireMessage): string {
  if (!isPlainTree(message)) return JSON.stringify(message);
  const hasLists = !LISTS.every((list) => message[list]?.length === 0);
  const doc = JSON.stringify({ ...message, md: undefined, ...(hasLists ? {} : WITHOUT_LISTS) });
  const text = doc.indexOf(TEXT_MEMBER) + TEXT_MEMBER.length;
  // The text is found again as the first member of its name.
  if (!doc.startsWith(JSON.stringify(message.msg), text)) return JSON.stringify(message);
  return `${doc.slice(0, -1)}${hasLists ? PLAIN_TREE : PLAIN_TREE_NO_LISTS}`;
}

const LISTS = ['mentions', 'channels', 'urls'] as const;
const WITHOUT_LISTS = { mentions: undefined, channels: undefined, urls: undefined };

/** The document as clients get it. */
export function wireDoc(doc: string): string {
  const hasLists = doc.endsWith(PLAIN_TREE);
  if (!hasLists && !doc.endsWith(PLAIN_TREE_NO_LISTS)) return doc;
  const start = doc.indexOf(TEXT_MEMBER) + TEXT_MEMBER.length;
  const text = doc.slice(start, endOfText(doc, start));
  const lists = hasLists ? '' : NO_LISTS;
  return `${doc.slice(0, -PLAIN_TREE.length)}${lists},"md":[{"type":"PARAGRAPH","value":[{"type":"PLAIN_TEXT","value":${text}}]}]}`;
}

/** Behind the closing quotation mark of the JSON text that begins at `start`. */
function endOfText(doc: string, start: number): number {
  for (let at = start + 1; at < doc.length; at++) {
    if (doc.charCodeAt(at) === 92) at++;
    else if (doc.charCodeAt(at) === 34) return at + 1;
  }
  return doc.length;
}

function isPlainTree({ md, msg }: WireMessage): boolean {
  if (md?.length !== 1) return false;
  const { type, value } = md[0] as { type: string; value?: { type?: string; value?: unknown }[] };
  return (
    type === 'PARAGRAPH' && value?.length === 1 && value[0]?.type === 'PLAIN_TEXT' && value[0].value === msg
  );
}
