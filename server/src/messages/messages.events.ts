import type { WireMessage } from './message.ts';

/** A message was stored or changed: goes out on `stream-room-messages` with the whole document (spec 40 §8.1). */
export interface MessageSaved {
  message: WireMessage;
  room: {
    id: string;
    type: string;
    name: string | null;
    displayName: string | null;
    teamId: string | null;
    parentId: string | null;
  };
  isNew: boolean;
  /** What the message says was changed, not only what others did with it (reactions, pins). */
  edited?: true;
}

/** Somebody sent a message: who has to be told of it besides those who are looking (spec 30 §4.11). */
export interface MessageSent {
  message: WireMessage;
  room: { id: string; type: string; name: string | null; displayName: string | null; memberCount: number };
  /** Members who are mentioned by name or team or whose highlight word matches; without the sender. */
  alertedIds: readonly string[];
  /** Who follows the thread, without the sender. */
  followerIds: readonly string[];
  /** The message says @all or @here. */
  groupMention: boolean;
}

/** A message is gone or hidden: `stream-notify-room` `<rid>/deleteMessage`. */
export interface MessageDeleted {
  rid: string;
  messageId: string;
}

/** A stretch of history is gone, or its files are: `stream-notify-room` `<rid>/deleteMessageBulk`. */
export interface MessagesPruned {
  rid: string;
  /** What was asked for; times in ms. */
  pruning: {
    oldest: number;
    latest: number;
    inclusive: boolean;
    limit: number;
    excludePinned: boolean;
    filesOnly: boolean;
    ignoreThreads: boolean;
    ignoreDiscussion: boolean;
    usernames: readonly string[];
  };
  /** Exactly these, of more that may follow; absent where all are meant that are described. */
  ids: readonly string[] | undefined;
}

/** Messages of another system came into a room: `stream-notify-room` `<rid>/messagesImported` (spec 32 C.3). */
export interface MessagesImported {
  rid: string;
}

/** Everybody in a room, or who follows a thread of it, has read up to here: `stream-notify-room` `<rid>/messagesRead`. */
export interface MessagesRead {
  rid: string;
  until: Date;
  tmid?: string;
}

/** Somebody has read a thread; only where the workspace wants read receipts. */
export interface ThreadRead {
  rid: string;
  tmid: string;
}

/** A message only one user sees; never stored (`stream-notify-user` `<uid>/message`). */
export interface EphemeralMessage {
  uid: string;
  message: WireMessage;
}

declare module '../kernel/events.ts' {
  interface Events {
    'message.saved': MessageSaved;
    'message.sent': MessageSent;
    'message.deleted': MessageDeleted;
    'messages.pruned': MessagesPruned;
    'messages.imported': MessagesImported;
    'messages.read': MessagesRead;
    'thread.read': ThreadRead;
    'message.ephemeral': EphemeralMessage;
  }
}
