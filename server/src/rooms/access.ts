import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { ANONYMOUS } from '../kernel/permissions.ts';
import { membershipOf } from './membership.store.ts';
import { isActiveMember, type Membership } from './membership.ts';
import type { Room } from './room.ts';
import { roomById } from './rooms.store.ts';
import { isTeamMember, teamById } from './teams.store.ts';

/**
 * "Can access room" (spec 10 §4.1): the rule behind most reads. `caller` is null for anonymous callers. Pass the caller's
 * membership where it is known already.
 */
export async function canAccessRoom(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  known?: { membership: Membership | undefined },
): Promise<boolean> {
  if (room.type === 'c' && (await mayEnterChannel(ctx, caller, room))) return true;
  if (caller) {
    const membership = known ? known.membership : await membershipOf(ctx.db, room.id, caller.uid);
    if (
      isActiveMember(membership) &&
      ctx.permissions.hasAny(caller, ['view-joined-room', `view-${room.type}-room`])
    )
      return true;
  }
  if (room.parentId !== null) {
    const parent = await roomById(ctx.db, room.parentId);
    return parent !== undefined && canAccessRoom(ctx, caller, parent);
  }
  return false;
}

async function mayEnterChannel(ctx: Context, caller: Caller | null, room: Room): Promise<boolean> {
  if (room.teamId !== null) {
    const team = await teamById(ctx.db, room.teamId);
    if (team?.type === 1) return caller !== null && (await isTeamMember(ctx.db, team.id, caller.uid));
  }
  return maySeePublicChannels(ctx, caller);
}

/** Rule P of spec 10 §4.1. */
export function maySeePublicChannels(ctx: Context, caller: Caller | null): boolean {
  return caller
    ? ctx.permissions.has(caller, 'view-c-room')
    : ctx.settings.bool('Accounts_AllowAnonymousRead');
}

/**
 * May read a channel's messages without being in it (spec 10 §10.4). The role `anonymous` has the permission by default,
 * so it means nothing where anonymous reading is off.
 */
export function mayPreview(ctx: Context, caller: Caller | null): boolean {
  if (!caller && !ctx.settings.bool('Accounts_AllowAnonymousRead')) return false;
  return ctx.permissions.has(caller ?? ANONYMOUS, 'preview-c-room');
}

/** A permission with the caller's room roles counted (spec 10 §4.2, "Room scoped checks"). Bans and invitations give no roles. */
export async function hasInRoom(
  ctx: Context,
  caller: Caller,
  permission: string,
  rid: string,
): Promise<boolean> {
  if (ctx.permissions.has(caller, permission)) return true;
  const membership = await membershipOf(ctx.db, rid, caller.uid);
  return isActiveMember(membership) && ctx.permissions.has(caller, permission, membership.roles);
}
