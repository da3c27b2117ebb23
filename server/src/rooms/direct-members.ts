import { findUsers } from '../accounts/find-users.ts';
import { searchFields } from '../accounts/list-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { membershipsIn } from './membership.store.ts';
import type { Membership } from './membership.ts';
import type { Room } from './room.ts';

/** A member of a direct room as `im.members` shows them (spec 11 §3). */
export interface DirectMember {
  _id: string;
  username?: string;
  name?: string;
  status: string;
  statusText?: string;
  utcOffset?: number;
  /** Empty for a member whose subscription is gone. */
  subscription: { _id?: string; status?: string; ts?: Date; roles?: string[] };
}

export interface DirectMemberFilter {
  statuses?: readonly string[] | undefined;
  /** Case-insensitive substring over the fields of `Accounts_SearchFields`. */
  text?: string | undefined;
  /** By username; default: who changed last comes first. */
  order?: 'asc' | 'desc' | undefined;
}

/** The active accounts among the few people of a direct room. */
export async function directMembers(
  ctx: Context,
  room: Room,
  { statuses, text, order }: DirectMemberFilter,
): Promise<DirectMember[]> {
  const uids = [...new Set(room.details.uids)];
  const [users, memberships] = await Promise.all([
    findUsers(ctx, { ids: uids }),
    membershipsIn(ctx.db, room.id, uids),
  ]);
  const matches = matcher(ctx, text);
  const shown = users.filter(
    (user) => user.active && (!statuses?.length || statuses.includes(user.status)) && matches(user),
  );
  shown.sort(
    order
      ? (a, b) => (a.username ?? '').localeCompare(b.username ?? '') * (order === 'asc' ? 1 : -1)
      : (a, b) => b.updatedAt - a.updatedAt,
  );
  const byUid = new Map(memberships.map((membership) => [membership.uid, membership]));
  return shown.map((user) => present(user, byUid.get(user._id)));
}

function matcher(ctx: Context, text: string | undefined): (user: User) => boolean {
  const wanted = text?.toLowerCase();
  if (!wanted) return () => true;
  const fields = searchFields(ctx.settings);
  return (user) => fields.some((field) => user[field]?.toLowerCase().includes(wanted));
}

function present(user: User, membership: Membership | undefined): DirectMember {
  const { _id, username, name, status, statusText, utcOffset } = user;
  const member: DirectMember = { _id, status, subscription: {} };
  if (username) member.username = username;
  if (name) member.name = name;
  if (statusText) member.statusText = statusText;
  if (utcOffset !== undefined) member.utcOffset = utcOffset;
  if (!membership) return member;
  member.subscription = { _id: membership.id, ts: new Date(membership.joinedAt) };
  if (membership.status) member.subscription.status = membership.status;
  if (membership.roles.length > 0) member.subscription.roles = membership.roles;
  return member;
}
