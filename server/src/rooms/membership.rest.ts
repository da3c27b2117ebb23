import { Type } from 'typebox';
import { findUserById, resolveUser, resolveUsers } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, roomIdOrName, strict, userMembers, usersMembers } from '../rest/schemas.ts';
import { addAllToRoom } from './add-all.ts';
import { CHANNELS, type Family, GROUPS, roomAnswer } from './family.rest.ts';
import { findChannel, findGroupUnchecked } from './find-room.ts';
import { answerInvitation } from './invitation.ts';
import { inviteToRoom } from './invite.ts';
import { joinRoom } from './join.ts';
import { kickFromRoom } from './kick.ts';
import { presentRoom } from './present-room.ts';

/** Coming into rooms and being taken out of them: join, invite, kick, addAll (spec 10 §6). Leaving: `leave.rest.ts`. */

const room = Type.Object({}, { description: 'Room' });

const joinChannel = endpoint({
  method: 'POST',
  path: 'channels.join',
  summary: 'Joins a public channel. Joining again changes nothing.',
  auth: 'user',
  body: roomIdOrName({ joinCode: Type.Optional(Type.String()) }),
  response: strict({ channel: room }),
  async handler(ctx, { caller, body }) {
    const { id } = await findChannel(ctx, body);
    const joined = await joinRoom(ctx, caller, await accountOf(ctx, caller), id, body.joinCode);
    return { channel: presentRoom(joined, caller.uid) };
  },
});

/** The caller's own account. @throws "Invalid user" when it was deleted meanwhile */
export async function accountOf(ctx: Context, caller: Caller): Promise<User> {
  return (await findUserById(ctx, caller.uid)) ?? refuse('Invalid user');
}

const inviteToChannel = endpoint({
  method: 'POST',
  path: 'channels.invite',
  summary: 'Adds users to a public channel.',
  auth: 'user',
  body: roomIdOrName(usersMembers),
  response: strict({ channel: room }),
  async handler(ctx, { caller, body }) {
    const found = await findChannel(ctx, body);
    const users = await resolveUsers(ctx, body);
    // Text and type are swapped in the contract; clients compare them so (spec 10 §6.2).
    if (users.length === 0) refuse('invalid-user-invite-list', 'Cannot invite if no users are provided');
    return roomAnswer(CHANNELS, caller, await inviteToRoom(ctx, caller, found, users));
  },
});

const inviteToGroup = endpoint({
  method: 'POST',
  path: 'groups.invite',
  summary: 'Adds users to a private group.',
  auth: 'user',
  body: strict({
    roomId: Type.Optional(Type.String()),
    roomName: Type.Optional(Type.String()),
    ...usersMembers,
  }),
  response: strict({ group: room }),
  async handler(ctx, { caller, body }) {
    const found = await findGroupUnchecked(ctx, body);
    const users = await resolveUsers(ctx, body);
    if (users.length === 0) fail('error-empty-invite-list', 'Cannot invite if no valid users are provided');
    return roomAnswer(GROUPS, caller, await inviteToRoom(ctx, caller, found, users));
  },
});

const kickFromChannel = endpoint({
  method: 'POST',
  path: 'channels.kick',
  summary: 'Removes a user from a public channel.',
  auth: 'user',
  body: roomIdOrName(userMembers),
  response: strict({ channel: room }),
  async handler(ctx, { caller, body }) {
    const found = await findChannel(ctx, body);
    const kicked = await kickFromRoom(ctx, caller, found, await resolveUser(ctx, body));
    return roomAnswer(CHANNELS, caller, kicked);
  },
});

const kickFromGroup = endpoint({
  method: 'POST',
  path: 'groups.kick',
  summary: 'Removes a user from a private group.',
  auth: 'user',
  body: strict({
    roomId: Type.Optional(Type.String()),
    roomName: Type.Optional(Type.String()),
    ...userMembers,
  }),
  async handler(ctx, { caller, body }) {
    const found = await findGroupUnchecked(ctx, body);
    await kickFromRoom(ctx, caller, found, await resolveUser(ctx, body));
    return {};
  },
});

function addAll(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.addAll`,
    summary: `Adds every user of the workspace to a ${family.noun}.`,
    auth: 'user',
    body: roomIdOrName({
      activeUsersOnly: Type.Optional(Type.Union([Type.Boolean(), Type.String(), Type.Number()])),
    }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const found = await family.find(ctx, caller, body);
      const activeOnly = ['true', '1'].includes(String(body.activeUsersOnly ?? ''));
      return roomAnswer(family, caller, await addAllToRoom(ctx, caller, found, activeOnly));
    },
  });
}

const answerInvite = endpoint({
  method: 'POST',
  path: 'rooms.invite',
  summary: 'Accepts or rejects a pending invitation.',
  auth: 'user',
  body: strict({
    roomId: Type.String(),
    action: Type.Union([Type.Literal('accept'), Type.Literal('reject')]),
  }),
  async handler(ctx, { caller, body }) {
    await answerInvitation(ctx, caller, await accountOf(ctx, caller), body.roomId, body.action);
    return {};
  },
});

export const membershipEndpoints: Endpoint[] = [
  joinChannel,
  inviteToChannel,
  inviteToGroup,
  kickFromChannel,
  kickFromGroup,
  answerInvite,
  addAll(CHANNELS),
  addAll(GROUPS),
];
