import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { freeObject, listMembers, strict } from '../rest/schemas.ts';
import type { Instances } from './instances.ts';
import { latestStatistics, listStatistics, type StoredStatistics } from './statistics.ts';

const partly =
  'Figures of what is not built (omnichannel, federation), of how people use the workspace from day to day, and of the database of the original are left out.';

/** Figures of the workspace and of the processes that serve it (spec 23, "Statistics, instances"). */
export function statisticsEndpoints(instances: Instances): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: 'statistics',
      summary: 'The latest figures of the workspace; with `refresh` those of now.',
      auth: 'user',
      query: strict({ refresh: Type.Optional(Type.Boolean()) }),
      response: freeObject,
      partly,
      handler: async (ctx, { caller, query }) =>
        present(await latestStatistics(ctx, caller, instances, query.refresh ?? false)),
    }),
    endpoint({
      method: 'GET',
      path: 'statistics.list',
      summary: 'Figures of the workspace over time, newest first.',
      auth: 'user',
      query: strict(listMembers),
      response: freeObject,
      partly,
      async handler(ctx, { caller, query }) {
        const page = pageOf(ctx.settings, query);
        const order = parseSort(query.sort)?.find(([path]) => path === 'createdAt')?.[1];
        const direction = order === 1 ? 'asc' : 'desc';
        const { statistics, total } = await listStatistics(ctx, caller, { ...page, direction });
        return { statistics: statistics.map(present), ...pageMembers(page, statistics, total) };
      },
    }),
    endpoint({
      method: 'POST',
      path: 'statistics.telemetry',
      summary: 'Takes what clients count, and forgets it.',
      auth: 'user',
      body: strict({ params: Type.Array(freeObject, { maxItems: 100 }) }),
      handler: () => ({}),
    }),
    endpoint({
      method: 'GET',
      path: 'instances.get',
      summary: 'The processes that serve the workspace.',
      auth: 'user',
      permissions: { all: ['view-statistics'] },
      response: freeObject,
      handler: async () => ({ instances: await instances.list() }),
    }),
  ];
}

function present({ id, createdAt, figures }: StoredStatistics): object {
  const at = new Date(createdAt);
  return { _id: id, ...figures, createdAt: at, _updatedAt: at };
}
