import { Type } from 'typebox';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, nonBlank, oneOf, strict } from '../rest/schemas.ts';
import { createApp, getApp, listApps, type OAuthApp, removeApp, updateApp } from './apps.ts';

const permissions = { all: ['manage-oauth-apps'] };
const input = {
  name: Type.String(),
  redirectUri: Type.String({ maxLength: 20_000 }),
  active: Type.Boolean(),
};

/** Programs that log people in through this workspace (spec 23, "OAuth2 server"). */
export const oauthAppEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'oauth-apps.list',
    summary: 'The programs that log people in through this workspace.',
    auth: 'user',
    permissions,
    query: strict({ uid: Type.Optional(Type.String()) }),
    response: freeObject,
    handler: async (ctx) => ({ oauthApps: (await listApps(ctx)).map(present) }),
  }),
  endpoint({
    method: 'GET',
    path: 'oauth-apps.get',
    summary: 'One program; its secret only for those who manage them.',
    auth: 'user',
    query: oneOf(strict({ _id: nonBlank }), strict({ clientId: nonBlank }), strict({ appId: nonBlank })),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const { _id, clientId, appId } = query as { _id?: string; clientId?: string; appId?: string };
      const app = await getApp(ctx, clientId === undefined ? { id: _id ?? appId ?? '' } : { clientId });
      if (!app) refuse('OAuth app not found.');
      const { clientSecret, ...shown } = present(app);
      return {
        oauthApp: ctx.permissions.has(caller, 'manage-oauth-apps') ? { ...shown, clientSecret } : shown,
      };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'oauth-apps.create',
    summary: 'Lets another program log people in through this workspace.',
    auth: 'user',
    permissions,
    body: strict(input),
    response: freeObject,
    handler: async (ctx, { caller, body }) => ({ application: present(await createApp(ctx, caller, body)) }),
  }),
  endpoint({
    method: 'POST',
    path: 'oauth-apps.update',
    summary: 'Changes a program; one that is not active loses its tokens.',
    auth: 'user',
    permissions,
    body: strict({ ...input, appId: nonBlank }),
    response: freeObject,
    handler: async (ctx, { caller, body: { appId, ...changes } }) =>
      present(await updateApp(ctx, caller, appId, changes)),
  }),
  endpoint({
    method: 'POST',
    path: 'oauth-apps.delete',
    summary: 'Removes a program with its tokens.',
    auth: 'user',
    permissions,
    body: strict({ appId: nonBlank }),
    async handler(ctx, { caller, body }) {
      await removeApp(ctx, caller, body.appId);
      return {};
    },
  }),
];

function present(app: OAuthApp) {
  return {
    _id: app.id,
    name: app.name,
    active: app.active,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    redirectUri: app.redirectUri,
    _createdAt: new Date(app.createdAt),
    _createdBy: app.createdBy,
    _updatedAt: new Date(app.updatedAt),
    ...(app.updatedBy ? { _updatedBy: app.updatedBy } : {}),
  };
}
