import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { strict } from '../rest/schemas.ts';
import {
  addRoleToPermission,
  type PermissionRoles,
  removeRoleFromPermission,
  requireEditPermissions,
  updatePermissions,
} from './change-permissions.ts';
import { listPermissions, listRemovedPermissions } from './list-permissions.ts';
import { presentPermission } from './present-permission.ts';

async function presentAll(ctx: Context, since?: number): Promise<Record<string, unknown>[]> {
  const permissions = await listPermissions(ctx, since);
  return permissions.map(({ entry, roles, updatedAt }) => presentPermission(entry, roles, updatedAt));
}

const roleOfPermission = strict({ permissionId: Type.String(), role: Type.String() });

export const permissionsEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'permissions.listAll',
    summary: 'All permissions with their roles, or those changed since a date.',
    auth: 'user',
    query: Type.Object({ updatedSince: Type.Optional(Type.String()) }),
    async handler(ctx, { query }) {
      const since = timeOf(query.updatedSince);
      return { update: await presentAll(ctx, since), remove: await listRemovedPermissions(ctx, since) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'permissions.update',
    summary: 'Replaces the roles of permissions, of all or of none.',
    auth: 'user',
    // Its own errors for a missing permission and a malformed body (spec 22), so neither is declared here.
    body: Type.Object({ permissions: Type.Optional(Type.Unknown()) }),
    async handler(ctx, { caller, body }) {
      requireEditPermissions(ctx, caller);
      await updatePermissions(ctx, caller, readChanges(body.permissions));
      return { permissions: await presentAll(ctx) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'permissions.addRole',
    summary: 'Gives a permission to a role.',
    auth: 'user',
    permissions: { all: ['access-permissions'] },
    body: roleOfPermission,
    async handler(ctx, { caller, body }) {
      await addRoleToPermission(ctx, caller, body.permissionId, body.role);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'permissions.removeRole',
    summary: 'Takes a permission from a role.',
    auth: 'user',
    permissions: { all: ['access-permissions'] },
    body: roleOfPermission,
    async handler(ctx, { caller, body }) {
      await removeRoleFromPermission(ctx, caller, body.permissionId, body.role);
      return undefined;
    },
  }),
];

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    fail('error-roomId-param-invalid', 'The "updatedSince" query parameter must be a valid date.');
  }
  return time;
}

const MAX_CHANGES = 2000;
const MAX_ROLES = 1000;

function readChanges(permissions: unknown): PermissionRoles[] {
  if (!Array.isArray(permissions) || permissions.length > MAX_CHANGES || !permissions.every(isChange)) {
    refuse('Invalid body params', 'error-invalid-body-params');
  }
  return permissions.map(({ _id, roles }) => ({ id: _id, roles }));
}

function isChange(value: unknown): value is { _id: string; roles: string[] } {
  if (typeof value !== 'object' || value === null) return false;
  const { _id, roles } = value as Record<string, unknown>;
  if (typeof _id !== 'string' || !Array.isArray(roles) || roles.length > MAX_ROLES) return false;
  return roles.every((role) => typeof role === 'string');
}
