import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import {
  matchFailed,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTime,
  textListParam,
  textParam,
} from '../realtime/params.ts';
import { canAccessRoom, mayPreview } from './access.ts';
import { withNamesOfNow } from './current-names.ts';
import { lookUpDirectRoom } from './direct.ts';
import { type DirectoryQuery, directory } from './directory.ts';
import { requiredRoom } from './find-room.ts';
import { getRoom, getRoomByIdOrName } from './get-room.ts';
import { findRoomsPage, ROOM_SORT } from './list-rooms.ts';
import { findMembership, mayListMembers, pageOfMembers } from './members.ts';
import { isActiveMember } from './membership.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';
import { roomRoleHolders } from './room-roles.ts';
import { spotlight } from './spotlight.ts';
import { roomsForAnonymous, syncRooms, syncSubscriptions } from './sync.ts';

/** DDP methods that find rooms, the own ones and those of the workspace, and who is in them (spec 40 §10.1, §10.2). */

const listing: DdpMethod[] = [
  {
    name: 'subscriptions/get',
    auth: 'none',
    async run(ctx, { caller, params }) {
      if (!caller) return [];
      const since = optionalTime(params[0]);
      const delta = await syncSubscriptions(ctx, caller, since);
      return since === undefined ? delta.update : delta;
    },
  },
  {
    name: 'rooms/get',
    auth: 'none',
    async run(ctx, { caller, params }) {
      if (!caller) return roomsForAnonymous(ctx);
      const since = optionalTime(params[0]);
      const delta = await syncRooms(ctx, caller, since);
      return since === undefined ? delta.update : delta;
    },
  },
];

/** Also for whoever is not logged in, where anybody may read. */
function readersMethod(name: string, run: DdpMethod['run']): DdpMethod {
  return {
    name,
    auth: 'none',
    run(ctx, call) {
      if (!call.caller && !ctx.settings.bool('Accounts_AllowAnonymousRead')) {
        fail('error-invalid-user', 'Invalid user', { method: name });
      }
      return run(ctx, call);
    },
  };
}

const finding: DdpMethod[] = [
  userMethod('getRoomIdByNameOrId', async (ctx, { caller, params }) => {
    const room = await getRoomByIdOrName(ctx, textParam(params[0]));
    if (!room || !(await canAccessRoom(ctx, caller, room))) {
      fail('error-not-allowed', 'Not allowed', { method: 'getRoomIdByNameOrId' });
    }
    return room.id;
  }),
  userMethod('getRoomNameById', async (ctx, { caller, params }) => {
    const room = await getRoom(ctx, textParam(params[0]));
    const details = { method: 'getRoomNameById' };
    if (!room) fail('error-room-does-not-exist', 'Room does not exist', details);
    const isMember = isActiveMember(await findMembership(ctx, room.id, caller.uid));
    const isVisible = room.type === 'c' && ctx.permissions.has(caller, 'view-c-room');
    if (!isMember && !isVisible) fail('error-not-allowed', 'Not allowed', details);
    return room.name ?? undefined;
  }),
  readersMethod('getRoomByTypeAndName', (ctx, { caller, params }) =>
    roomByTypeAndName(ctx, caller, textParam(params[0]), textParam(params[1])),
  ),
  userMethod(
    'getRoomById',
    async (ctx, { caller, params }) => {
      const room = await getRoom(ctx, textParam(params[0]));
      if (!room || !(await canAccessRoom(ctx, caller, room))) {
        fail('error-not-allowed', 'Not allowed', { method: 'getRoomById' });
      }
      return withNamesOfNow(ctx, presentRoom(room, caller.uid));
    },
    { rateLimit: { calls: 10, windowMs: 60_000 } },
  ),
  readersMethod('getRoomRoles', async (ctx, { caller, params }) =>
    roomRoleHolders(ctx, caller, await requiredRoom(ctx, textParam(params[0]), 'getRoomRoles')),
  ),
  userMethod('getUsersOfRoom', (ctx, { caller, params }) => usersOfRoom(ctx, caller, params)),
];

async function roomByTypeAndName(ctx: Context, caller: Caller | null, type: string, nameOrId: string) {
  const details = { method: 'getRoomByTypeAndName' };
  const room =
    type === 'd' ? await directRoom(ctx, caller, nameOrId) : await getRoomByIdOrName(ctx, nameOrId);
  if (room?.type !== type) fail('error-invalid-room', 'Invalid room', details);
  if (!(await canAccessRoom(ctx, caller, room))) fail('error-no-permission', 'No permission', details);
  const { lastMessage, ...rest } = presentRoom(room, caller?.uid);
  const mayReadLast =
    mayPreview(ctx, caller) || (caller && isActiveMember(await findMembership(ctx, room.id, caller.uid)));
  return mayReadLast && lastMessage ? withNamesOfNow(ctx, { ...rest, lastMessage }) : rest;
}

/** A room id first: looking at a direct room must not create one. */
async function directRoom(ctx: Context, caller: Caller | null, nameOrId: string): Promise<Room | undefined> {
  return (await getRoom(ctx, nameOrId)) ?? (caller ? lookUpDirectRoom(ctx, caller, nameOrId) : undefined);
}

async function usersOfRoom(ctx: Context, caller: Caller, params: readonly unknown[]) {
  const details = { method: 'getUsersOfRoom' };
  const room = await getRoom(ctx, textParam(params[0]));
  if (!room) fail('error-invalid-room', 'Invalid room', details);
  if (!(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not allowed', details);
  if (!(await mayListMembers(ctx, caller, room))) fail('not-authorized', 'Not Authorized', details);
  const page = optionalObject(params[2]) ?? {};
  const limit = optionalNumber(page.limit) ?? 100;
  const found = await pageOfMembers(
    ctx,
    room,
    {
      text: optionalText(params[3]),
      statuses: optionalBoolean(params[1]) ? undefined : ['online', 'away', 'busy'],
    },
    { offset: optionalNumber(page.skip) ?? 0, count: Math.min(limit > 0 ? limit : 1000, 1000) },
  );
  return { total: found.total, records: found.members };
}

const MAX_BROWSED = 100;

function directoryParams(given: unknown): DirectoryQuery {
  const wanted = optionalObject(given) ?? {};
  const direction = optionalText(wanted.sortDirection) ?? 'asc';
  const limit = Math.trunc(optionalNumber(wanted.limit) ?? 10);
  const page = Math.trunc(optionalNumber(wanted.page) ?? 0);
  const offset = Math.trunc(optionalNumber(wanted.offset) ?? page * limit);
  if ((direction !== 'asc' && direction !== 'desc') || page < 0 || offset < 0 || limit <= 0) matchFailed();
  return {
    text: optionalText(wanted.text) ?? '',
    type: optionalText(wanted.type) ?? 'channels',
    sortBy: optionalText(wanted.sortBy) ?? 'name',
    ascending: direction === 'asc',
    offset,
    count: Math.min(limit, MAX_BROWSED),
  };
}

const browsing: DdpMethod[] = [
  userMethod(
    'browseChannels',
    async (ctx, { caller, params }) => {
      try {
        const { result, total } = await directory(ctx, caller, directoryParams(params[0]));
        return { total, results: result };
      } catch (error) {
        // Bad parameters and missing permissions alike have no result (spec 40 §10.2).
        if (error instanceof Refusal) return undefined;
        throw error;
      }
    },
    { rateLimit: { calls: 100, windowMs: 100_000 } },
  ),
  userMethod('channelsList', async (ctx, { caller, params }) => {
    const [filter, channelType, limit] = params;
    const type = optionalText(channelType) === 'private' ? 'p' : 'c';
    const scope =
      type === 'c' && ctx.permissions.has(caller, 'view-c-room') ? 'outsideTeamsOrJoinedBy' : 'joinedBy';
    const { rooms } = await findRoomsPage(
      ctx,
      { type, [scope]: caller.uid, text: optionalText(filter) },
      [{ column: ROOM_SORT.name, direction: 'asc' }],
      { offset: 0, count: Math.max(1, Math.min(optionalNumber(limit) ?? MAX_BROWSED, MAX_BROWSED)) },
    );
    return { channels: rooms.map((room) => ({ _id: room.id, name: room.name, t: room.type })) };
  }),
];

const searching: DdpMethod[] = [
  {
    name: 'spotlight',
    auth: 'none',
    rateLimit: { calls: 100, windowMs: 100_000 },
    run(ctx, { caller, params }) {
      const [text, except, type, rid] = params;
      const wanted = optionalObject(type) ?? {};
      return spotlight(ctx, caller, {
        text: textParam(text),
        except: except === undefined || except === null ? [] : textListParam(except),
        users: optionalBoolean(wanted.users) ?? type == null,
        rooms: optionalBoolean(wanted.rooms) ?? type == null,
        mentions: optionalBoolean(wanted.mentions) ?? false,
        rid: optionalText(rid),
      });
    },
  },
];

export const roomFindingMethods: DdpMethod[] = [...listing, ...finding, ...browsing, ...searching];
