import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../../rest/endpoint.ts';
import { pageMembers, pageOf } from '../../rest/list-params.ts';
import { freeObject, pagingMembers, strict } from '../../rest/schemas.ts';
import { statusFilter } from '../lists.rest.ts';
import { requiredTeam } from './find-team.ts';
import { pageOfTeamMembers } from './list-teams.ts';
import { addMembersToTeam, leaveTeam, removeFromTeam, updateTeamMember } from './team-members.ts';
import { roomIds, teamIdOrName } from './team-schemas.rest.ts';

/** Who is in a team (spec 11 §8). */

const member = strict({
  userId: Type.String(),
  roles: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 20 })),
});

export const teamMemberEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'teams.members',
    summary: 'The members of a team; nobody for who may not know.',
    auth: 'user',
    query: teamIdOrName({
      ...pagingMembers,
      status: statusFilter,
      username: Type.Optional(Type.String()),
      name: Type.Optional(Type.String()),
    }),
    response: freeObject,
    partly: '`user.settings` is empty: what people prefer is their own business.',
    async handler(ctx, { caller, query }) {
      const team = await requiredTeam(ctx, query);
      const page = pageOf(ctx.settings, query);
      const filter = {
        username: query.username,
        name: query.name,
        statuses: query.status as string[] | undefined,
      };
      const { members, total } = await pageOfTeamMembers(ctx, caller, team, filter, page);
      return { members, ...pageMembers(page, members, total) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'teams.addMembers',
    summary: 'Adds people to a team.',
    auth: 'user',
    body: teamIdOrName({ members: Type.Array(member, { minItems: 1, maxItems: 1000, uniqueItems: true }) }),
    async handler(ctx, { caller, body }) {
      await addMembersToTeam(ctx, caller, await requiredTeam(ctx, body), body.members);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'teams.updateMember',
    summary: 'Gives a member exactly these roles.',
    auth: 'user',
    body: teamIdOrName({ member }),
    async handler(ctx, { caller, body }) {
      await updateTeamMember(ctx, caller, await requiredTeam(ctx, body), body.member);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'teams.removeMember',
    summary: 'Takes somebody out of a team, and out of these of its rooms.',
    auth: 'user',
    body: teamIdOrName({ userId: Type.String(), rooms: Type.Optional(roomIds) }),
    async handler(ctx, { caller, body }) {
      await removeFromTeam(ctx, caller, await requiredTeam(ctx, body), body);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'teams.leave',
    summary: 'Leaves a team, and these of its rooms.',
    auth: 'user',
    body: teamIdOrName({ rooms: Type.Optional(roomIds) }),
    async handler(ctx, { caller, body }) {
      await leaveTeam(ctx, caller, await requiredTeam(ctx, body), body.rooms);
      return {};
    },
  }),
];
