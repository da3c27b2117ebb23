import { searchFields } from '../accounts/list-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { hasInRoom } from './access.ts';
import {
  countActiveMembers,
  listMembers,
  listMembersByRole,
  membersNotOffline,
  seenByMembers,
} from './member-lists.store.ts';
import { membershipOf } from './membership.store.ts';
import type { Membership } from './membership.ts';
import type { Room } from './room.ts';

/** The user's ordinary membership or pending invitation; a ban is invisible (spec 10 §3.2). */
export async function findMembership(
  ctx: Context,
  rid: string,
  uid: string,
): Promise<Membership | undefined> {
  const membership = await membershipOf(ctx.db, rid, uid);
  return membership?.status === 'BANNED' ? undefined : membership;
}

/** Broadcast rooms hide who is in them from ordinary members (spec 10 §10.3). */
export async function mayListMembers(ctx: Context, caller: Caller, room: Room): Promise<boolean> {
  return !room.details.broadcast || hasInRoom(ctx, caller, 'view-broadcast-member-list', room.id);
}

export interface MemberFilter {
  /** Case-insensitive substring over the fields of `Accounts_SearchFields`. */
  text?: string;
  statuses?: readonly string[];
  /** Direction of the last sort key. */
  order?: 'asc' | 'desc';
}

/** A member as member lists show it (spec 10 §3.3). */
export interface WireMember {
  _id: string;
  username?: string;
  name?: string;
  nickname?: string;
  status: string;
  avatarETag?: string;
  _updatedAt: Date;
}

/** A page of the active members: connected ones first, then by (real) name (spec 10 §10.3). */
export async function pageOfMembers(
  ctx: Context,
  room: Room,
  filter: MemberFilter,
  page: { offset: number; count: number },
): Promise<{ members: WireMember[]; total: number }> {
  const { rows, total } = await listMembers(ctx.db, room.id, {
    ...filter,
    fields: searchFields(ctx.settings),
    byName: ctx.settings.bool('UI_Use_Real_Name'),
    ...page,
  });
  return { members: rows.map(presentMember), total };
}

/** A member as the list by roles shows it (spec 11 §4 `rooms.membersOrderedByRole`). */
export interface MemberWithRoles extends WireMember {
  roles?: string[];
  subscription: { _id: string; rid: string; ts: Date; roles?: string[] };
}

/** A page of the active members: by their best role, then who is not offline, then by name. */
export async function pageOfMembersByRole(
  ctx: Context,
  room: Room,
  filter: MemberFilter & { lowestFirst: boolean },
  page: { offset: number; count: number },
): Promise<{ members: MemberWithRoles[]; total: number }> {
  const byName = ctx.settings.bool('UI_Use_Real_Name');
  const options = { ...filter, fields: searchFields(ctx.settings), byName, ...page };
  const { rows, total } = await listMembersByRole(ctx.db, room.id, options);
  const members = rows.map((row) => {
    const roles = JSON.parse(row.roles) as string[];
    const held = roles.length > 0 ? { roles } : {};
    const subscription = { _id: row.membership_id, rid: room.id, ts: new Date(row.ts), ...held };
    return { ...presentMember(row), ...held, subscription };
  });
  return { members, total };
}

function presentMember(row: {
  id: string;
  username: string | null;
  name: string | null;
  status: string;
  updated_at: number;
  doc: string;
}): WireMember {
  const doc = JSON.parse(row.doc) as { nickname?: string; avatarETag?: string };
  return {
    _id: row.id,
    ...(row.username ? { username: row.username } : {}),
    ...(row.name ? { name: row.name } : {}),
    ...(doc.nickname ? { nickname: doc.nickname } : {}),
    status: row.status,
    ...(doc.avatarETag ? { avatarETag: doc.avatarETag } : {}),
    _updatedAt: new Date(row.updated_at),
  };
}

/** Members who are not offline: `{_id, username}`. */
export async function onlineMembersOf(
  ctx: Context,
  room: Room,
): Promise<{ _id: string; username: string }[]> {
  const rows = await membersNotOffline(ctx.db, room.id);
  return rows.map((row) => ({ _id: row.id, username: row.username ?? '' }));
}

/** How many of the members may still log in; `usersCount` of a room has the others, too. */
export const membersWithActiveAccounts = (ctx: Context, rid: string) => countActiveMembers(ctx.db, rid);

/** When each active member came, and up to where they have seen the room. */
export const lastSeenByMembers = (ctx: Context, rid: string) => seenByMembers(ctx.db, rid);
