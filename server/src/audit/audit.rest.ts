import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { type PageQuery, pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { dateText, pagingMembers, strict } from '../rest/schemas.ts';
import { type AuditFilter, listActions } from './list-actions.ts';

const text = Type.Optional(Type.String({ maxLength: 500 }));

const listMembers = {
  ...pagingMembers,
  sort: Type.Optional(Type.String({ description: 'By `ts` only; default `{"ts":-1}`' })),
  start: Type.Optional(dateText),
  end: Type.Optional(dateText),
  actor: Type.Optional(Type.String({ maxLength: 500, description: 'Id or username' })),
};

const response = Type.Object({
  events: Type.Array(
    Type.Object({
      _id: Type.String(),
      t: Type.String(),
      ts: Type.String(),
      actor: Type.Object({ type: Type.String() }),
      data: Type.Array(Type.Object({ key: Type.String(), value: Type.Unknown() })),
    }),
  ),
  count: Type.Integer(),
  offset: Type.Integer(),
  total: Type.Integer(),
});

/** Who changed what, when and from where (spec 22 names `audit.settings`; the shape is that of published clients). */
export const auditEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'audit.settings',
    summary: 'Who changed which setting, newest first.',
    auth: 'user',
    permissions: { all: ['can-audit'] },
    query: strict({ ...listMembers, settingId: text }),
    response,
    handler: (ctx, { query }) =>
      eventsPage(ctx, query, { kind: 'settings.changed', subject: query.settingId }),
  }),
  endpoint({
    method: 'GET',
    path: 'audit.actions',
    summary: 'Who changed which setting, permission, role or user, newest first.',
    auth: 'user',
    permissions: { all: ['can-audit'] },
    query: strict({
      ...listMembers,
      type: Type.Optional(Type.String({ maxLength: 500, description: 'For example `user.deleted`' })),
      subject: Type.Optional(Type.String({ maxLength: 500, description: 'Id of what was changed' })),
    }),
    response,
    handler: (ctx, { query }) => eventsPage(ctx, query, { kind: query.type, subject: query.subject }),
  }),
];

async function eventsPage(
  ctx: Context,
  query: PageQuery & {
    sort?: string | undefined;
    start?: string | undefined;
    end?: string | undefined;
    actor?: string | undefined;
  },
  filter: AuditFilter,
): Promise<object> {
  const page = pageOf(ctx.settings, query);
  const direction = parseSort(query.sort)?.find(([path]) => path === 'ts')?.[1] === 1 ? 'asc' : 'desc';
  const { events, total } = await listActions(
    ctx,
    { ...filter, actor: query.actor, from: timeOf(query.start), until: timeOf(query.end) },
    { ...page, direction },
  );
  return { events, ...pageMembers(page, events, total) };
}

const timeOf = (date: string | undefined): number | undefined =>
  date === undefined ? undefined : Date.parse(date);
