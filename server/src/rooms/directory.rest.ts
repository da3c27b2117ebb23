import { Type } from 'typebox';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseObject, parseSort } from '../rest/list-params.ts';
import { freeObject, listMembers, strict } from '../rest/schemas.ts';
import { directory } from './directory.ts';

/** `directory` (spec 11 §9). */
export const directoryEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'directory',
    summary: 'The channels, teams or people of the workspace.',
    auth: 'user',
    rateLimit: { calls: 100, windowMs: 100_000 },
    query: strict({
      ...listMembers,
      text: Type.Optional(Type.String()),
      type: Type.Optional(Type.String()),
      workspace: Type.Optional(Type.String()),
    }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      // Clients before 7.0 put these into `query`; plain parameters win.
      const old = (query.query === undefined ? undefined : parseObject(query.query)) ?? {};
      const textOf = (name: 'text' | 'type' | 'workspace') =>
        query[name] ?? (typeof old[name] === 'string' ? old[name] : undefined);
      const sort = parseSort(query.sort) ?? [];
      if (sort.length > 1) refuse('This method support only one "sort" parameter');
      const page = pageOf(ctx.settings, query);
      const { result, total } = await directory(ctx, caller, {
        text: textOf('text') ?? '',
        type: textOf('type') ?? 'channels',
        isExternal: textOf('workspace') === 'external',
        sortBy: sort[0]?.[0] ?? 'name',
        ascending: sort[0]?.[1] === 1,
        ...page,
      });
      return { result, ...pageMembers(page, result, total) };
    },
  }),
];
