import { Type } from 'typebox';
import type { User } from '../accounts/user.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageOf } from '../rest/list-params.ts';
import { dateText, pagingMembers, strict } from '../rest/schemas.ts';
import { createRole, deleteRole, type RoleInput, updateRole } from './edit-roles.ts';
import { presentRole, presentRoleDocument } from './present-role.ts';
import { addUserToRole, removeUserFromRole, usersInPublicRoles, usersInRole } from './role-members.ts';
import { listRoles, syncRoles } from './roles.ts';

/** Bodies of these endpoints are checked by hand: what is wrong with them has an error of its own (spec 22). */
const looseBody = Type.Object({}, { additionalProperties: true });

export const rolesEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'roles.list',
    summary: 'All roles.',
    auth: 'user',
    async handler(ctx) {
      return { roles: (await listRoles(ctx.db)).map(presentRole) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'roles.sync',
    summary: 'Roles changed and removed since a date.',
    auth: 'user',
    query: strict({ updatedSince: dateText }),
    async handler(ctx, { query }) {
      const { changed, removed } = await syncRoles(ctx, Date.parse(query.updatedSince));
      return {
        roles: {
          update: changed.map((role) => presentRoleDocument(ctx, role)),
          remove: removed.map(({ role, deletedAt }) => ({
            ...presentRole(role),
            _deletedAt: new Date(deletedAt),
          })),
        },
      };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'roles.create',
    summary: 'Creates a role.',
    auth: 'user',
    body: looseBody,
    async handler(ctx, { caller, body }) {
      return { role: presentRoleDocument(ctx, await createRole(ctx, caller, readRole(body))) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'roles.update',
    summary: 'Changes a role; of a built-in one the description and the second-factor rule.',
    auth: 'user',
    body: looseBody,
    async handler(ctx, { caller, body }) {
      const roleId = member(body, 'roleId');
      const input = readRole(body);
      if (typeof roleId !== 'string') return invalidRole();
      return { role: presentRoleDocument(ctx, await updateRole(ctx, caller, roleId, input)) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'roles.delete',
    summary: 'Removes a role that nobody holds.',
    auth: 'user',
    body: looseBody,
    async handler(ctx, { caller, body }) {
      const roleId = member(body, 'roleId');
      if (typeof roleId !== 'string') return invalidRole();
      await deleteRole(ctx, caller, roleId);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'roles.addUserToRole',
    summary: 'Gives a user a role, in the whole workspace or in one room.',
    auth: 'user',
    body: looseBody,
    async handler(ctx, { caller, body }) {
      return { role: presentRoleDocument(ctx, await addUserToRole(ctx, caller, readAssignment(body))) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'roles.removeUserFromRole',
    summary: 'Takes a role from a user.',
    auth: 'user',
    body: looseBody,
    async handler(ctx, { caller, body }) {
      return { role: presentRoleDocument(ctx, await removeUserFromRole(ctx, caller, readAssignment(body))) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'roles.getUsersInRole',
    summary: 'Who has a role.',
    auth: 'user',
    query: strict({
      ...pagingMembers,
      role: Type.Optional(Type.String()),
      roomId: Type.Optional(Type.String()),
    }),
    async handler(ctx, { caller, query }) {
      if (!query.role) fail('error-param-not-provided', 'Query param "role" is required');
      const page = pageOf(ctx.settings, query);
      const { users, total } = await usersInRole(ctx, caller, {
        role: query.role,
        rid: query.roomId,
        ...page,
      });
      return { users: users.map(presentHolder), total };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'roles.getUsersInPublicRoles',
    summary: 'Who has a role that is shown beside names.',
    auth: 'user',
    async handler(ctx) {
      return { users: await usersInPublicRoles(ctx) };
    },
  }),
];

const MAX_NAME = 255;
const MAX_DESCRIPTION = 2000;

function readRole(body: object): RoleInput {
  const { name, scope, description, mandatory2fa } = body as Record<string, unknown>;
  if (typeof name !== 'string' || name.trim() === '' || name.length > MAX_NAME) return invalidRole();
  if (scope !== undefined && scope !== 'Users' && scope !== 'Subscriptions') return invalidRole();
  if (
    description !== undefined &&
    (typeof description !== 'string' || description.length > MAX_DESCRIPTION)
  ) {
    return invalidRole();
  }
  if (mandatory2fa !== undefined && typeof mandatory2fa !== 'boolean') return invalidRole();
  return { name: name.trim(), scope, description, mandatory2fa };
}

/** `roleName` comes from clients before 8.x; `scope` used to be the room of `removeUserFromRole`. */
function readAssignment(body: object): { username: string; role: string; rid?: string | undefined } {
  const { username, roleId, roleName, roomId, scope } = body as Record<string, unknown>;
  if (typeof username !== 'string') {
    fail('error-invalid-role-properties', "must have required property 'username'");
  }
  const role = roleId ?? roleName;
  if (role === undefined) refuse('error-invalid-role-properties');
  const room = roomId ?? (scope === 'Users' || scope === 'Subscriptions' ? undefined : scope);
  if (typeof role !== 'string' || (room !== undefined && typeof room !== 'string')) {
    fail('error-invalid-role-properties', 'must be string');
  }
  return { username, role, rid: room };
}

function invalidRole(): never {
  return fail('error-invalid-role-properties', 'The role properties are invalid.');
}

const member = (body: object, name: string): unknown => (body as Record<string, unknown>)[name];

function presentHolder(user: User): Record<string, unknown> {
  return {
    _id: user._id,
    name: user.name,
    username: user.username,
    emails: user.emails,
    avatarETag: user.avatarETag,
    createdAt: new Date(user.createdAt),
    roles: user.roles,
    type: user.type,
    active: user.active,
    _updatedAt: new Date(user.updatedAt),
  };
}
