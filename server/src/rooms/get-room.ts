import type { Context } from '../context.ts';
import type { Db } from '../storage/database.ts';
import {
  activeMembershipsIn,
  lockMembershipOf,
  membershipOf,
  membershipsIn,
  membersToldOfAll,
  unreadOfUser,
} from './membership.store.ts';
import type { Membership } from './membership.ts';
import type { Room } from './room.ts';
import { lockRoomById, roomByDisplayName, roomById, roomByName, roomsByIds } from './rooms.store.ts';

/** The room, without any check. */
export const getRoom = (ctx: Context, rid: string): Promise<Room | undefined> => roomById(ctx.db, rid);

export const getRooms = (ctx: Context, rids: readonly string[]): Promise<Room[]> => roomsByIds(ctx.db, rids);

/** By id, else by exact slug. */
export async function getRoomByIdOrName(ctx: Context, idOrName: string): Promise<Room | undefined> {
  return (await roomById(ctx.db, idOrName)) ?? (await roomByName(ctx.db, idOrName));
}

/** By exact slug, else by the name that people see. */
export async function getRoomByAnyName(ctx: Context, name: string): Promise<Room | undefined> {
  return (await roomByName(ctx.db, name)) ?? (await roomByDisplayName(ctx.db, name));
}

/** The membership whatever its status; see `isActiveMember`. */
export const getMembership = (ctx: Context, rid: string, uid: string): Promise<Membership | undefined> =>
  membershipOf(ctx.db, rid, uid);

/** The memberships of the named users, whatever their status. */
export const getMemberships = (ctx: Context, rid: string, uids: readonly string[]): Promise<Membership[]> =>
  membershipsIn(ctx.db, rid, uids);

/** The active memberships of a room, up to `limit`. */
export const getActiveMemberships = (ctx: Context, rid: string, limit: number): Promise<Membership[]> =>
  activeMembershipsIn(ctx.db, rid, limit);

/** The active members who said that they want pushes or mails of all messages of the room, up to `limit`. */
export const getMembersToldOfAll = (db: Db, rid: string, limit: number): Promise<Membership[]> =>
  membersToldOfAll(db, rid, limit);

/** Unread messages in all rooms of a user. */
export const countUnread = (ctx: Context, uid: string): Promise<number> => unreadOfUser(ctx.db, uid);

/** The room, locked until the transaction ends. */
export const lockRoom = lockRoomById;

/** The membership, whatever its status, locked until the transaction ends. */
export const lockMembership = lockMembershipOf;
