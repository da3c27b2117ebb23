import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { filesAnswer, filesMembers, imagesAnswer } from '../files/list-files.rest.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { orderBy, pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { ALWAYS_EXCLUDED, applyFields, parseFields } from '../rest/projection.ts';
import { parseListFilter } from '../rest/query-filter.ts';
import { freeObject, listMembers, roomIdOrName, strict } from '../rest/schemas.ts';
import { canAccessRoom } from './access.ts';
import { withCurrentNames, withNamesOfNow } from './current-names.ts';
import { CHANNELS, type Family, GROUPS } from './family.rest.ts';
import { findAnyRoom } from './find-room.ts';
import { findRoomsPage, ROOM_QUERYABLE, ROOM_SORT, type RoomListFilter } from './list-rooms.ts';
import { mayListMembers, onlineMembersOf, pageOfMembers } from './members.ts';
import { presentRoom } from './present-room.ts';

/** Reading rooms and who is in them (spec 10 §10.1 to §10.3). */

function info(family: Family): Endpoint {
  return endpoint({
    method: 'GET',
    path: `${family.prefix}.info`,
    summary: `One ${family.noun}.`,
    auth: 'user',
    query: roomIdOrName({ fields: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const room = await family.find(ctx, caller, query, 'allowed');
      if (family.type === 'c' && !(await canAccessRoom(ctx, caller, room))) forbid();
      const fields = parseFields(ctx.config, query.fields, ALWAYS_EXCLUDED);
      const shown = await withNamesOfNow(ctx, presentRoom(room, caller.uid));
      return { [family.key]: applyFields(shown, fields) };
    },
  });
}

const roomListQuery = strict({
  ...listMembers,
  _id: Type.Optional(Type.String()),
  roomId: Type.Optional(Type.String()),
  roomName: Type.Optional(Type.String()),
});

interface ListQuery {
  offset?: number;
  count?: number;
  sort?: string;
  query?: string;
  fields?: string;
}

async function listAnswer(
  ctx: Context,
  caller: Caller,
  family: Family,
  query: ListQuery,
  which: RoomListFilter,
) {
  const page = pageOf(ctx.settings, query);
  const order = orderBy(query.sort, ROOM_SORT, [{ column: ROOM_SORT.name, direction: 'asc' }]);
  const fields = parseFields(ctx.config, query.fields, ALWAYS_EXCLUDED);
  const filter = parseListFilter(ctx.config, query.query, ROOM_QUERYABLE);
  const { rooms, total } = await findRoomsPage(ctx, { ...which, filter }, order, page);
  const wire = rooms.map((room) => presentRoom(room, caller.uid));
  const shown = (await withCurrentNames(ctx, wire)).map((room) => applyFields(room, fields));
  return { [`${family.key}s`]: shown, ...pageMembers(page, shown, total) };
}

const listChannels = endpoint({
  method: 'GET',
  path: 'channels.list',
  summary: 'Public channels that the caller can see.',
  auth: 'user',
  permissions: { any: ['view-c-room', 'view-joined-room'] },
  query: roomListQuery,
  response: freeObject,
  handler(ctx, { caller, query }) {
    const scope = ctx.permissions.has(caller, 'view-c-room') ? 'outsideTeamsOrJoinedBy' : 'joinedBy';
    return listAnswer(ctx, caller, CHANNELS, query, { type: 'c', id: query._id, [scope]: caller.uid });
  },
});

function listJoined(family: Family, path: string): Endpoint {
  return endpoint({
    method: 'GET',
    path,
    summary: `Every ${family.noun} the caller is in.`,
    auth: 'user',
    query: roomListQuery,
    response: freeObject,
    handler(ctx, { caller, query }) {
      return listAnswer(ctx, caller, family, query, { type: family.type, joinedBy: caller.uid });
    },
  });
}

const listAllGroups = endpoint({
  method: 'GET',
  path: 'groups.listAll',
  summary: 'Every private group of the workspace, for administrators.',
  auth: 'user',
  permissions: { all: ['view-room-administration'] },
  query: roomListQuery,
  response: freeObject,
  handler(ctx, { caller, query }) {
    return listAnswer(ctx, caller, GROUPS, query, { type: 'p' });
  },
});

/** Only members with one of these statuses. */
export const statusFilter = Type.Optional(
  Type.Array(Type.Union(['online', 'away', 'busy', 'offline'].map((status) => Type.Literal(status)))),
);

function members(family: Family): Endpoint {
  return endpoint({
    method: 'GET',
    path: `${family.prefix}.members`,
    summary: `The members of a ${family.noun}; only active accounts.`,
    auth: 'user',
    query: roomIdOrName({ ...listMembers, filter: Type.Optional(Type.String()), status: statusFilter }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const room = await family.find(ctx, caller, query, family.type === 'c' ? 'allowed' : 'refused');
      if (!(await canAccessRoom(ctx, caller, room)) || !(await mayListMembers(ctx, caller, room))) forbid();
      const page = pageOf(ctx.settings, query);
      const direction = parseSort(query.sort)?.find(([path]) => path === 'username')?.[1];
      const filter = {
        text: query.filter,
        statuses: query.status as string[] | undefined,
        ...(direction === undefined ? {} : { order: direction === 1 ? ('asc' as const) : ('desc' as const) }),
      };
      const found = await pageOfMembers(ctx, room, filter, page);
      return { members: found.members, ...pageMembers(page, found.members, found.total) };
    },
  });
}

function online(family: Family): Endpoint {
  return endpoint({
    method: 'GET',
    path: `${family.prefix}.online`,
    summary: 'The members who are not offline.',
    auth: 'user',
    query: strict({ _id: Type.Optional(Type.String()), query: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const id = query._id ?? idInRawQuery(ctx, query.query);
      if (!id) refuse('Invalid query');
      const room = await findAnyRoom(ctx, { roomId: id }, 'allowed').catch(() => undefined);
      if (room?.type !== family.type)
        refuse(family.type === 'c' ? 'Channel does not exists' : 'Group does not exists');
      if (!(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not Allowed');
      return { online: await onlineMembersOf(ctx, room) };
    },
  });
}

/** Old clients send `query={"_id":"..."}`; honoured only where raw queries are switched on (spec 00 §11.3). */
function idInRawQuery(ctx: Context, raw: string | undefined): string | undefined {
  if (!raw || !ctx.config.allowUnsafeQueryAndFields) return undefined;
  try {
    const parsed: unknown = JSON.parse(raw);
    const id = typeof parsed === 'object' && parsed !== null ? (parsed as { _id?: unknown })._id : undefined;
    return typeof id === 'string' ? id : undefined;
  } catch {
    fail('error-invalid-query', `Invalid query parameter provided: "${raw}"`, {
      helperMethod: 'parseJsonQuery',
    });
  }
}

function files(family: Family): Endpoint {
  return endpoint({
    method: 'GET',
    path: `${family.prefix}.files`,
    summary: 'Files that were uploaded to the room.',
    auth: 'user',
    query: roomIdOrName(filesMembers),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const room = await family.find(ctx, caller, query, 'allowed');
      if (!(await canAccessRoom(ctx, caller, room))) forbid();
      return filesAnswer(ctx, room, query);
    },
  });
}

const images = endpoint({
  method: 'GET',
  path: 'channels.images',
  summary: 'Images that were uploaded to the room.',
  auth: 'user',
  query: strict({
    roomId: Type.String(),
    startingFromId: Type.Optional(Type.String()),
    offset: Type.Optional(Type.Number()),
    count: Type.Optional(Type.Number()),
  }),
  response: freeObject,
  deprecated: { version: '7.0.0', info: 'rooms.images' },
  handler: (ctx, { caller, query }) => imagesAnswer(ctx, caller, query),
});

export const listEndpoints: Endpoint[] = [
  listChannels,
  listJoined(CHANNELS, 'channels.list.joined'),
  listJoined(GROUPS, 'groups.list'),
  listAllGroups,
  images,
  ...[CHANNELS, GROUPS].flatMap((family) => [info(family), members(family), online(family), files(family)]),
];
