import { type Static, Type } from 'typebox';
import type { Context } from '../context.ts';
import { Refusal, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint, RawReply } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { matches } from '../rest/match-filter.ts';
import { applyFields, parseFields } from '../rest/projection.ts';
import { parseFilter } from '../rest/query-filter.ts';
import { listMembers, strict } from '../rest/schemas.ts';
import { inOrder } from '../rest/sort-documents.ts';
import { changeSetting, changeSettings, runSettingAction, type SettingActions } from './change-settings.ts';
import { type LiveSetting, privateSetting, publicSettings, settingsFor } from './live-settings.ts';
import { presentSetting, presentSettingDocument } from './present-setting.ts';

const settingsQuery = strict({
  ...listMembers,
  _id: Type.Optional(Type.String({ description: 'Ids of settings, separated by commas' })),
  includeDefaults: Type.Optional(Type.Boolean()),
});

const settingsResponse = Type.Object({
  settings: Type.Array(Type.Object({ _id: Type.String(), value: Type.Unknown() })),
  count: Type.Integer(),
  offset: Type.Integer(),
  total: Type.Integer(),
});

/** The official mobile app sends `query` and `fields` here whatever version it talks to (spec 41 §2.1.5). */
const ALWAYS_HONOURED = { allowUnsafeQueryAndFields: true };

function page(
  ctx: Context,
  found: readonly LiveSetting[],
  query: Static<typeof settingsQuery>,
  honoured: { allowUnsafeQueryAndFields: boolean },
): Record<string, unknown> {
  const ids = query._id === undefined ? undefined : new Set(query._id.split(',').map((id) => id.trim()));
  const filter = parseFilter(honoured, query.query);
  const fields = parseFields(honoured, query.fields, []);
  const wanted = found
    .map((live) => ({ live, document: presentSettingDocument(live) }))
    .filter(({ document }) => ids?.has(String(document._id)) ?? true)
    .filter(({ document }) => !filter || matches(document, filter));
  const byDocument = inOrder([...(parseSort(query.sort) ?? []), ['_id', 1]]);
  wanted.sort((a, b) => byDocument(a.document, b.document));
  const { offset, count } = pageOf(ctx.settings, query);
  const items = wanted.slice(offset, offset + count).map(({ live, document }) => ({
    ...presentSetting(live),
    ...(query.includeDefaults ? { packageValue: live.packageValue, enterprise: false } : {}),
    ...(fields?.mode === 'include' ? applyFields(document, fields) : {}),
  }));
  return { settings: items, ...pageMembers({ offset, count }, items, wanted.length) };
}

const change = Type.Object({
  _id: Type.String(),
  value: Type.Unknown(),
  editor: Type.Optional(Type.String()),
});

/** Actions belong to other parts of the product; `app.ts` names them. */
export const settingsEndpoints = (actions: SettingActions): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: 'settings.public',
    summary: 'The settings that every client may read.',
    auth: 'none',
    query: settingsQuery,
    response: settingsResponse,
    async handler(ctx, { query }) {
      return page(ctx, await publicSettings(ctx), query, ALWAYS_HONOURED);
    },
  }),
  endpoint({
    method: 'GET',
    path: 'settings',
    summary: 'All settings; without the permission `view-privileged-setting` the public ones.',
    auth: 'user',
    query: settingsQuery,
    response: settingsResponse,
    async handler(ctx, { caller, query }) {
      return page(ctx, await settingsFor(ctx, caller), query, ctx.config);
    },
  }),
  endpoint({
    method: 'POST',
    path: 'settings',
    summary: 'Changes several settings, all or none.',
    auth: 'user',
    twoFactor: 'remembered',
    body: strict({ settings: Type.Array(change, { minItems: 1, maxItems: 1000 }) }),
    async handler(ctx, { caller, body }) {
      try {
        await changeSettings(
          ctx,
          caller,
          body.settings.map(({ _id, value }) => ({ id: _id, value })),
        );
      } catch (error) {
        if (error instanceof Refusal && error.code === 'error-action-not-allowed') return forbidden(error);
        throw error;
      }
      return undefined;
    },
  }),
  endpoint({
    method: 'GET',
    path: 'settings/:_id',
    summary: 'One setting.',
    auth: 'user',
    permissions: { all: ['view-privileged-setting'] },
    response: Type.Object({ _id: Type.String(), value: Type.Unknown() }),
    handler(ctx, { caller, params }) {
      const { id, value } = privateSetting(ctx, caller, params._id ?? '');
      return { _id: id, value };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'settings/:_id',
    summary: 'Changes one setting, or runs the action behind it.',
    auth: 'user',
    permissions: { all: ['edit-privileged-setting'] },
    twoFactor: 'remembered',
    partly: 'Of the action settings, `Restart` cannot be run.',
    body: Type.Object({
      value: Type.Optional(Type.Unknown()),
      editor: Type.Optional(Type.String()),
      execute: Type.Optional(Type.Boolean()),
    }),
    async handler(ctx, { caller, params, body }) {
      const id = params._id ?? '';
      if (body.execute === true) {
        await runSettingAction(ctx, caller, { id, actions });
        return undefined;
      }
      if (body.value === undefined) refuse();
      await changeSetting(ctx, caller, { id, value: body.value });
      return undefined;
    },
  }),
];

/** The one coded refusal that goes out as a 403 (spec 22, `POST settings`). */
function forbidden({ message, code, details }: Refusal): RawReply {
  return new RawReply(403, { success: false, error: message, errorType: code, details });
}
