import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, strict } from '../rest/schemas.ts';
import { confirmDeployment } from './confirm-deployment.ts';

/** The answers of a workspace that no vendor's cloud knows (spec 23, "Cloud"). Nothing is ever sent there. */

const text = Type.Optional(Type.String());
const manage = { all: ['manage-cloud'] };

const refusing = (path: string, summary: string, error: string, body = strict({})): Endpoint =>
  endpoint({
    method: 'POST',
    path,
    summary,
    auth: 'user',
    permissions: manage,
    body,
    handler: () => refuse(error),
  });

export const cloudEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'cloud.registrationStatus',
    summary: 'Says that the workspace is not registered anywhere.',
    auth: 'user',
    permissions: manage,
    response: freeObject,
    handler: () => ({
      registrationStatus: { workspaceRegistered: false, workspaceId: '', uniqueId: '', token: '', email: '' },
    }),
  }),
  endpoint({
    method: 'POST',
    path: 'cloud.manualRegister',
    summary: 'Refuses to register the workspace.',
    auth: 'user',
    permissions: { all: ['register-on-cloud'] },
    body: strict({ cloudBlob: Type.String() }),
    handler: () => refuse('Invalid cloud blob'),
  }),
  refusing(
    'cloud.connectWorkspace',
    'Refuses to connect the workspace.',
    'Failed to connect the workspace with Rocket.Chat Cloud',
    strict({ token: Type.String() }),
  ),
  refusing(
    'cloud.createRegistrationIntent',
    'Refuses to register the workspace.',
    'Invalid query',
    strict({ resend: Type.Optional(Type.Boolean()), email: text }),
  ),
  refusing('cloud.syncWorkspace', 'Refuses to synchronize.', 'Error during workspace sync'),
  refusing('cloud.removeLicense', 'Refuses to remove a licence.', 'License removal failed'),
  endpoint({
    method: 'GET',
    path: 'cloud.confirmationPoll',
    summary: 'Knows no registration that could be confirmed.',
    auth: 'user',
    permissions: manage,
    query: strict({ deviceCode: text }),
    handler: () => refuse('Invalid query'),
  }),
  endpoint({
    method: 'GET',
    path: 'cloud.checkoutUrl',
    summary: 'Knows no place where a licence could be bought.',
    auth: 'user',
    permissions: manage,
    handler: () => refuse(),
  }),
  endpoint({
    method: 'POST',
    path: 'cloud.registerPreIntent',
    summary: 'Says that the workspace has no connection to a cloud.',
    auth: 'user',
    permissions: manage,
    body: strict({}),
    handler: () => ({ offline: true }),
  }),
  endpoint({
    method: 'POST',
    path: 'fingerprint',
    summary: 'Confirms that the workspace moved, or makes a new one of the copy.',
    auth: 'user',
    permissions: manage,
    body: Type.Object({}, { additionalProperties: true }),
    async handler(ctx, { caller, body }) {
      await setDeployment(ctx, caller, body);
      return {};
    },
  }),
];

function setDeployment(ctx: Context, caller: Caller, body: object): Promise<void> {
  const { setDeploymentAs: as } = body as { setDeploymentAs?: unknown };
  if (as !== 'new-workspace' && as !== 'updated-configuration') {
    refuse('Invalid body params', 'error-invalid-body-params');
  }
  return confirmDeployment(ctx, caller, as);
}
