import { Type } from 'typebox';
import { countActiveUsers } from '../accounts/list-users.ts';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint, RawReply } from '../rest/endpoint.ts';
import { freeObject, strict } from '../rest/schemas.ts';

/** The answers of a workspace without licences (spec 23, "Licences"): nothing is gated, so nothing is bought. */

const NOTHING_PREVENTED = {
  activeUsers: false,
  guestUsers: false,
  roomsPerGuest: false,
  privateApps: false,
  marketplaceApps: false,
  monthlyActiveContacts: false,
};

const licence = strict({ license: Type.String() });

export const licenceEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'licenses.info',
    summary: 'Which licences the workspace has: none.',
    auth: 'user',
    query: strict({ loadValues: Type.Optional(Type.Boolean()) }),
    response: freeObject,
    handler: () => ({
      license: {
        activeModules: [],
        externalModules: [],
        preventedActions: NOTHING_PREVENTED,
        limits: {},
        tags: [],
        trial: false,
        hasValidLicense: false,
      },
    }),
  }),
  endpoint({
    method: 'GET',
    path: 'licenses.maxActiveUsers',
    summary: 'How many active accounts there may be (no limit), and how many there are.',
    auth: 'user',
    response: freeObject,
    handler: async (ctx) => ({ maxActiveUsers: null, activeUsers: await countActiveUsers(ctx) }),
  }),
  endpoint({
    method: 'GET',
    path: 'licenses.get',
    summary: 'The licences, as servers before 7.0 answered: none.',
    auth: 'user',
    response: freeObject,
    handler: () => ({ licenses: [] }),
  }),
  endpoint({
    method: 'GET',
    path: 'licenses.isEnterprise',
    summary: 'Whether the workspace has a licence, as servers before 7.0 answered: no.',
    auth: 'user',
    response: freeObject,
    handler: () => ({ isEnterprise: false }),
  }),
  endpoint({
    method: 'POST',
    path: 'licenses.add',
    summary: 'Refuses every licence.',
    auth: 'user',
    permissions: { all: ['edit-privileged-setting'] },
    body: licence,
    handler: () => refuse('Invalid license'),
  }),
  endpoint({
    method: 'POST',
    path: 'licenses.validate',
    summary: 'Says that a licence is invalid.',
    auth: 'user',
    permissions: { all: ['edit-privileged-setting'] },
    body: licence,
    handler() {
      const reasons = [{ behavior: 'invalidate_license', reason: 'no-licenses' }];
      return new RawReply(400, { success: false, error: 'license-invalid', reasons });
    },
  }),
];
