import { listPeople } from '../accounts/list-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { withCurrentNames } from './current-names.ts';
import { directoryRooms, roomsPerTeam, teamNames } from './directory.store.ts';
import { ROOM_SORT } from './list-rooms.ts';
import { presentRoom, type WireRoom } from './present-room.ts';
import type { Room } from './room.ts';

export interface DirectoryQuery {
  text: string;
  type: string;
  /** Only what lies on other servers, of which there is nothing. */
  isExternal?: boolean;
  /** A sort key and its direction; ascending only for 1. */
  sortBy: string;
  ascending: boolean;
  offset: number;
  count: number;
}

export interface DirectoryPage {
  result: object[];
  total: number;
}

const INVALID = 'Please verify the parameters';
const NOTHING: DirectoryPage = { result: [], total: 0 };

const ROOM_SORTS: Readonly<Record<string, (typeof ROOM_SORT)['name' | 'ts' | 'usersCount' | 'lm']>> = {
  name: ROOM_SORT.name,
  createdAt: ROOM_SORT.ts,
  usersCount: ROOM_SORT.usersCount,
  lastMessage: ROOM_SORT.lm,
  // Only direct rooms have it, and these are not in the directory.
  usernames: ROOM_SORT.name,
};
const PEOPLE_SORTS: Readonly<Record<string, 'name' | 'username' | 'createdAt' | 'email' | 'bio'>> = {
  name: 'name',
  username: 'username',
  createdAt: 'createdAt',
  // Of people there is nothing to count.
  usersCount: 'username',
  email: 'email',
  bio: 'bio',
};

/** The channels, teams or people of the workspace that the caller may find (spec 11 §9). @throws "Please verify the parameters" */
export async function directory(ctx: Context, caller: Caller, query: DirectoryQuery): Promise<DirectoryPage> {
  if (query.type === 'users') return people(ctx, caller, query);
  if (query.type !== 'channels' && query.type !== 'teams') refuse(INVALID);
  if (!ctx.permissions.has(caller, 'view-c-room')) refuse(INVALID);
  const sort = Object.hasOwn(ROOM_SORTS, query.sortBy) ? ROOM_SORTS[query.sortBy] : undefined;
  if (!sort) refuse(INVALID);
  if (query.isExternal) return NOTHING;
  const { type: kind, text, offset, count } = query;
  const direction = query.ascending ? 'asc' : 'desc';
  const search = { kind, text, uid: caller.uid, sort, direction } as const;
  const { rooms, total } = await directoryRooms(ctx.db, search, { offset, count });
  const teamIds = [...new Set(rooms.flatMap((room) => room.teamId ?? []))];
  if (kind === 'teams') {
    const counts = await roomsPerTeam(ctx.db, teamIds);
    const result = rooms.map((room) => ({
      ...shown(room, caller),
      teamMain: true,
      roomsCount: counts.get(room.teamId ?? '') ?? 0,
    }));
    return { result, total };
  }
  const names = await teamNames(ctx.db, teamIds);
  const result = rooms.map((room) => {
    const belongsTo = room.teamId === null ? undefined : names.get(room.teamId);
    return { ...shown(room, caller), ...(belongsTo === undefined ? {} : { belongsTo }) };
  });
  return { result: await withCurrentNames(ctx, result), total };
}

const SHOWN = [
  ...(['_id', 't', 'name', 'fname', 'description', 'topic', 'lastMessage', 'ts', 'archived'] as const),
  ...(['default', 'featured', 'usersCount', 'prid', 'teamId', 'federated'] as const),
];

function shown(room: Room, caller: Caller): Partial<WireRoom> {
  const wire = presentRoom(room, caller.uid);
  return Object.fromEntries(SHOWN.flatMap((key) => (wire[key] === undefined ? [] : [[key, wire[key]]])));
}

async function people(ctx: Context, caller: Caller, query: DirectoryQuery): Promise<DirectoryPage> {
  const needed = ['view-outside-room', 'view-d-room'];
  const column = Object.hasOwn(PEOPLE_SORTS, query.sortBy) ? PEOPLE_SORTS[query.sortBy] : undefined;
  if (!column || !needed.every((permission) => ctx.permissions.has(caller, permission))) refuse(INVALID);
  if (query.isExternal) return NOTHING;
  const { text, ascending, offset, count } = query;
  const full = ctx.permissions.has(caller, 'view-full-other-user-info');
  // The order of addresses tells something of them.
  const sortedBy = column === 'email' && !full ? 'username' : column;
  const sort = [{ column: sortedBy, direction: ascending ? ('asc' as const) : ('desc' as const) }];
  const { users, total } = await listPeople(ctx, text, { sort, offset, count });
  return { result: users.map((user) => presentPerson(user, full)), total };
}

function presentPerson(user: User, full: boolean): object {
  const { _id, username, name, nickname, bio, createdAt, avatarETag, emails } = user;
  const shownEmails = full && emails.length > 0 ? emails : undefined;
  return {
    _id,
    username,
    name,
    nickname,
    bio,
    createdAt: new Date(createdAt),
    avatarETag,
    emails: shownEmails,
  };
}
