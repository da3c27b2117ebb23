import { Type } from 'typebox';
import { resolveUser } from '../accounts/find-users.ts';
import { fail, forbid, refuse, unauthorized } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { orderBy, pageMembers, pageOf, parseObject } from '../rest/list-params.ts';
import { ALWAYS_EXCLUDED, applyFields, parseFields } from '../rest/projection.ts';
import { parseListFilter } from '../rest/query-filter.ts';
import { freeObject, listMembers, oneOf, roomIdOrName, strict } from '../rest/schemas.ts';
import { canAccessRoom } from './access.ts';
import { archiveRoom, unarchiveRoom } from './archive.ts';
import { withCurrentNames, withNamesOfNow } from './current-names.ts';
import { eraseRoom } from './delete-room.ts';
import { findAnyRoom, isRoomNameTaken } from './find-room.ts';
import { getRoom } from './get-room.ts';
import { joinRoom } from './join.ts';
import { leaveRoom } from './leave.ts';
import { findRoomsPage, ROOM_QUERYABLE, ROOM_SORT } from './list-rooms.ts';
import { findMembership } from './members.ts';
import { accountOf } from './membership.rest.ts';
import { isActiveMember, unreadState } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { roomSurroundings } from './room-surroundings.ts';
import { saveRoomSettings } from './save-room-settings.ts';
import { spotlight } from './spotlight.ts';
import { sinceOf } from './subscriptions.rest.ts';
import { syncRooms } from './sync.ts';
import { hideRoom, openRoom, setFavorite } from './visibility.ts';

/** `rooms.*`, which work for every type of room, and opening direct rooms (spec 11 §3, §4). */

const roomsGet = endpoint({
  method: 'GET',
  path: 'rooms.get',
  summary: 'Own rooms, all or those changed since a date.',
  auth: 'user',
  query: strict({ updatedSince: Type.Optional(Type.String()) }),
  response: freeObject,
  handler(ctx, { caller, query }) {
    const invalid = () =>
      fail('error-updatedSince-param-invalid', 'The "updatedSince" query parameter must be a valid date.');
    return syncRooms(ctx, caller, sinceOf(query.updatedSince, invalid));
  },
});

const roomsInfo = endpoint({
  method: 'GET',
  path: 'rooms.info',
  summary: 'One room of any type, with its team and parent.',
  auth: 'user',
  query: roomIdOrName({ fields: Type.Optional(Type.String()) }),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    const room = await findAnyRoom(ctx, query, 'allowed');
    if (!(await canAccessRoom(ctx, caller, room))) refuse('not-allowed', 'Not Allowed');
    const fields = parseFields(ctx.config, query.fields, ALWAYS_EXCLUDED);
    const shown = await withNamesOfNow(ctx, presentRoom(room, caller.uid));
    return {
      room: applyFields(shown, fields),
      ...(await roomSurroundings(ctx, room)),
    };
  },
});

const roomsJoin = endpoint({
  method: 'POST',
  path: 'rooms.join',
  summary: 'Joins a room.',
  auth: 'user',
  body: roomIdOrName({ joinCode: Type.Optional(Type.String()) }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const { id } = await findAnyRoom(ctx, body);
    const joined = await joinRoom(ctx, caller, await accountOf(ctx, caller), id, body.joinCode);
    return { room: presentRoom(joined, caller.uid) };
  },
});

const roomsLeave = endpoint({
  method: 'POST',
  path: 'rooms.leave',
  summary: 'Leaves a room.',
  auth: 'user',
  body: roomIdOrName(),
  async handler(ctx, { caller, body }) {
    const { id } = await findAnyRoom(ctx, body);
    await leaveRoom(ctx, caller, id);
    return {};
  },
});

const roomsDelete = endpoint({
  method: 'POST',
  path: 'rooms.delete',
  summary: 'Deletes a room with everything in it.',
  auth: 'user',
  body: strict({ roomId: Type.String() }),
  async handler(ctx, { caller, body }) {
    await eraseRoom(ctx, caller, body.roomId);
    return {};
  },
});

const getDiscussions = endpoint({
  method: 'GET',
  path: 'rooms.getDiscussions',
  summary: 'The discussions of a room.',
  auth: 'user',
  query: roomIdOrName(listMembers),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    const room = await findAnyRoom(ctx, query);
    if (!(await canAccessRoom(ctx, caller, room))) refuse('not-allowed', 'Not Allowed');
    const page = pageOf(ctx.settings, query);
    const order = orderBy(query.sort, ROOM_SORT, [{ column: ROOM_SORT.fname, direction: 'asc' }]);
    const filter = parseListFilter(ctx.config, query.query, ROOM_QUERYABLE);
    const { rooms, total } = await findRoomsPage(ctx, { parentId: room.id, filter }, order, page);
    const fields = parseFields(ctx.config, query.fields, ALWAYS_EXCLUDED);
    const wire = rooms.map((discussion) => presentRoom(discussion, caller.uid));
    const discussions = (await withCurrentNames(ctx, wire)).map((room) => applyFields(room, fields));
    return { discussions, ...pageMembers(page, discussions, total) };
  },
});

const nameExists = endpoint({
  method: 'GET',
  path: 'rooms.nameExists',
  summary: 'Whether a room has this name.',
  auth: 'user',
  query: strict({ roomName: Type.String() }),
  response: strict({ exists: Type.Boolean() }),
  async handler(ctx, { query }) {
    return { exists: await isRoomNameTaken(ctx, query.roomName) };
  },
});

const favorite = endpoint({
  method: 'POST',
  path: 'rooms.favorite',
  summary: 'Makes a room a favourite, or no longer.',
  auth: 'user',
  body: roomIdOrName({ favorite: Type.Boolean() }),
  async handler(ctx, { caller, body }) {
    const room = await findAnyRoom(ctx, body);
    const membership = await findMembership(ctx, room.id, caller.uid);
    if (!membership) {
      fail('error-invalid-subscription', 'You must be part of a room to favorite it', {
        method: 'toggleFavorite',
      });
    }
    await setFavorite(ctx, caller, room.id, body.favorite);
    return {};
  },
});

const roomsOpen = endpoint({
  method: 'POST',
  path: 'rooms.open',
  summary: 'Shows a room in the own sidebar.',
  auth: 'user',
  body: strict({ roomId: Type.String() }),
  async handler(ctx, { caller, body }) {
    const room = await getRoom(ctx, body.roomId);
    const membership = room && (await findMembership(ctx, room.id, caller.uid));
    if (membership) await openRoom(ctx, caller, body.roomId);
    return {};
  },
});

const roomsHide = endpoint({
  method: 'POST',
  path: 'rooms.hide',
  summary: 'Hides a room from the own sidebar until the next message.',
  auth: 'user',
  body: strict({ roomId: Type.String() }),
  async handler(ctx, { caller, body }) {
    const room = await getRoom(ctx, body.roomId);
    if (!room || !(await canAccessRoom(ctx, caller, room))) unauthorized();
    const membership = await findMembership(ctx, room.id, caller.uid);
    if (!membership || !unreadState(membership, room).open) refuse('error-room-already-hidden');
    await hideRoom(ctx, caller, room.id);
    return {};
  },
});

const isMember = endpoint({
  method: 'GET',
  path: 'rooms.isMember',
  summary: 'Whether a user is in a room.',
  auth: 'user',
  query: Type.Unsafe<{ roomId?: string; roomName?: string; userId?: string; username?: string }>(
    oneOf(
      ...['roomId', 'roomName'].flatMap((room) =>
        ['userId', 'username'].map((user) => strict({ [room]: Type.String(), [user]: Type.String() })),
      ),
    ),
  ),
  response: strict({ isMember: Type.Boolean() }),
  async handler(ctx, { caller, query }) {
    const room = await findAnyRoom(ctx, query);
    const user = await resolveUser(ctx, query).catch(() => refuse('error-user-not-found'));
    if (!(await canAccessRoom(ctx, caller, room))) forbid();
    return { isMember: isActiveMember(await findMembership(ctx, room.id, user._id)) };
  },
});

const changeArchivationState = endpoint({
  method: 'POST',
  path: 'rooms.changeArchivationState',
  summary: 'Archives a room or brings it back.',
  auth: 'user',
  body: strict({ rid: Type.String(), action: Type.Optional(Type.String()) }),
  async handler(ctx, { caller, body }) {
    const room = await getRoom(ctx, body.rid);
    const details = { method: body.action === 'archive' ? 'archiveRoom' : 'unarchiveRoom' };
    if (!room) fail('error-invalid-room', 'Invalid room', details);
    await (body.action === 'archive' ? archiveRoom : unarchiveRoom)(ctx, caller, room);
    return {};
  },
});

const saveSettings = endpoint({
  method: 'POST',
  path: 'rooms.saveRoomSettings',
  summary: 'Changes several things of a room at once.',
  auth: 'user',
  body: strict({
    rid: Type.String(),
    roomName: Type.Optional(Type.String()),
    roomTopic: Type.Optional(Type.String()),
    roomDescription: Type.Optional(Type.String()),
    roomAnnouncement: Type.Optional(Type.String()),
    roomCustomFields: Type.Optional(freeObject),
    roomType: Type.Optional(Type.String()),
    readOnly: Type.Optional(Type.Boolean()),
    reactWhenReadOnly: Type.Optional(Type.Boolean()),
    systemMessages: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
    joinCode: Type.Optional(Type.String()),
    default: Type.Optional(Type.Boolean()),
    featured: Type.Optional(Type.Boolean()),
    favorite: Type.Optional(strict({ favorite: Type.Boolean(), defaultValue: Type.Boolean() })),
    encrypted: Type.Optional(Type.Boolean()),
    roomAvatar: Type.Optional(Type.String()),
    retentionEnabled: Type.Optional(Type.Boolean()),
    retentionMaxAge: Type.Optional(Type.Number()),
    retentionExcludePinned: Type.Optional(Type.Boolean()),
    retentionFilesOnly: Type.Optional(Type.Boolean()),
    retentionIgnoreThreads: Type.Optional(Type.Boolean()),
    retentionOverrideGlobal: Type.Optional(Type.Boolean()),
    sidepanel: Type.Optional(freeObject),
  }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const { rid, ...settings } = body;
    await saveRoomSettings(ctx, caller, rid, settings);
    return { rid };
  },
});

const spotlightSearch = endpoint({
  method: 'GET',
  path: 'spotlight',
  summary: 'Quick search for people and channels.',
  auth: 'none',
  rateLimit: { calls: 100, windowMs: 100_000 },
  query: strict({
    query: Type.String(),
    usernames: Type.Optional(Type.String()),
    type: Type.Optional(Type.String()),
    rid: Type.Optional(Type.String()),
  }),
  response: freeObject,
  handler(ctx, { caller, query }) {
    const wanted = query.type === undefined ? undefined : parseObject(query.type);
    return spotlight(ctx, caller, {
      text: query.query,
      except: (query.usernames ?? '').split(',').filter(Boolean),
      users: wanted ? wanted.users === true : true,
      rooms: wanted ? wanted.rooms === true : true,
      mentions: wanted?.mentions === true,
      rid: query.rid,
    });
  },
});

export const roomEndpoints: Endpoint[] = [
  spotlightSearch,
  roomsGet,
  roomsInfo,
  roomsJoin,
  roomsLeave,
  roomsDelete,
  getDiscussions,
  nameExists,
  favorite,
  roomsOpen,
  roomsHide,
  isMember,
  changeArchivationState,
  saveSettings,
];
