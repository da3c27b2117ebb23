import type { UserRef } from '../kernel/caller.ts';

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
}

/** See spec 30 §1.3. A quote has `message_link`. */
export type Attachment = Record<string, unknown>;

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

/** The document to store: REST JSON text, prepared once and passed on as it is. */
export const messageDoc = (message: WireMessage): string => JSON.stringify(message);
