import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { hasInRoom } from './access.ts';
import { listMembers, membersNotOffline } from './member-lists.store.ts';
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
  const fields = ctx.settings
    .text('Accounts_SearchFields')
    .split(',')
    .map((field) => field.trim());
  const { rows, total } = await listMembers(ctx.db, room.id, {
    ...filter,
    fields,
    byName: ctx.settings.bool('UI_Use_Real_Name'),
    ...page,
  });
  return { members: rows.map(presentMember), total };
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
