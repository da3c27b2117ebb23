import type { UserRef } from '../kernel/caller.ts';
import { type Membership, type MembershipDetails, type OldRoomKey, unreadState } from './membership.ts';
import type { Room } from './room.ts';
import { userRef } from './user-ref.ts';

/** A membership as its owner's clients see it (spec 10 §3.2, spec 40 §8.3 "Published Subscription fields"). */
export interface WireSubscription
  extends Omit<
    MembershipDetails,
    'userHighlights' | 'f' | 'archived' | 'oldRoomKeys' | 'suggestedOldRoomKeys'
  > {
  _id: string;
  rid: string;
  t: string;
  u: UserRef;
  name: string;
  fname?: string;
  ts: Date;
  ls?: Date;
  lr?: Date;
  open: boolean;
  alert: boolean;
  unread: number;
  userMentions: number;
  groupMentions: number;
  f?: boolean;
  roles?: string[];
  archived?: boolean;
  prid?: string;
  teamId?: string;
  teamMain?: true;
  broadcast?: boolean;
  encrypted?: boolean;
  customFields?: Record<string, unknown>;
  status?: string;
  oldRoomKeys?: WireOldKey[];
  suggestedOldRoomKeys?: WireOldKey[];
  _updatedAt: Date;
}

type WireOldKey = Omit<OldRoomKey, 'ts'> & { ts: Date };

/** What a subscription tells of its room. */
export type RoomOfMember = Pick<
  Room,
  | 'id'
  | 'type'
  | 'name'
  | 'displayName'
  | 'archived'
  | 'parentId'
  | 'teamId'
  | 'teamMain'
  | 'activitySeq'
  | 'unreadSeq'
  | 'groupSeq'
  | 'activityAt'
  | 'details'
>;

/** `user` is the member: names in the document follow the user's. */
export function presentSubscription(
  membership: Membership,
  room: RoomOfMember,
  user: UserRef,
): WireSubscription {
  const state = unreadState(membership, room);
  const { details } = membership;
  const { oldRoomKeys, suggestedOldRoomKeys } = details;
  const wire: WireSubscription & { userHighlights?: unknown } = {
    _id: membership.id,
    rid: membership.rid,
    t: room.type,
    u: userRef(user),
    name: details.name ?? room.name ?? room.id,
    ts: new Date(membership.joinedAt),
    open: state.open,
    alert: state.alert,
    unread: state.unread,
    userMentions: state.userMentions,
    groupMentions: state.groupMentions,
    _updatedAt: new Date(state.updatedAt),
  };
  Object.assign(wire, details);
  delete wire.userHighlights;
  if (oldRoomKeys) wire.oldRoomKeys = oldRoomKeys.map(presentOldKey);
  if (suggestedOldRoomKeys) wire.suggestedOldRoomKeys = suggestedOldRoomKeys.map(presentOldKey);
  const fname = details.fname ?? room.displayName;
  if (fname !== null) wire.fname = fname;
  if (membership.lastSeenAt !== null) wire.ls = new Date(membership.lastSeenAt);
  if (membership.lastReplyAt !== null) wire.lr = new Date(membership.lastReplyAt);
  if (membership.favorite) wire.f = true;
  if (membership.roles.length > 0) wire.roles = membership.roles;
  if (membership.status) wire.status = membership.status;
  if (room.archived || room.details.archived === false) wire.archived = room.archived;
  if (room.parentId !== null) wire.prid = room.parentId;
  if (room.teamId !== null) wire.teamId = room.teamId;
  if (room.teamMain) wire.teamMain = true;
  if (room.details.broadcast) wire.broadcast = true;
  if (room.details.encrypted) wire.encrypted = true;
  if (room.details.customFields) wire.customFields = room.details.customFields;
  return wire;
}

/** Stored with its date as text; a date for clients as any other (spec 40 §2.7). */
const presentOldKey = (key: OldRoomKey): WireOldKey => ({ ...key, ts: new Date(key.ts) });
