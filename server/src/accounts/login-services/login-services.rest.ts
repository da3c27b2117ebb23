import { Type } from 'typebox';
import {
  addCustomLoginService,
  refreshLoginServices,
  removeCustomLoginService,
} from '../../admin/custom-login-services.ts';
import { type Endpoint, endpoint } from '../../rest/endpoint.ts';
import { strict } from '../../rest/schemas.ts';
import { RESERVED_NAMES } from './login-service.ts';
import { presentLoginButton, presentLoginServices } from './present-login-service.ts';

// A missing name has an error of its own (spec 22).
const named = strict({ name: Type.Optional(Type.String()) });
const permissions = { all: ['add-oauth-service'] };

/** What clients log in with, and adding to it (spec 22). */
export const loginServiceEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'settings.oauth',
    summary: 'The login services, as login buttons need them.',
    auth: 'none',
    partly: 'No Apple and Twitter.',
    handler: ({ settings }) => ({ services: presentLoginServices(settings).map(presentLoginButton) }),
  }),
  endpoint({
    method: 'GET',
    path: 'service.configurations',
    summary: 'The configuration of the login services, without secrets.',
    auth: 'none',
    partly: 'No Apple and Twitter.',
    handler: ({ settings }) => ({ configurations: presentLoginServices(settings) }),
  }),
  endpoint({
    method: 'POST',
    path: 'settings.addCustomOAuth',
    summary: 'Adds a login service, with settings of its own.',
    auth: 'user',
    permissions,
    twoFactor: 'remembered',
    body: named,
    async handler(ctx, { caller, body }) {
      await addCustomLoginService(ctx, caller, body.name, RESERVED_NAMES);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'settings.removeCustomOAuth',
    summary: 'Removes a login service that was added, with its settings.',
    auth: 'user',
    permissions,
    twoFactor: 'remembered',
    body: named,
    async handler(ctx, { caller, body }) {
      await removeCustomLoginService(ctx, caller, body.name);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'settings.refreshOAuthServices',
    summary: 'Nothing: login services follow their settings at once.',
    auth: 'user',
    permissions,
    twoFactor: 'remembered',
    handler(ctx, { caller }) {
      refreshLoginServices(ctx, caller);
      return undefined;
    },
  }),
];
