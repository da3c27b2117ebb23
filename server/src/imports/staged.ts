import type { ImportedUser } from '../accounts/imported-user.ts';
import type { Attachment, PendingFile } from '../messages/message.ts';

/** What waits in an operation; people and rooms by what the other system calls them. Times in ms. */

export type RecordKind = 'user' | 'room' | 'message';

/** Somebody who waits to be imported; what the API took, but for the password. */
export interface StagedUser extends ImportedUser {
  /** bcrypt text: passwords are not kept while people wait. */
  passwordHash?: string | undefined;
}

export interface StagedRoom {
  importIds: readonly string[];
  type: 'c' | 'p' | 'd';
  name?: string | undefined;
  isGeneral?: boolean | undefined;
  creator?: string | undefined;
  members: readonly string[];
  topic?: string | undefined;
  description?: string | undefined;
  createdAt?: number | undefined;
  archived?: boolean | undefined;
}

export interface StagedMessage {
  id: string;
  room: string;
  author: string;
  /** May be what is no time: then the message is refused. */
  ts: number | null;
  msg: string;
  t?: string | undefined;
  alias?: string | undefined;
  emoji?: string | undefined;
  bot?: true | undefined;
  tmid?: string | undefined;
  tshow?: true | undefined;
  edited?: { at: number; by: string } | undefined;
  reactions?: { name: string; users: readonly string[] }[] | undefined;
  attachments?: Attachment[] | undefined;
  pinned?: { at: number; by: string } | undefined;
  file?: PendingFile | undefined;
}

export interface StagedByKind {
  user: StagedUser;
  room: StagedRoom;
  message: StagedMessage;
}

/** All direct rooms, as one entry of a selection (spec 32 A, "Selection"). */
export const DIRECT_MESSAGES = '__directMessages__';
