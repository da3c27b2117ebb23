import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { presentRoom, type WireRoom } from './present-room.ts';
import type { Room } from './room.ts';
import { type Page, ROOM_SORT_COLUMNS, type RoomOrder } from './room-lists.store.ts';
import { allRooms, type PickedRooms, pickRooms } from './room-pickers.store.ts';
import { roomById } from './rooms.store.ts';

/** Rooms to pick from in forms, and all rooms for administrators (spec 11 §4, "Pickers and admin"). */

type Shown = Partial<WireRoom> & { _id: string };

const PICKED = ['_id', 'fname', 'name', 't', 'avatarETag'] as const;
const ADMINISTERED = [
  ...([
    '_id',
    'prid',
    'fname',
    'name',
    't',
    'u',
    'usernames',
    'ts',
    'usersCount',
    'muted',
    'unmuted',
  ] as const),
  ...(['ro', 'reactWhenReadOnly', 'default', 'favorite', 'featured', 'topic', 'msgs', 'archived'] as const),
  ...(['teamId', 'teamMain', 'announcement', 'description', 'customFields', 'broadcast', 'uids'] as const),
  ...(['avatarETag', 'federated'] as const),
];
const FEW: Page = { offset: 0, count: 10 };
const BY_NAME: readonly RoomOrder[] = [{ column: ROOM_SORT_COLUMNS.name, direction: 'asc' }];
const NOT_AUTHORIZED = 'error-not-authorized';
/** What `types` may name: kinds of rooms, and what is left out unless it is named. */
const KINDS = ['c', 'd', 'p', 'l'];

function shown(room: Room, keys: readonly (keyof WireRoom)[]): Shown {
  const wire = presentRoom(room);
  return Object.fromEntries(
    keys.flatMap((key) => (wire[key] === undefined ? [] : [[key, wire[key]]])),
  ) as Shown;
}

/** The caller's channels and groups whose name begins so. */
export async function pickOwnRooms(
  ctx: Context,
  caller: Caller,
  name: string,
  page: Page & { order?: readonly RoomOrder[] } = FEW,
): Promise<{ items: Shown[]; total: number }> {
  return picked(ctx, { name, joinedBy: caller.uid }, page);
}

/** What the caller owns and could bring into a team. */
export const pickForTeams = (ctx: Context, caller: Caller, name: string) =>
  picked(ctx, { name, ownedForTeamsBy: caller.uid }, FEW);

/** Every channel, group and discussion whose name begins so. @throws a plain refusal */
export async function pickAnyRoom(ctx: Context, caller: Caller, name: string) {
  const needed = ['view-room-administration', 'can-audit'];
  if (!needed.some((permission) => ctx.permissions.has(caller, permission))) refuse(NOT_AUTHORIZED);
  return picked(ctx, { name, everything: true }, FEW, [...PICKED, 'encrypted']);
}

async function picked(
  ctx: Context,
  which: PickedRooms,
  { order = BY_NAME, ...page }: Page & { order?: readonly RoomOrder[] },
  keys: readonly (keyof WireRoom)[] = PICKED,
): Promise<{ items: Shown[]; total: number }> {
  const { rooms, total } = await pickRooms(ctx.db, which, order, page);
  return { items: rooms.map((room) => shown(room, keys)), total };
}

/** A page of all rooms of the workspace. @throws a plain refusal */
export async function listAllRooms(
  ctx: Context,
  caller: Caller,
  { text, types, order }: { text: string; types: readonly string[]; order: readonly RoomOrder[] },
  page: Page,
): Promise<{ rooms: Shown[]; total: number }> {
  refuseUnlessAdministrator(ctx, caller);
  const found = await allRooms(
    ctx.db,
    {
      text,
      types: types.length === 0 ? KINDS : KINDS.filter((kind) => types.includes(kind)),
      discussions: types.includes('discussions'),
      teams: types.includes('teams'),
    },
    order,
    page,
  );
  return { rooms: found.rooms.map((room) => shown(room, ADMINISTERED)), total: found.total };
}

/** A page of the private groups and the main rooms of private teams. The route asks for the permission. */
export async function listPrivateRooms(
  ctx: Context,
  { text, order }: { text: string; order: readonly RoomOrder[] },
  page: Page,
): Promise<{ rooms: Shown[]; total: number }> {
  const which = { text, types: ['p'], discussions: false, teams: 'private' as const };
  const found = await allRooms(ctx.db, which, order, page);
  return { rooms: found.rooms.map((room) => shown(room, ADMINISTERED)), total: found.total };
}

/** One room, whoever is in it. @throws a plain refusal, not-allowed for an unknown room */
export async function administeredRoom(ctx: Context, rid: string): Promise<Shown> {
  const room = await roomById(ctx.db, rid);
  if (!room) refuse('not-allowed', 'Not Allowed');
  return shown(room, ADMINISTERED);
}

function refuseUnlessAdministrator(ctx: Context, caller: Caller): void {
  if (!ctx.permissions.has(caller, 'view-room-administration')) refuse(NOT_AUTHORIZED);
}
