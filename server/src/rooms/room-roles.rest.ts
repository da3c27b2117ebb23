import { Type } from 'typebox';
import { resolveUser } from '../accounts/find-users.ts';
import { forbid } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { roomIdOrName, strict, userMembers } from '../rest/schemas.ts';
import { canAccessRoom } from './access.ts';
import { CHANNELS, type Family, GROUPS } from './family.rest.ts';
import { giveRoomRole, type RoomRole, roomModerators, roomRoleHolders, takeRoomRole } from './room-roles.ts';

/** Owners, moderators and leaders of a room (spec 10 §7). */

const ROLES = ['owner', 'moderator', 'leader'] as const;
const LABEL = { owner: 'Owner', moderator: 'Moderator', leader: 'Leader' } as const;

function changeRole(family: Family, role: RoomRole, verb: 'add' | 'remove'): Endpoint {
  const change = verb === 'add' ? giveRoomRole : takeRoomRole;
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.${verb}${LABEL[role]}`,
    summary: verb === 'add' ? `Makes a member ${role} of the room.` : `Takes the role ${role} from a member.`,
    auth: 'user',
    body: roomIdOrName(userMembers),
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body);
      await change(ctx, caller, room, await resolveUser(ctx, body), role);
      return {};
    },
  });
}

function readRoles(family: Family): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: `${family.prefix}.roles`,
      summary: 'Who holds which role in the room.',
      auth: 'user',
      query: roomIdOrName(),
      response: strict({ roles: Type.Array(Type.Object({})) }),
      async handler(ctx, { caller, query }) {
        const room = await family.find(ctx, caller, query);
        return { roles: await roomRoleHolders(ctx, caller, room) };
      },
    }),
    endpoint({
      method: 'GET',
      path: `${family.prefix}.moderators`,
      summary: 'The moderators of the room.',
      auth: 'user',
      query: roomIdOrName(),
      response: strict({ moderators: Type.Array(Type.Object({})) }),
      async handler(ctx, { caller, query }) {
        const room = await family.find(ctx, caller, query);
        if (!(await canAccessRoom(ctx, caller, room))) forbid();
        return { moderators: await roomModerators(ctx, room) };
      },
    }),
  ];
}

export const roomRoleEndpoints: Endpoint[] = [CHANNELS, GROUPS].flatMap((family) => [
  ...ROLES.flatMap((role) => [changeRole(family, role, 'add'), changeRole(family, role, 'remove')]),
  ...readRoles(family),
]);
