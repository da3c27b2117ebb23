import { Type } from 'typebox';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { freeObject, listMembers, strict } from '../rest/schemas.ts';
import { listCustomStatuses, removeStatus, saveStatus } from './custom-statuses.ts';

/** Statuses that the workspace offers (spec 23, "Custom user status"). */
export const customStatusEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'custom-user-status.list',
    summary: 'The statuses that the workspace offers.',
    auth: 'user',
    query: strict({ ...listMembers, _id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { query }) {
      const page = pageOf(ctx.settings, query);
      const direction = parseSort(query.sort)?.find(([path]) => path === 'name')?.[1] === -1 ? 'desc' : 'asc';
      const filter = { id: query._id, name: query.name };
      const { statuses, total } = await listCustomStatuses(ctx, filter, { ...page, direction });
      return { statuses, ...pageMembers(page, statuses, total) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'custom-user-status.create',
    summary: 'Offers another status.',
    auth: 'user',
    body: strict({ name: Type.String(), statusType: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      return { customUserStatus: await saveStatus(ctx, caller, body) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'custom-user-status.update',
    summary: 'Changes a status that is offered.',
    auth: 'user',
    body: strict({ _id: Type.String(), name: Type.String(), statusType: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const { _id: id, name, statusType } = body;
      return { customUserStatus: await saveStatus(ctx, caller, { id, name, statusType }) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'custom-user-status.delete',
    summary: 'Offers a status no longer.',
    auth: 'user',
    body: strict({ customUserStatusId: Type.Optional(Type.String()) }),
    async handler(ctx, { caller, body }) {
      if (!body.customUserStatusId) refuse('The "customUserStatusId" params is required!');
      await removeStatus(ctx, caller, body.customUserStatusId);
      return {};
    },
  }),
];
