import { Type } from 'typebox';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { type OrderBy, orderBy, pageMembers, pageOf, parseObject } from '../rest/list-params.ts';
import { freeObject, pagingMembers, strict } from '../rest/schemas.ts';
import { ROOM_SORT } from './list-rooms.ts';
import {
  administeredRoom,
  listAllRooms,
  listPrivateRooms,
  pickAnyRoom,
  pickForTeams,
  pickOwnRooms,
} from './room-pickers.ts';

/** Pickers and lists for administrators (spec 11 §4, "Pickers and admin"). */

const selector = { selector: Type.String() };
const kinds = ['c', 'd', 'p', 'l', 'discussions', 'teams'].map((kind) => Type.Literal(kind));
const DEFAULTS_FIRST: OrderBy<(typeof ROOM_SORT)['default' | 'name']>[] = [
  { column: ROOM_SORT.default, direction: 'desc' },
  { column: ROOM_SORT.name, direction: 'asc' },
];
const sorting = { ...pagingMembers, sort: Type.Optional(Type.String()) };

/** The name in `{"name": "..."}`; an empty object means every name. */
function nameIn(raw: string): string {
  const parsed = parseObject(raw);
  if (!parsed) refuse('Invalid selector: it must be a JSON object');
  const { name = '' } = parsed;
  if (typeof name !== 'string') refuse('Invalid selector: the name must be a text');
  return name;
}

export const roomPickerEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'rooms.autocomplete.channelAndPrivate',
    summary: 'Own channels and groups whose name begins so.',
    auth: 'user',
    query: strict(selector),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const { items } = await pickOwnRooms(ctx, caller, nameIn(query.selector));
      return { items };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'rooms.autocomplete.channelAndPrivate.withPagination',
    summary: 'Own channels and groups whose name begins so, page by page.',
    auth: 'user',
    query: strict({ ...selector, ...sorting }),
    response: freeObject,
    handler(ctx, { caller, query }) {
      const order = orderBy(query.sort, ROOM_SORT, [{ column: ROOM_SORT.name, direction: 'asc' }]);
      return pickOwnRooms(ctx, caller, nameIn(query.selector), { ...pageOf(ctx.settings, query), order });
    },
  }),
  endpoint({
    method: 'GET',
    path: 'rooms.autocomplete.availableForTeams',
    summary: 'Own rooms that could be brought into a team.',
    auth: 'user',
    query: strict({ name: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const { items } = await pickForTeams(ctx, caller, query.name ?? '');
      return { items };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'rooms.autocomplete.adminRooms',
    summary: 'Any channel, group or discussion whose name begins so.',
    auth: 'user',
    query: strict(selector),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const { items } = await pickAnyRoom(ctx, caller, nameIn(query.selector));
      return { items };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'rooms.adminRooms',
    summary: 'All rooms of the workspace.',
    auth: 'user',
    query: strict({
      ...sorting,
      filter: Type.Optional(Type.String()),
      types: Type.Optional(Type.Array(Type.Union(kinds))),
    }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const page = pageOf(ctx.settings, query);
      const order = orderBy(query.sort, ROOM_SORT, DEFAULTS_FIRST);
      const types = (query.types ?? []) as string[];
      const wanted = { text: query.filter ?? '', types, order };
      const { rooms, total } = await listAllRooms(ctx, caller, wanted, page);
      return { rooms, ...pageMembers(page, rooms, total) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'rooms.adminRooms.getRoom',
    summary: 'One room as administrators see it.',
    auth: 'user',
    permissions: { all: ['view-room-administration'] },
    query: strict({ rid: Type.String() }),
    response: freeObject,
    handler: (ctx, { query }) => administeredRoom(ctx, query.rid),
  }),
  endpoint({
    method: 'GET',
    path: 'rooms.adminRooms.privateRooms',
    summary: 'All private groups and private teams of the workspace.',
    auth: 'user',
    permissions: { all: ['view-room-administration'] },
    query: strict({ ...sorting, filter: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { query }) {
      const page = pageOf(ctx.settings, query);
      const order = orderBy(query.sort, ROOM_SORT, DEFAULTS_FIRST);
      const { rooms, total } = await listPrivateRooms(ctx, { text: query.filter ?? '', order }, page);
      return { rooms, ...pageMembers(page, rooms, total) };
    },
  }),
];
