import type { Context } from '../context.ts';
import type { Room } from './room.ts';
import {
  listRooms,
  type Page,
  ROOM_FILTER_PATHS,
  ROOM_SORT_COLUMNS,
  type RoomListFilter,
  type RoomOrder,
} from './room-lists.store.ts';

export type { RoomListFilter } from './room-lists.store.ts';

/** Wire paths that room lists can be sorted by. */
export const ROOM_SORT = ROOM_SORT_COLUMNS;

/** Wire paths that the raw `query` may be about. */
export const ROOM_QUERYABLE = ROOM_FILTER_PATHS;

/** A page of rooms; the caller decides what they may see (spec 10 §10.2). */
export function findRoomsPage(
  ctx: Context,
  filter: RoomListFilter,
  order: readonly RoomOrder[],
  page: Page,
): Promise<{ rooms: Room[]; total: number }> {
  return listRooms(ctx.db, filter, order, page);
}
