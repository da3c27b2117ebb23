import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../../rest/endpoint.ts';
import { orderBy, pageMembers, pageOf } from '../../rest/list-params.ts';
import { freeObject, listQuery, strict } from '../../rest/schemas.ts';
import { createTeam } from './create-team.ts';
import { convertToChannel, deleteTeam } from './end-team.ts';
import { requiredTeam } from './find-team.ts';
import { listTeamsOfUser, pageOfTeams, suggestTeams, TEAM_SORT, teamInfo } from './list-teams.ts';
import { presentTeam } from './present-team.ts';
import { teamMemberEndpoints } from './team-members.rest.ts';
import { teamRoomEndpoints } from './team-rooms.rest.ts';
import { teamIdOrName, teamType } from './team-schemas.rest.ts';
import { updateTeam } from './update-team.ts';

/** Teams as such (spec 11 §8). */

const create = endpoint({
  method: 'POST',
  path: 'teams.create',
  summary: 'Founds a team, with a new main room or around an existing one.',
  auth: 'user',
  permissions: { all: ['create-team'] },
  body: strict({
    name: Type.String(),
    type: teamType,
    members: Type.Optional(Type.Array(Type.String(), { maxItems: 10_000 })),
    owner: Type.Optional(Type.String()),
    room: Type.Optional(
      strict({
        id: Type.Optional(Type.String()),
        name: Type.Optional(Type.String()),
        readOnly: Type.Optional(Type.Boolean()),
        topic: Type.Optional(Type.String()),
        extraData: Type.Optional(freeObject),
      }),
    ),
    // Clients before 8.0 say what their side panel shows; taken and not kept.
    sidepanel: Type.Optional(freeObject),
  }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const { name, type, members, owner, room } = body;
    const wish = { name, isPrivate: type === 1, members, owner, room };
    return { team: presentTeam(await createTeam(ctx, caller, wish)) };
  },
});

const BY_NAME = [{ column: TEAM_SORT.name, direction: 'asc' }] as const;

function list(path: string, summary: string, which: 'own' | 'all'): Endpoint {
  return endpoint({
    method: 'GET',
    path,
    summary,
    auth: 'user',
    ...(which === 'all' ? { permissions: { all: ['view-all-teams'] } } : {}),
    query: listQuery,
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const page = pageOf(ctx.settings, query);
      const order = orderBy(query.sort, TEAM_SORT, BY_NAME);
      const of = which === 'own' ? { memberId: caller.uid } : {};
      const { teams, total } = await pageOfTeams(ctx, of, order, page);
      return { teams, ...pageMembers(page, teams, total) };
    },
  });
}

const info = endpoint({
  method: 'GET',
  path: 'teams.info',
  summary: 'One team.',
  auth: 'user',
  query: teamIdOrName(),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    return { teamInfo: await teamInfo(ctx, caller, query) };
  },
});

const update = endpoint({
  method: 'POST',
  path: 'teams.update',
  summary: 'Renames a team, or changes who may see it.',
  auth: 'user',
  body: teamIdOrName({
    data: Type.Object(
      { name: Type.Optional(Type.String({ format: 'isNotEmpty' })), type: Type.Optional(teamType) },
      { additionalProperties: false, minProperties: 1 },
    ),
  }),
  async handler(ctx, { caller, body }) {
    await updateTeam(ctx, caller, await requiredTeam(ctx, body), body.data);
    return {};
  },
});

function end(path: string, summary: string, run: typeof deleteTeam): Endpoint {
  return endpoint({
    method: 'POST',
    path,
    summary,
    auth: 'user',
    body: teamIdOrName({ roomsToRemove: Type.Optional(Type.Array(Type.String(), { maxItems: 1000 })) }),
    async handler(ctx, { caller, body }) {
      await run(ctx, caller, await requiredTeam(ctx, body), body.roomsToRemove);
      return {};
    },
  });
}

const autocomplete = endpoint({
  method: 'GET',
  path: 'teams.autocomplete',
  summary: 'Teams whose name begins with a text.',
  auth: 'user',
  query: strict({ name: Type.String() }),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    return { teams: await suggestTeams(ctx, caller, query.name) };
  },
});

const ofUser = endpoint({
  method: 'GET',
  path: 'users.listTeams',
  summary: 'The teams of a user that the caller may know of.',
  auth: 'user',
  query: strict({ userId: Type.String() }),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    return { teams: await listTeamsOfUser(ctx, caller, query.userId) };
  },
});

export const teamEndpoints: Endpoint[] = [
  create,
  list('teams.list', 'Own teams.', 'own'),
  list('teams.listAll', 'Every team of the workspace, for administrators.', 'all'),
  info,
  update,
  end('teams.delete', 'Deletes a team with its main room; its other rooms stay unless named.', deleteTeam),
  end('teams.convertToChannel', 'Makes an ordinary room of a team.', convertToChannel),
  autocomplete,
  ofUser,
  ...teamMemberEndpoints,
  ...teamRoomEndpoints,
];
