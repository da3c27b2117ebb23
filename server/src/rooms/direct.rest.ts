import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { filesAnswer, filesMembers } from '../files/list-files.rest.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { type OrderBy, orderBy, pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { ALWAYS_EXCLUDED, applyFields, parseFields } from '../rest/projection.ts';
import { freeObject, listMembers, listQuery, oneOf, roomIdOrName, strict } from '../rest/schemas.ts';
import { canAccessRoom } from './access.ts';
import { setBlocked } from './block.ts';
import { withCurrentNames } from './current-names.ts';
import { eraseRoom } from './delete-room.ts';
import { createDirectRoom, findDirectRoom } from './direct.ts';
import { directMembers } from './direct-members.ts';
import { findAnyRoom } from './find-room.ts';
import { getMembership, getRoom } from './get-room.ts';
import { leaveRoom } from './leave.ts';
import { findRoomsPage, ROOM_SORT, type RoomListFilter } from './list-rooms.ts';
import { statusFilter } from './lists.rest.ts';
import { unreadState } from './membership.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';
import { saveRoomSettings } from './save-room-settings.ts';
import { hideRoom, openRoom } from './visibility.ts';

/** Direct messages: `im.*`, and `dm.*` as another name of each (spec 11 §3). Histories: `messages/room-history.rest.ts`. */

const roomIdBody = strict({ roomId: Type.String() });

/** A room or, where a username may be given, the person at its other end. */
const roomOrPerson = <P extends Parameters<typeof strict>[0]>(others: P) =>
  oneOf(strict({ roomId: Type.String(), ...others }), strict({ username: Type.String(), ...others }));

/** The direct room with this id. 403 without access, also for a room that does not exist. @throws invalid-channel */
async function ownDirectRoom(ctx: Context, caller: Caller, rid: string): Promise<Room> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) forbid();
  if (room.type !== 'd') fail('invalid-channel');
  return room;
}

async function lookUp(ctx: Context, caller: Caller, given: { roomId?: string; username?: string }) {
  return findDirectRoom(ctx, caller, given.roomId ?? given.username ?? '');
}

const BY_NAME: OrderBy<(typeof ROOM_SORT)['name' | 'ts']>[] = [
  { column: ROOM_SORT.name, direction: 'asc' },
  { column: ROOM_SORT.ts, direction: 'asc' },
];

interface ListQuery {
  offset?: number;
  count?: number;
  sort?: string;
  fields?: string;
}

async function listAnswer(ctx: Context, caller: Caller, query: ListQuery, filter: RoomListFilter) {
  const page = pageOf(ctx.settings, query);
  const fields = parseFields(ctx.config, query.fields, ALWAYS_EXCLUDED);
  const { rooms, total } = await findRoomsPage(ctx, filter, orderBy(query.sort, ROOM_SORT, BY_NAME), page);
  const wire = rooms.map((room) => presentRoom(room, caller.uid));
  const ims = (await withCurrentNames(ctx, wire)).map((room) => applyFields(room, fields));
  return { ims, ...pageMembers(page, ims, total) };
}

function create(prefix: string): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${prefix}.create`,
    summary: 'Opens the direct room with one or several people.',
    auth: 'user',
    body: oneOf(
      strict({ username: Type.String(), excludeSelf: Type.Optional(Type.Boolean()) }),
      strict({ usernames: Type.String(), excludeSelf: Type.Optional(Type.Boolean()) }),
    ),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const { username, usernames, excludeSelf } = body as {
        username?: string;
        usernames?: string;
        excludeSelf?: boolean;
      };
      const names =
        username === undefined ? (usernames ?? '').split(',').map((name) => name.trim()) : [username];
      const given = names.filter(Boolean);
      // Who names nobody is told so: the room with oneself opens only for one's own name.
      const room = await createDirectRoom(ctx, caller, {
        usernames: given.length > 0 ? given : names,
        excludeSelf,
      });
      return { room: { _id: room.id, rid: room.id, t: 'd', usernames: room.details.usernames } };
    },
  });
}

function lists(prefix: string): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: `${prefix}.list`,
      summary: 'Own direct rooms, open and hidden.',
      auth: 'user',
      query: listQuery,
      response: freeObject,
      handler: (ctx, { caller, query }) =>
        listAnswer(ctx, caller, query, { type: 'd', joinedBy: caller.uid }),
    }),
    endpoint({
      method: 'GET',
      path: `${prefix}.list.everyone`,
      summary: 'Every direct room of the workspace, for administrators.',
      auth: 'user',
      permissions: { all: ['view-room-administration'] },
      query: listQuery,
      response: freeObject,
      handler: (ctx, { caller, query }) => listAnswer(ctx, caller, query, { type: 'd' }),
    }),
    endpoint({
      method: 'GET',
      path: `${prefix}.members`,
      summary: 'The people of a direct room.',
      auth: 'user',
      query: roomOrPerson({ ...listMembers, filter: Type.Optional(Type.String()), status: statusFilter }),
      response: freeObject,
      async handler(ctx, { caller, query }) {
        const room = await lookUp(ctx, caller, query);
        if (!(await canAccessRoom(ctx, caller, room))) forbid();
        const page = pageOf(ctx.settings, query);
        const direction = parseSort(query.sort)?.find(([path]) => path === 'username')?.[1];
        const all = await directMembers(ctx, room, {
          statuses: query.status as string[] | undefined,
          text: query.filter,
          order: direction === undefined ? undefined : direction === 1 ? 'asc' : 'desc',
        });
        const members = all.slice(page.offset, page.offset + page.count);
        return { members, ...pageMembers(page, members, all.length) };
      },
    }),
    endpoint({
      method: 'GET',
      path: `${prefix}.files`,
      summary: 'Files that were sent in a direct room.',
      auth: 'user',
      query: roomOrPerson(filesMembers),
      response: freeObject,
      async handler(ctx, { caller, query }) {
        const room = await lookUp(ctx, caller, query);
        if (!(await canAccessRoom(ctx, caller, room))) forbid();
        return filesAnswer(ctx, room, query);
      },
    }),
  ];
}

function changes(prefix: string): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: `${prefix}.open`,
      summary: 'Shows a direct room in the own sidebar.',
      auth: 'user',
      body: roomIdBody,
      async handler(ctx, { caller, body }) {
        const room = await ownDirectRoom(ctx, caller, body.roomId);
        await openRoom(ctx, caller, room.id);
        return {};
      },
    }),
    endpoint({
      method: 'POST',
      path: `${prefix}.close`,
      summary: 'Hides a direct room from the own sidebar until the next message.',
      auth: 'user',
      // Old clients send `userId` too.
      body: strict({ roomId: Type.String(), userId: Type.Optional(Type.String()) }),
      async handler(ctx, { caller, body }) {
        if (!(await getRoom(ctx, body.roomId))) refuse('The user is not subscribed to the room');
        const room = await ownDirectRoom(ctx, caller, body.roomId);
        const membership = await getMembership(ctx, room.id, caller.uid);
        if (!membership) refuse('The user is not subscribed to the room');
        if (!unreadState(membership, room).open) {
          refuse('The direct message room, is already closed to the sender');
        }
        await hideRoom(ctx, caller, room.id);
        return {};
      },
    }),
    endpoint({
      method: 'POST',
      path: `${prefix}.setTopic`,
      summary: 'Sets the topic of a direct room.',
      auth: 'user',
      body: strict({ roomId: Type.String(), topic: Type.Optional(Type.String()) }),
      response: freeObject,
      async handler(ctx, { caller, body }) {
        const room = await ownDirectRoom(ctx, caller, body.roomId);
        const { topic } = body;
        await saveRoomSettings(ctx, caller, room.id, topic === undefined ? {} : { roomTopic: topic });
        return { topic };
      },
    }),
    endpoint({
      method: 'POST',
      path: `${prefix}.leave`,
      summary: 'Leaves a direct room, which only rooms shared with other servers allow: there are none.',
      auth: 'user',
      body: roomIdOrName(),
      async handler(ctx, { caller, body }) {
        const room = await findAnyRoom(ctx, body);
        if (room.type !== 'd') fail('invalid-channel');
        await leaveRoom(ctx, caller, room.id);
        return {};
      },
    }),
    endpoint({
      method: 'POST',
      path: `${prefix}.delete`,
      summary: 'Deletes a direct room with everything in it.',
      auth: 'user',
      body: roomOrPerson({}),
      async handler(ctx, { caller, body }) {
        const room = await lookUp(ctx, caller, body);
        const may =
          ctx.permissions.has(caller, 'view-room-administration') || (await canAccessRoom(ctx, caller, room));
        if (!may) fail('error-not-allowed', 'Not allowed');
        await eraseRoom(ctx, caller, room.id);
        return {};
      },
    }),
    endpoint({
      method: 'POST',
      path: `${prefix}.blockUser`,
      summary: 'Blocks the other person of a direct room, or ends the block.',
      auth: 'user',
      body: strict({ roomId: Type.String(), block: Type.Boolean() }),
      async handler(ctx, { caller, body }) {
        await setBlocked(ctx, caller, await lookUp(ctx, caller, body), body.block);
        return {};
      },
    }),
  ];
}

export const directEndpoints: Endpoint[] = ['im', 'dm'].flatMap((prefix) => [
  create(prefix),
  ...lists(prefix),
  ...changes(prefix),
]);
