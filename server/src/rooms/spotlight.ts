import { quickSearchPeople } from '../accounts/list-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { canAccessRoom, maySeePublicChannels } from './access.ts';
import { withCurrentNames } from './current-names.ts';
import { membershipsIn } from './membership.store.ts';
import { presentRoom, type WireRoom } from './present-room.ts';
import { unjoinedChannelsLike } from './room-lists.store.ts';
import { roomById } from './rooms.store.ts';
import { ownTeamsBeginning } from './teams/team-lists.store.ts';

export interface SpotlightQuery {
  text: string;
  /** Usernames to leave out. */
  except: readonly string[];
  users: boolean;
  rooms: boolean;
  /** Own teams are suggested among the users, as what one can mention. */
  mentions: boolean;
  /** A room whose members are not marked `outside`. */
  rid?: string | undefined;
}

interface FoundPerson {
  _id: string;
  username?: string | undefined;
  name?: string | undefined;
  nickname?: string | undefined;
  status: string;
  statusText?: string | undefined;
  avatarETag?: string | undefined;
  outside?: true;
}

/** A team that can be mentioned looks like a person to clients. */
interface FoundTeam {
  _id: string;
  name: string;
  type: number;
  isTeam: true;
  username: string;
  status: 'online';
}

type FoundRoom = Pick<
  WireRoom,
  '_id' | 't' | 'name' | 'fname' | 'teamMain' | 'joinCodeRequired' | 'lastMessage' | 'prid'
>;

const MAX_ROOMS = 5;

/** Quick search for people and for channels the caller has not joined (spec 11 §9). `#` means rooms only, `@` people only. */
export async function spotlight(
  ctx: Context,
  caller: Caller | null,
  query: SpotlightQuery,
): Promise<{ users: (FoundPerson | FoundTeam)[]; rooms: FoundRoom[] }> {
  const text = query.text.trim();
  const term = text.replace(/^[#@]/, '');
  const wantsUsers = query.users && !text.startsWith('#') && caller !== null;
  const wantsRooms = query.rooms && !text.startsWith('@');
  const users = wantsUsers ? await people(ctx, caller, term, query) : [];
  const teams = wantsUsers && query.mentions ? await ownTeams(ctx, caller, term) : [];
  return {
    users: [...users, ...teams],
    rooms: wantsRooms ? await channels(ctx, caller, term) : [],
  };
}

async function ownTeams(ctx: Context, caller: Caller, term: string): Promise<FoundTeam[]> {
  const teams = await ownTeamsBeginning(ctx.db, term, caller.uid, MAX_ROOMS);
  return teams.map(({ id, name, type }) => ({
    _id: id,
    name,
    type,
    isTeam: true,
    username: name,
    status: 'online',
  }));
}

async function channels(ctx: Context, caller: Caller | null, term: string): Promise<FoundRoom[]> {
  if (!maySeePublicChannels(ctx, caller)) return [];
  if (caller && !ctx.permissions.has(caller, 'view-outside-room')) return [];
  const mayPreview = caller !== null && ctx.permissions.has(caller, 'preview-c-room');
  const found = await unjoinedChannelsLike(ctx.db, term, caller?.uid, MAX_ROOMS);
  const shown = found.map((room) => {
    const { _id, t, name, fname, teamMain, joinCodeRequired, lastMessage, prid } = presentRoom(
      room,
      caller?.uid,
    );
    return { _id, t, name, fname, teamMain, joinCodeRequired, prid, ...(mayPreview ? { lastMessage } : {}) };
  });
  return withCurrentNames(ctx, shown);
}

async function people(
  ctx: Context,
  caller: Caller,
  term: string,
  { except, rid }: SpotlightQuery,
): Promise<FoundPerson[]> {
  if (rid !== undefined && !(await mayEnter(ctx, caller, rid))) return [];
  const limit = ctx.settings.int('Number_of_users_autocomplete_suggestions') || 5;
  const found = await quickSearchPeople(ctx, caller, { term, exceptions: except, rid, limit });
  const inside = rid === undefined ? undefined : await membersAmong(ctx, rid, found);
  return found.map(({ _id, username, name, nickname, status, statusText, avatarETag }) => ({
    _id,
    username,
    name,
    nickname,
    status,
    statusText,
    avatarETag,
    ...(inside?.has(_id) ? {} : { outside: true as const }),
  }));
}

async function mayEnter(ctx: Context, caller: Caller, rid: string): Promise<boolean> {
  const room = await roomById(ctx.db, rid);
  return room !== undefined && canAccessRoom(ctx, caller, room);
}

/** Ids of those who are in the room. */
async function membersAmong(
  ctx: Context,
  rid: string,
  users: readonly { _id: string }[],
): Promise<Set<string>> {
  const memberships = await membershipsIn(
    ctx.db,
    rid,
    users.map((user) => user._id),
  );
  return new Set(memberships.filter((own) => own.status === null).map((own) => own.uid));
}
