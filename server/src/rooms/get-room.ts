import type { Context } from '../context.ts';
import { lockMembershipOf, membershipOf } from './membership.store.ts';
import type { Membership } from './membership.ts';
import type { Room } from './room.ts';
import { lockRoomById, roomById, roomByName, roomsByIds } from './rooms.store.ts';

/** The room, without any check. */
export const getRoom = (ctx: Context, rid: string): Promise<Room | undefined> => roomById(ctx.db, rid);

export const getRooms = (ctx: Context, rids: readonly string[]): Promise<Room[]> => roomsByIds(ctx.db, rids);

/** By id, else by exact slug. */
export async function getRoomByIdOrName(ctx: Context, idOrName: string): Promise<Room | undefined> {
  return (await roomById(ctx.db, idOrName)) ?? (await roomByName(ctx.db, idOrName));
}

/** The membership whatever its status; see `isActiveMember`. */
export const getMembership = (ctx: Context, rid: string, uid: string): Promise<Membership | undefined> =>
  membershipOf(ctx.db, rid, uid);

/** The room, locked until the transaction ends. */
export const lockRoom = lockRoomById;

/** The membership, whatever its status, locked until the transaction ends. */
export const lockMembership = lockMembershipOf;
