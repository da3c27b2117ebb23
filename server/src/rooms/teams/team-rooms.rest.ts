import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../../rest/endpoint.ts';
import { orderBy, pageMembers, pageOf, UNLIMITED } from '../../rest/list-params.ts';
import { freeObject, oneOf, pagingMembers, strict, textOf } from '../../rest/schemas.ts';
import { ROOM_SORT } from '../list-rooms.ts';
import { presentRoom } from '../present-room.ts';
import { requiredTeam } from './find-team.ts';
import { childrenOfTeam, pageOfTeamRooms, teamRoomsOfUser } from './list-team-rooms.ts';
import { addRoomsToTeam, removeRoomFromTeam, setTeamDefault } from './team-rooms.ts';
import { roomIds, teamIdOrName } from './team-schemas.rest.ts';

/** The rooms of a team (spec 11 §8). */

const add = endpoint({
  method: 'POST',
  path: 'teams.addRooms',
  summary: 'Puts rooms that the caller owns into a team.',
  auth: 'user',
  body: teamIdOrName({ rooms: roomIds }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const rooms = await addRoomsToTeam(ctx, caller, await requiredTeam(ctx, body), body.rooms);
    return { rooms: rooms.map((room) => presentRoom(room, caller.uid)) };
  },
});

const remove = endpoint({
  method: 'POST',
  path: 'teams.removeRoom',
  summary: 'Takes a room out of its team.',
  auth: 'user',
  body: teamIdOrName({ roomId: Type.String() }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const room = await removeRoomFromTeam(ctx, caller, await requiredTeam(ctx, body), body.roomId);
    return { room: presentRoom(room, caller.uid) };
  },
});

const updateRoom = endpoint({
  method: 'POST',
  path: 'teams.updateRoom',
  summary: 'Whether the members of the team join a room by themselves.',
  auth: 'user',
  body: strict({
    roomId: Type.String(),
    isDefault: Type.Boolean(),
    // Clients name it; the room tells.
    teamId: Type.Optional(Type.String()),
  }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const room = await setTeamDefault(ctx, caller, body.roomId, body.isDefault);
    return { room: presentRoom(room, caller.uid) };
  },
});

const list = endpoint({
  method: 'GET',
  path: 'teams.listRooms',
  summary: 'The rooms of a team but its main one.',
  auth: 'user',
  query: teamIdOrName({
    ...pagingMembers,
    filter: Type.Optional(Type.String()),
    type: Type.Optional(Type.String()),
  }),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    const team = await requiredTeam(ctx, query);
    const page = pageOf(ctx.settings, query);
    const filter = { text: query.filter, autoJoinOnly: query.type === 'autoJoin' };
    const { rooms, total } = await pageOfTeamRooms(ctx, caller, team, filter, page);
    return { rooms, ...pageMembers(page, rooms, total) };
  },
});

const listOfUser = endpoint({
  method: 'GET',
  path: 'teams.listRoomsOfUser',
  summary: 'The rooms of a team that a user is in.',
  auth: 'user',
  query: teamIdOrName({
    ...pagingMembers,
    userId: Type.String(),
    canUserDelete: Type.Optional(Type.Boolean()),
  }),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    const team = await requiredTeam(ctx, query);
    const { offset, count } = pageOf(ctx.settings, query);
    const wanted = { userId: query.userId, canUserDelete: query.canUserDelete === true };
    const all = await teamRoomsOfUser(ctx, caller, team, wanted);
    const rooms = all.slice(offset, offset + count);
    // Always 0, as documented.
    return { rooms, total: all.length, count: rooms.length, offset: 0 };
  },
});

const children = {
  ...pagingMembers,
  sort: Type.Optional(Type.String()),
  filter: Type.Optional(Type.String()),
  type: Type.Optional(textOf('channels', 'discussions')),
};

const listChildren = endpoint({
  method: 'GET',
  path: 'teams.listChildren',
  summary: 'The rooms of a team with its main one, and the discussions of that.',
  auth: 'user',
  query: oneOf(
    strict({ teamId: Type.String(), ...children }),
    strict({ teamName: Type.String(), ...children }),
    strict({ roomId: Type.String(), ...children }),
  ),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    const page = pageOf(ctx.settings, query);
    const order = orderBy(query.sort, ROOM_SORT, [{ column: ROOM_SORT.ts, direction: 'asc' }]);
    const filter = { text: query.filter, only: query.type };
    const { rooms, total } = await childrenOfTeam(ctx, caller, query, filter, order, page);
    // The count is the one that was asked for, as documented.
    return { data: rooms, total, offset: page.offset, count: page.count === UNLIMITED ? 0 : page.count };
  },
});

export const teamRoomEndpoints: Endpoint[] = [add, remove, updateRoom, list, listOfUser, listChildren];
