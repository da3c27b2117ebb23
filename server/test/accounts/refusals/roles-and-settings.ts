import {
  body,
  coded,
  NO_PERMISSION,
  NO_SUCH_USER,
  NOT_LOGGED_IN,
  plain,
  type Row,
  requires,
  unchanged,
} from './refusal.ts';

const properties = coded('error-invalid-role-properties', 'The role properties are invalid.');
const noAccess = coded('error-action-not-allowed', 'Accessing permissions is not allowed');
const permissionsBody = body(400, { error: 'Invalid body params', errorType: 'error-invalid-body-params' });
const toEdit = (_id: string, ...roles: string[]) => ({ permissions: [{ _id, roles }] });

/** Of spec 22: roles, permissions, settings. */
export const ROLE_AND_SETTING_REFUSALS: Row[] = [
  ['alice', 'GET roles.sync', {}, requires('updatedSince')],
  ['alice', 'POST roles.create', { name: 'x' }, noAccess],
  ['admin', 'POST roles.create', {}, properties],
  [
    'admin',
    'POST roles.create',
    { name: 'admin' },
    coded('error-duplicate-role-names-not-allowed', 'Role name already exists'),
  ],
  ['alice', 'POST roles.update', { roleId: 'user', name: 'x' }, noAccess],
  [
    'admin',
    'POST roles.update',
    { roleId: 'x', name: 'x' },
    coded('error-invalid-roleId', 'This role does not exist'),
  ],
  ['alice', 'POST roles.delete', { roleId: 'x' }, noAccess],
  ['admin', 'POST roles.delete', { roleId: 'x' }, coded('error-invalid-roleId', 'This role does not exist')],
  [
    'admin',
    'POST roles.delete',
    { roleId: 'user' },
    coded('error-role-protected', 'Cannot delete a protected role'),
  ],
  ['admin', 'POST roles.addUserToRole', { username: 'alice' }, plain('error-invalid-role-properties')],
  ['admin', 'POST roles.addUserToRole', { username: 'x', roleId: 'bot' }, NO_SUCH_USER],
  [
    'admin',
    'POST roles.addUserToRole',
    { username: 'alice', roleId: 'x' },
    coded('error-role-not-found', 'Role not found'),
  ],
  [
    'admin',
    'POST roles.addUserToRole',
    { username: 'alice', roleName: 'user' },
    coded('error-user-already-in-role', 'User already in role'),
  ],
  ['alice', 'POST roles.addUserToRole', { username: 'alice', roleId: 'bot' }, noAccess],
  [
    'admin',
    'POST roles.addUserToRole',
    { username: 'alice', roleId: 'owner', roomId: 'GENERAL' },
    coded('error-invalid-user', 'User is not part of given room'),
  ],
  [
    'alice',
    'POST roles.removeUserFromRole',
    { username: 'alice', roleId: 'user' },
    coded('error-not-allowed', 'Accessing permissions is not allowed'),
  ],
  [
    'admin',
    'POST roles.removeUserFromRole',
    { username: 'x', roleId: 'user' },
    coded('error-invalid-user', 'There is no user with this username'),
  ],
  [
    'admin',
    'POST roles.removeUserFromRole',
    { username: 'alice', roleId: 'x' },
    coded('error-invalid-roleId', 'This role does not exist'),
  ],
  [
    'admin',
    'POST roles.removeUserFromRole',
    { username: 'alice', roleId: 'bot' },
    coded('error-user-not-in-role', 'User is not in this role'),
  ],
  [
    'admin',
    'POST roles.removeUserFromRole',
    { username: 'root', roleId: 'admin' },
    coded('error-admin-required', 'You need to have at least one admin'),
  ],
  [
    'admin',
    'GET roles.getUsersInRole',
    {},
    coded('error-param-not-provided', 'Query param "role" is required'),
  ],
  ['alice', 'GET roles.getUsersInRole', { role: 'admin' }, coded('error-not-allowed', 'Not allowed')],
  [
    'admin',
    'GET roles.getUsersInRole',
    { role: 'x' },
    body(400, { error: '[error-invalid-roleId]', errorType: 'error-invalid-roleId' }),
  ],
  ['nobody', 'GET permissions.listAll', {}, NOT_LOGGED_IN],
  [
    'alice',
    'GET permissions.listAll',
    { updatedSince: 'x' },
    coded('error-roomId-param-invalid', 'The "updatedSince" query parameter must be a valid date.'),
  ],
  [
    'alice',
    'POST permissions.update',
    toEdit('leave-c', 'admin'),
    body(400, {
      error: 'Editing permissions is not allowed',
      errorType: 'error-edit-permissions-not-allowed',
    }),
  ],
  ['admin', 'POST permissions.update', {}, permissionsBody],
  [
    'admin',
    'POST permissions.update',
    toEdit('x', 'admin'),
    body(400, { error: 'Invalid permission', errorType: 'error-invalid-permission' }),
  ],
  [
    'admin',
    'POST permissions.update',
    toEdit('leave-c', 'x'),
    body(400, { error: 'Invalid role', errorType: 'error-invalid-role' }),
  ],
  ['alice', 'POST permissions.addRole', { permissionId: 'leave-c', role: 'bot' }, NO_PERMISSION],
  ['alice', 'POST permissions.removeRole', { permissionId: 'leave-c', role: 'bot' }, NO_PERMISSION],
  [
    'admin',
    'POST permissions.addRole',
    { permissionId: 'x', role: 'bot' },
    coded(
      'error-invalid-permission',
      'Permission does not exist',
      unchanged('Adding_permission', 'authorization:addPermissionToRole'),
    ),
  ],
  [
    'admin',
    'POST permissions.addRole',
    { permissionId: 'leave-c', role: 'x' },
    coded(
      'error-invalid-role',
      'Role does not exist',
      unchanged('Adding_permission', 'authorization:addPermissionToRole'),
    ),
  ],
  ['alice', 'GET settings/Site_Name', {}, NO_PERMISSION],
  ['admin', 'GET settings/x', {}, body(400, {})],
  ['admin', 'POST settings/x', { value: 1 }, body(400, {})],
  ['admin', 'POST settings/Site_Name', { x: 1 }, body(400, {})],
  ['alice', 'POST settings/Site_Name', { value: 'x' }, NO_PERMISSION],
  ['alice', 'POST settings.addCustomOAuth', { name: 'x' }, NO_PERMISSION],
  [
    'admin',
    'POST settings.addCustomOAuth',
    {},
    coded('error-name-param-not-provided', 'The parameter "name" is required'),
  ],
  [
    'alice',
    'POST settings',
    { settings: [{ _id: 'Site_Name', value: 'x' }] },
    body(403, {
      error: 'Editing settings is not allowed [error-action-not-allowed]',
      errorType: 'error-action-not-allowed',
      details: { method: 'saveSettings', settingIds: ['Site_Name'] },
    }),
  ],
];
