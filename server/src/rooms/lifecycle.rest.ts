import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, oneOf, roomIdOrName, strict } from '../rest/schemas.ts';
import { archiveRoom, unarchiveRoom } from './archive.ts';
import { convertToTeam } from './convert-to-team.ts';
import { createRoom } from './create-room.ts';
import { eraseRoom } from './delete-room.ts';
import { CHANNELS, type Family, GROUPS, roomAnswer } from './family.rest.ts';
import { findMembership } from './members.ts';
import { unreadState } from './membership.ts';
import { type Room, roomLabel } from './room.ts';
import { presentTeam } from './teams/present-team.ts';
import { hideRoom, openRoom } from './visibility.ts';

/** From creating a room to deleting it (spec 10 §5, §9). */

/** Old bots send more than these; what else they send is ignored. */
const roomExtras = Type.Object(
  {
    broadcast: Type.Optional(Type.Boolean()),
    encrypted: Type.Optional(Type.Boolean()),
    teamId: Type.Optional(Type.String()),
    topic: Type.Optional(Type.String()),
    federated: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: true },
);

function create(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.create`,
    summary: `Creates a ${family.noun}.`,
    auth: 'user',
    body: strict({
      name: Type.String(),
      members: Type.Optional(Type.Array(Type.String(), { maxItems: 10_000 })),
      ...(family.type === 'c' ? { teams: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })) } : {}),
      readOnly: Type.Optional(Type.Boolean()),
      excludeSelf: Type.Optional(Type.Boolean()),
      customFields: Type.Optional(freeObject),
      extraData: Type.Optional(roomExtras),
    }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const { teams } = body as { teams?: string[] };
      const emptyNameText =
        family.type === 'c' ? 'Param "name" is required' : 'Body param "name" is required';
      const input = { type: family.type, ...body, teams, emptyNameText };
      return roomAnswer(family, caller, await createRoom(ctx, caller, input));
    },
  });
}

const where = (room: Room) => (room.parentId !== null ? roomLabel(room) : room.name);

function open(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.open`,
    summary: 'Shows the room in the own sidebar.',
    auth: 'user',
    body: roomIdOrName({ query: Type.Optional(Type.String()), sort: Type.Optional(Type.String()) }),
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body, 'allowed');
      const membership = await findMembership(ctx, room.id, caller.uid);
      if (!membership) {
        if (family.type === 'c') refuse(`The user/callee is not in the channel "${where(room)}".`);
        refuse(`The user/callee is not in the private group "${where(room)}".`);
      }
      if (unreadState(membership, room).open) {
        if (family.type === 'c') refuse(`The channel, ${where(room)}, is already open to the sender`);
        refuse(`The private group, ${where(room)}, is already open for the sender`);
      }
      await openRoom(ctx, caller, room.id);
      return {};
    },
  });
}

function close(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.close`,
    summary: 'Hides the room from the own sidebar until the next message.',
    auth: 'user',
    body: roomIdOrName(),
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body, 'allowed');
      const membership = await findMembership(ctx, room.id, caller.uid);
      // The closing quotation mark is missing in the contract too (spec 10 §9.1).
      if (!membership && family.type === 'c')
        refuse(`The user/callee is not in the channel "${where(room)}.`);
      if (!membership || !unreadState(membership, room).open) {
        refuse(`The ${family.noun}, ${where(room)}, is already closed to the sender`);
      }
      await hideRoom(ctx, caller, room.id);
      return {};
    },
  });
}

function archive(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.archive`,
    summary: 'Archives the room: nobody can post any more.',
    auth: 'user',
    body: roomIdOrName(),
    async handler(ctx, { caller, body }) {
      await archiveRoom(ctx, caller, await family.find(ctx, caller, body));
      return {};
    },
  });
}

function unarchive(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.unarchive`,
    summary: 'Brings an archived room back.',
    auth: 'user',
    body: roomIdOrName(),
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body, 'allowed');
      if (family.type === 'c' && !room.archived) refuse(`The channel, ${room.name}, is not archived`);
      await unarchiveRoom(ctx, caller, room);
      return {};
    },
  });
}

function erase(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.delete`,
    summary: 'Deletes the room with everything in it.',
    auth: 'user',
    body: roomIdOrName(),
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body, 'allowed');
      await eraseRoom(ctx, caller, room.id);
      return {};
    },
  });
}

const convertChannel = endpoint({
  method: 'POST',
  path: 'channels.convertToTeam',
  summary: 'Makes a channel the main room of a new team.',
  auth: 'user',
  permissions: { all: ['create-team'] },
  body: oneOf(strict({ channelId: Type.String() }), strict({ channelName: Type.String() })),
  response: freeObject,
  async handler(ctx: Context, { caller, body }) {
    const { channelId, channelName } = body as { channelId?: string; channelName?: string };
    const selector = channelId === undefined ? { roomName: channelName } : { roomId: channelId };
    const room = await CHANNELS.find(ctx, caller, selector);
    return { team: presentTeam(await convertToTeam(ctx, caller, room)) };
  },
});

const convertGroup = endpoint({
  method: 'POST',
  path: 'groups.convertToTeam',
  summary: 'Makes a group the main room of a new private team.',
  auth: 'user',
  body: roomIdOrName(),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const room = await GROUPS.find(ctx, caller, body);
    return { team: presentTeam(await convertToTeam(ctx, caller, room)) };
  },
});

export const lifecycleEndpoints: Endpoint[] = [
  ...[CHANNELS, GROUPS].flatMap((family) => [
    create(family),
    open(family),
    close(family),
    archive(family),
    unarchive(family),
    erase(family),
  ]),
  convertChannel,
  convertGroup,
];
