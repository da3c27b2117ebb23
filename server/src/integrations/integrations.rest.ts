import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { orderBy, type PageQuery, pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { applyFields, parseFields } from '../rest/projection.ts';
import { parseListFilter } from '../rest/query-filter.ts';
import { freeObject, listMembers, oneOf, roomIdOrName, strict, textOf } from '../rest/schemas.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { CHANNELS, type Family, GROUPS } from '../rooms/family.rest.ts';
import { INTEGRATION_PERMISSIONS, OUTGOING_PERMISSIONS } from './integration-rights.ts';
import {
  findIntegration,
  getIntegration,
  INTEGRATION_FILTER_PATHS,
  INTEGRATION_SORT,
  listIntegrations,
  removeIntegration,
} from './manage-integrations.ts';
import { replayWebhook } from './replay-webhook.ts';
import { addIncoming, updateIncoming } from './save-incoming.ts';
import { addOutgoing, updateOutgoing } from './save-outgoing.ts';
import { clearHistory, listHistory } from './webhook-history.ts';

/** Managing webhooks over REST (spec 31 §2). */

const text = Type.Optional(Type.String({ maxLength: 4096 }));
const flag = Type.Optional(Type.Boolean());

const common = {
  channel: Type.String({ maxLength: 20_000 }),
  scriptEnabled: Type.Boolean(),
  name: Type.String({ maxLength: 1000 }),
  enabled: Type.Boolean(),
  script: Type.Optional(Type.String({ maxLength: 500_000 })),
  alias: text,
  avatar: text,
  emoji: text,
  scriptEngine: text,
  skipTranspile: flag,
};

const incomingType = textOf('webhook-incoming');
const outgoingType = textOf('webhook-outgoing');

const incoming = { ...common, type: incomingType, overrideDestinationChannelEnabled: flag };

const outgoing = {
  ...common,
  type: outgoingType,
  username: Type.String({ maxLength: 1000 }),
  event: Type.String({ maxLength: 100 }),
  urls: Type.Optional(Type.Array(Type.String({ maxLength: 8192 }), { maxItems: 100 })),
  triggerWords: Type.Optional(
    Type.Unsafe<string[] | string>({
      anyOf: [{ type: 'array', items: { type: 'string' }, maxItems: 1000 }, { type: 'string' }],
    }),
  ),
  triggerWordAnywhere: flag,
  token: text,
  targetRoom: text,
  runOnEdits: flag,
  retryFailedCalls: flag,
  retryCount: Type.Optional(Type.Number()),
  retryDelay: text,
  impersonateUser: flag,
};

const create = endpoint({
  method: 'POST',
  path: 'integrations.create',
  summary: 'Creates a webhook.',
  auth: 'user',
  body: oneOf(strict({ ...incoming, username: Type.String({ maxLength: 1000 }) }), strict(outgoing)),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const integration =
      body.type === 'webhook-incoming'
        ? await addIncoming(ctx, caller, body)
        : await addOutgoing(ctx, caller, body);
    return { integration };
  },
});

const update = endpoint({
  method: 'PUT',
  path: 'integrations.update',
  summary: 'Changes a webhook. An outgoing one may be named by an address that it calls.',
  auth: 'user',
  body: oneOf(
    // Extra members are allowed here; the user of an incoming webhook stays.
    Type.Object({ ...incoming, integrationId: Type.String() }),
    // `targetChannel` is another documented name of `targetRoom`, here only.
    strict({
      ...outgoing,
      integrationId: Type.Optional(Type.String()),
      target_url: text,
      targetChannel: text,
    }),
  ),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const url = body.type === 'webhook-outgoing' ? body.target_url : undefined;
    const found = await findIntegration(ctx, url ? { url } : { id: body.integrationId ?? '' });
    if (found?.type !== body.type) refuse('No integration found.');
    const integration =
      body.type === 'webhook-incoming'
        ? await updateIncoming(ctx, caller, found._id, body)
        : await updateOutgoing(ctx, caller, found._id, withTarget(body));
    return { integration };
  },
});

function withTarget<Body extends { targetRoom?: string; targetChannel?: string }>({
  targetChannel,
  ...body
}: Body): Omit<Body, 'targetChannel'> {
  return body.targetRoom || !targetChannel ? body : { ...body, targetRoom: targetChannel };
}

const remove = endpoint({
  method: 'POST',
  path: 'integrations.remove',
  summary: 'Removes a webhook with its history.',
  auth: 'user',
  permissions: { any: INTEGRATION_PERMISSIONS },
  body: oneOf(
    strict({ type: incomingType, integrationId: Type.String() }),
    strict({ type: outgoingType, target_url: Type.String() }),
    strict({ type: outgoingType, integrationId: Type.String() }),
  ),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const by = 'target_url' in body ? { url: body.target_url } : { id: body.integrationId };
    const integration = await findIntegration(ctx, by);
    if (integration?.type !== body.type) refuse('No integration found.');
    await removeIntegration(ctx, caller, integration);
    return { integration };
  },
});

const get = endpoint({
  method: 'GET',
  path: 'integrations.get',
  summary: 'One webhook.',
  auth: 'user',
  query: strict({ integrationId: Type.String({ minLength: 1 }), createdBy: Type.Optional(Type.String()) }),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    return { integration: await getIntegration(ctx, caller, query.integrationId, query.createdBy) };
  },
});

const OLDEST_FIRST = [{ column: INTEGRATION_SORT._createdAt, direction: 'asc' as const }];

interface ListQuery extends PageQuery {
  sort?: string;
  query?: string;
  fields?: string;
}

async function listAnswer(
  ctx: Context,
  caller: Caller,
  query: ListQuery,
  which: Parameters<typeof listIntegrations>[2],
) {
  const page = pageOf(ctx.settings, query);
  const order = orderBy(query.sort, INTEGRATION_SORT, OLDEST_FIRST);
  const filter = parseListFilter(ctx.config, query.query, INTEGRATION_FILTER_PATHS);
  const fields = parseFields(ctx.config, query.fields);
  const { integrations, total } = await listIntegrations(ctx, caller, { ...which, filter }, order, page);
  const shown = integrations.map((integration) => applyFields(integration, fields));
  return { integrations: shown, ...pageMembers(page, shown, total) };
}

const list = endpoint({
  method: 'GET',
  path: 'integrations.list',
  summary: 'The webhooks that the caller manages.',
  auth: 'user',
  permissions: { any: INTEGRATION_PERMISSIONS },
  query: strict({ ...listMembers, name: Type.Optional(Type.String()), type: Type.Optional(Type.String()) }),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    const { name, type } = query;
    const answer = await listAnswer(ctx, caller, query, { name, type });
    return { ...answer, items: answer.integrations.length };
  },
});

const history = endpoint({
  method: 'GET',
  path: 'integrations.history',
  summary: 'What happened when an outgoing webhook ran; the newest thousand runs are kept.',
  auth: 'user',
  permissions: { any: OUTGOING_PERMISSIONS },
  query: strict({ ...listMembers, id: Type.String() }),
  response: freeObject,
  async handler(ctx, { caller, query }) {
    const page = pageOf(ctx.settings, query);
    const order = parseSort(query.sort)?.find(([path]) => path === '_updatedAt')?.[1] === 1 ? 'asc' : 'desc';
    const found = await listHistory(ctx, caller, query.id, order, page);
    const { history: entries, total } = found;
    return { history: entries, ...pageMembers(page, entries, total), items: entries.length };
  },
});

const clear = endpoint({
  method: 'POST',
  path: 'integrations.clearHistory',
  summary: 'Forgets what happened when an outgoing webhook ran.',
  auth: 'user',
  body: strict({ integrationId: Type.String({ minLength: 1 }) }),
  async handler(ctx, { caller, body }) {
    await clearHistory(ctx, caller, body.integrationId);
    return {};
  },
});

const replay = endpoint({
  method: 'POST',
  path: 'integrations.replayOutgoing',
  summary: 'Runs an outgoing webhook again for what caused an earlier run.',
  auth: 'user',
  body: strict({ integrationId: Type.String({ minLength: 1 }), historyId: Type.String({ minLength: 1 }) }),
  async handler(ctx, { caller, body }) {
    await replayWebhook(ctx, caller, body);
    return {};
  },
});

/** Webhooks that are bound to a room (spec 10 §10.9). */
function ofRoom(family: Family): Endpoint {
  const [flagName, scope] =
    family.type === 'c'
      ? ['includeAllPublicChannels', 'all_public_channels']
      : ['includeAllPrivateGroups', 'all_private_groups'];
  return endpoint({
    method: 'GET',
    path: `${family.prefix}.getIntegrations`,
    summary: 'Webhooks that are bound to the room.',
    auth: 'user',
    permissions: { any: INTEGRATION_PERMISSIONS },
    query: roomIdOrName({ ...listMembers, [flagName]: Type.Optional(Type.Boolean()) }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const room = await family.find(ctx, caller, query, 'allowed');
      if (!(await canAccessRoom(ctx, caller, room))) forbid();
      const withScope = (query as Record<string, unknown>)[flagName] !== false;
      const channels = [`#${room.name}`, ...(withScope ? [scope] : [])];
      return listAnswer(ctx, caller, query, { channels });
    },
  });
}

export const integrationEndpoints: Endpoint[] = [
  create,
  update,
  remove,
  get,
  list,
  history,
  clear,
  replay,
  ofRoom(CHANNELS),
  ofRoom(GROUPS),
];
