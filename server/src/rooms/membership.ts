import type { UserRef } from '../kernel/caller.ts';
import { parseDoc } from '../storage/json.ts';
import type { SubscriptionRow } from '../storage/schema.ts';
import type { Room } from './room.ts';

/** One user's membership of one room; a "subscription" on the wire. Times in ms. */
export interface Membership {
  id: string;
  rid: string;
  uid: string;
  joinedAt: number;
  updatedAt: number;
  /** Everything up to here is read; null until the first read. */
  lastSeenAt: number | null;
  lastReplyAt: number | null;
  /** The stored parts; what a client sees is `unreadState`. */
  open: boolean;
  alert: boolean;
  unread: number;
  userMentions: number;
  groupMentions: number;
  seenActivitySeq: number;
  seenUnreadSeq: number;
  seenGroupSeq: number;
  favorite: boolean;
  /** Room roles: owner, moderator, leader or custom ones of scope `Subscriptions`. */
  roles: string[];
  status: 'INVITED' | 'BANNED' | null;
  details: MembershipDetails;
}

/** The JSON column of a subscription, under wire names (spec 10 §3.2). */
export interface MembershipDetails {
  /** Direct rooms only: the counterpart's names. Other rooms take name and fname from the room. */
  name?: string;
  fname?: string;
  inviter?: UserRef;
  tunread?: string[];
  tunreadUser?: string[];
  tunreadGroup?: string[];
  desktopNotifications?: string;
  mobilePushNotifications?: string;
  emailNotifications?: string;
  desktopPrefOrigin?: string;
  mobilePrefOrigin?: string;
  emailPrefOrigin?: string;
  audioNotificationValue?: string;
  unreadAlert?: string;
  disableNotifications?: boolean;
  hideUnreadStatus?: boolean;
  hideMentionStatus?: boolean;
  muteGroupMentions?: boolean;
  ignored?: string[];
  userHighlights?: string[];
  autoTranslate?: boolean;
  autoTranslateLanguage?: string;
  blocked?: boolean;
  blocker?: boolean;
  /** The room's key, encrypted for this member. */
  E2EKey?: string;
  /** As another member gave it; not accepted yet. */
  E2ESuggestedKey?: string;
  oldRoomKeys?: OldRoomKey[];
  suggestedOldRoomKeys?: OldRoomKey[];
  /** Once a favourite, a room says that it is not; the column says when it is. */
  f?: false;
  /** What the member began to write: in the room, and in threads by the id of their first message. */
  draft?: string;
  threadDrafts?: Record<string, string>;
  /** Direct rooms only: the counterpart's account is deactivated. Other rooms take it from the room. */
  archived?: true;
}

/** Former keys that a member may keep, or be suggested. */
export const MAX_OLD_KEYS = 20;

/** A key that the room had before. */
export interface OldRoomKey {
  e2eKeyId: string;
  ts: string;
  E2EKey: string;
}

export function membershipFromRow(row: SubscriptionRow): Membership {
  return {
    id: row.id,
    rid: row.rid,
    uid: row.uid,
    joinedAt: row.ts,
    updatedAt: row.updated_at,
    lastSeenAt: row.ls,
    lastReplyAt: row.lr,
    open: row.open === 1,
    alert: row.alert === 1,
    unread: row.unread,
    userMentions: row.user_mentions,
    groupMentions: row.group_mentions,
    seenActivitySeq: row.seen_activity_seq,
    seenUnreadSeq: row.seen_unread_seq,
    seenGroupSeq: row.seen_group_seq,
    favorite: row.favorite === 1,
    roles: parseDoc<string[]>(row.roles),
    status: row.status as Membership['status'],
    details: parseDoc<MembershipDetails>(row.doc),
  };
}

export interface UnreadState {
  open: boolean;
  alert: boolean;
  unread: number;
  userMentions: number;
  groupMentions: number;
  /** When anything of this, or the membership itself, last changed. */
  updatedAt: number;
}

/**
 * What the member sees: stored flags plus what the room's counters say happened since (docs/decisions/0001).
 * A message re-opens a hidden room and raises the alert of everyone who has not seen it (spec 10 §12.2).
 */
export function unreadState(
  membership: Membership,
  room: Pick<Room, 'activitySeq' | 'unreadSeq' | 'groupSeq' | 'activityAt'>,
): UnreadState {
  const active = room.activitySeq > membership.seenActivitySeq;
  return {
    open: membership.open || active,
    alert: membership.alert || active,
    unread: membership.unread + Math.max(0, room.unreadSeq - membership.seenUnreadSeq),
    userMentions: membership.userMentions,
    groupMentions: membership.groupMentions + Math.max(0, room.groupSeq - membership.seenGroupSeq),
    updatedAt: active ? Math.max(membership.updatedAt, room.activityAt) : membership.updatedAt,
  };
}

/** Only ordinary memberships give access: not pending invitations, not bans. */
export const isActiveMember = (membership: Membership | undefined): membership is Membership =>
  membership !== undefined && membership.status === null;
