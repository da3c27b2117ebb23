import type { UserRef } from '../kernel/caller.ts';
import { parseDoc } from '../storage/json.ts';
import type { RoomRow } from '../storage/schema.ts';

/** c = channel, p = private group, d = direct messages. `l` and `v` exist on the wire only for omnichannel. */
export type RoomType = 'c' | 'p' | 'd';

/** A room as operations see it. Times in ms. Wire names are given by `presentRoom`. */
export interface Room {
  id: string;
  type: RoomType;
  /** The slug, unique over all rooms; null for direct rooms. */
  name: string | null;
  /** The name as typed. */
  displayName: string | null;
  creatorId: string;
  createdAt: number;
  updatedAt: number;
  messageCount: number;
  memberCount: number;
  lastMessageAt: number | null;
  /** The last user message as REST JSON text. */
  lastMessage: string | null;
  archived: boolean;
  readOnly: boolean;
  isDefault: boolean;
  teamId: string | null;
  teamMain: boolean;
  /** Members of the team join by themselves; null while nobody decided. */
  teamDefault: boolean | null;
  /** The parent room, when the room is a discussion. */
  parentId: string | null;
  joinCode: string | null;
  activitySeq: number;
  unreadSeq: number;
  groupSeq: number;
  activityAt: number;
  details: RoomDetails;
}

/** What is only stored and shown: the JSON column of a room, under wire names (spec 10 §3.1). */
export interface RoomDetails {
  u: UserRef;
  sysMes?: true | string[];
  topic?: string;
  description?: string;
  announcement?: string;
  announcementDetails?: { style?: string };
  customFields?: Record<string, unknown>;
  muted?: string[];
  unmuted?: string[];
  broadcast?: boolean;
  encrypted?: boolean;
  reactWhenReadOnly?: boolean;
  /** Once archived, or with a join code, a room says that it is not; the columns say when it is. */
  archived?: false;
  joinCodeRequired?: false;
  favorite?: boolean;
  featured?: boolean;
  avatarETag?: string;
  e2eKeyId?: string;
  usersWaitingForE2EKeys?: { userId: string; ts: string }[];
  retention?: RoomRetention;
  federated?: boolean;
  /** Members of a direct room, which never change for two-person rooms. */
  uids?: string[];
  usernames?: string[];
  /** What other systems call the room that was imported from there (spec 32 C.5); told to nobody. */
  importIds?: string[];
}

/** What the room decides about its old messages, once somebody edited that (spec 11 §1.1). */
export interface RoomRetention {
  enabled?: boolean;
  /** Days. */
  maxAge?: number;
  filesOnly?: boolean;
  excludePinned?: boolean;
  ignoreThreads?: boolean;
  /** By its own `maxAge` and flags, not by those of the workspace. */
  overrideGlobal?: boolean;
}

export function roomFromRow(row: RoomRow): Room {
  return {
    id: row.id,
    type: row.t as RoomType,
    name: row.name,
    displayName: row.fname,
    creatorId: row.creator_id,
    createdAt: row.ts,
    updatedAt: row.updated_at,
    messageCount: row.msgs,
    memberCount: row.users_count,
    lastMessageAt: row.lm,
    lastMessage: row.last_message,
    archived: row.archived === 1,
    readOnly: row.ro === 1,
    isDefault: row.is_default === 1,
    teamId: row.team_id,
    teamMain: row.team_main === 1,
    teamDefault: row.team_default === null ? null : row.team_default === 1,
    parentId: row.prid,
    joinCode: row.join_code,
    activitySeq: row.activity_seq,
    unreadSeq: row.unread_seq,
    groupSeq: row.group_seq,
    activityAt: row.activity_at,
    details: parseDoc<RoomDetails>(row.doc),
  };
}

/** The name people see: the typed one, else the slug. */
export const roomLabel = (room: Room): string => room.displayName ?? room.name ?? room.id;
