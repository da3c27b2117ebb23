import { Type } from 'typebox';
import { fail, notFound, refuse, unauthorized } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { freeObject, listMembers, roomIdOrName, strict } from '../rest/schemas.ts';
import { canAccessRoom } from './access.ts';
import { findAnyRoom } from './find-room.ts';
import { getRoom } from './get-room.ts';
import { statusFilter } from './lists.rest.ts';
import { mayListMembers, pageOfMembers, pageOfMembersByRole } from './members.ts';
import { roomRoleHolders } from './room-roles.ts';

/** Who holds which role in a room, its members in that order (spec 11 §4), and its members for auditors. */

const NO_ROOM = 'The required "roomId" or "roomName" param provided does not match any room';

export const membersByRoleEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'rooms.roles',
    summary: 'Who holds which role in a room.',
    auth: 'user',
    query: strict({ rid: Type.String() }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const room = await getRoom(ctx, query.rid);
      if (!room) fail('error-invalid-room', 'Invalid room', { method: 'getRoomRoles' });
      return { roles: await roomRoleHolders(ctx, caller, room) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'rooms.membersOrderedByRole',
    summary: 'The members of a room: owners, leaders and moderators first.',
    auth: 'user',
    query: roomIdOrName({ ...listMembers, filter: Type.Optional(Type.String()), status: statusFilter }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const room = await findAnyRoom(ctx, query, 'allowed').catch(() => notFound(NO_ROOM));
      if (!(await canAccessRoom(ctx, caller, room))) notFound(NO_ROOM);
      if (room.type === 'd') refuse('error-room-type-not-supported');
      if (!(await mayListMembers(ctx, caller, room))) unauthorized();
      const page = pageOf(ctx.settings, query);
      const sort = new Map(parseSort(query.sort));
      const { members, total } = await pageOfMembersByRole(
        ctx,
        room,
        {
          text: query.filter,
          statuses: query.status as string[] | undefined,
          lowestFirst: sort.get('rolePriority') === -1,
          order: sort.get('username') === -1 ? 'desc' : 'asc',
        },
        page,
      );
      return { members, ...pageMembers(page, members, total) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'audit/rooms.members',
    summary: 'The members of any room, for auditors who need not be in it.',
    auth: 'user',
    permissions: { all: ['view-members-list-all-rooms'] },
    query: strict({ ...listMembers, roomId: Type.String(), filter: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { query }) {
      const room = await findAnyRoom(ctx, query, 'allowed');
      const page = pageOf(ctx.settings, query);
      const order = new Map(parseSort(query.sort)).get('username') === -1 ? 'desc' : 'asc';
      const { members, total } = await pageOfMembers(ctx, room, { text: query.filter, order }, page);
      return { members, ...pageMembers(page, members, total) };
    },
  }),
];
