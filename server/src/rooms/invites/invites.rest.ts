import { Type } from 'typebox';
import { type Endpoint, endpoint, RawReply } from '../../rest/endpoint.ts';
import { freeObject, strict } from '../../rest/schemas.ts';
import { accountOf } from '../membership.rest.ts';
import { findOrCreateInvite, isValidInvite, listInvites, removeInvite, useInvite } from './invites.ts';

/** Links by which people come into rooms (spec 11 §10). */
export const inviteEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'findOrCreateInvite',
    summary: 'A link that brings people into a room.',
    auth: 'user',
    body: strict({ rid: Type.String(), days: Type.Integer(), maxUses: Type.Integer() }),
    response: freeObject,
    handler: (ctx, { caller, body }) => findOrCreateInvite(ctx, caller, body),
  }),
  endpoint({
    method: 'GET',
    path: 'listInvites',
    summary: 'Every invite link of the workspace: a bare list.',
    auth: 'user',
    response: Type.Array(freeObject),
    handler: async (ctx, { caller }) => new RawReply(200, await listInvites(ctx, caller)),
  }),
  endpoint({
    method: 'DELETE',
    path: 'removeInvite/:_id',
    summary: 'Removes an invite link; answers a bare `true`.',
    auth: 'user',
    response: Type.Boolean(),
    async handler(ctx, { caller, params }) {
      await removeInvite(ctx, caller, params._id ?? '');
      return new RawReply(200, true);
    },
  }),
  endpoint({
    method: 'POST',
    path: 'useInviteToken',
    summary: 'Comes into a room by an invite link.',
    auth: 'user',
    withoutUsername: true,
    body: strict({ token: Type.String() }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const room = await useInvite(ctx, await accountOf(ctx, caller), body.token);
      const { id, parentId, displayName, name, type } = room;
      return {
        room: {
          rid: id,
          ...(parentId === null ? {} : { prid: parentId }),
          ...(displayName === null ? {} : { fname: displayName }),
          ...(name === null ? {} : { name }),
          t: type,
        },
      };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'validateInviteToken',
    summary: 'Whether an invite link can be used.',
    auth: 'none',
    body: strict({ token: Type.String() }),
    response: strict({ valid: Type.Boolean() }),
    async handler(ctx, { body }) {
      return { valid: await isValidInvite(ctx, ctx.db, body.token) };
    },
  }),
];
