import {
  body,
  type Call,
  coded,
  everybody,
  invalid,
  NO_PERMISSION,
  NO_SUCH_USER,
  NOT_LOGGED_IN,
  plain,
  type Row,
  requires,
  unchanged,
} from './refusal.ts';

const properties = coded('error-invalid-role-properties', 'The role properties are invalid.');
const propertiesOf = (reason: string) => coded('error-invalid-role-properties', reason);
const noAccess = coded('error-action-not-allowed', 'Accessing permissions is not allowed');
const taken = coded('error-duplicate-role-names-not-allowed', 'Role name already exists');
const permissionsBody = body(400, { error: 'Invalid body params', errorType: 'error-invalid-body-params' });
const noEditing = body(400, {
  error: 'Editing permissions is not allowed',
  errorType: 'error-edit-permissions-not-allowed',
});
const toEdit = (_id: string, ...roles: string[]) => ({ permissions: [{ _id, roles }] });
/** Permissions of settings are for those who may give them. */
const NO_SETTINGS = { permissions: { 'access-setting-permissions': [] } };

/** Of spec 22: roles and permissions. */
export const ROLE_REFUSALS: Row[] = [
  ['alice', 'GET roles.sync', {}, requires('updatedSince')],
  ['alice', 'GET roles.sync', { updatedSince: 'x' }, invalid('must match format "date-time"')],
  // What is wrong with the body is told first, as documented.
  ['alice', 'POST roles.create', {}, properties],
  ['admin', 'POST roles.create', { name: ' ' }, properties],
  ['admin', 'POST roles.create', { name: 'x', scope: 'x' }, properties],
  ['admin', 'POST roles.create', { name: 'x', mandatory2fa: 'x' }, properties],
  ['alice', 'POST roles.create', { name: 'free' }, noAccess],
  ['admin', 'POST roles.create', { name: 'free' }, taken],
  ['admin', 'POST roles.update', {}, properties],
  ['admin', 'POST roles.update', { name: 'x' }, properties],
  ['admin', 'POST roles.update', { roleId: '$held' }, properties],
  ['admin', 'POST roles.update', { roleId: '$held', name: 'free' }, taken],
  ['alice', 'POST roles.update', { roleId: 'x', name: 'free' }, noAccess],
  [
    'admin',
    'POST roles.update',
    { roleId: '$held', name: 'held', scope: 'Subscriptions' },
    coded('error-role-in-use', "Cannot change the scope of a role because it's in use"),
  ],
  ['admin', 'POST roles.delete', {}, properties],
  [
    'admin',
    'POST roles.delete',
    { roleId: 'held' },
    coded('error-role-in-use', "Cannot delete role because it's in use"),
  ],
  ['admin', 'POST roles.addUserToRole', {}, propertiesOf("must have required property 'username'")],
  ['admin', 'POST roles.addUserToRole', { username: 'alice', roleId: 1 }, propertiesOf('must be string')],
  // In the documented order: who, which role, whether it is news, and then whether the caller may.
  ['alice', 'POST roles.addUserToRole', { username: 'x', roleId: 'x' }, NO_SUCH_USER],
  [
    'alice',
    'POST roles.addUserToRole',
    { username: 'alice', roleId: 'x' },
    coded('error-role-not-found', 'Role not found'),
  ],
  [
    'alice',
    'POST roles.addUserToRole',
    { username: 'bob', roleId: 'held' },
    coded('error-user-already-in-role', 'User already in role'),
  ],
  ['alice', 'POST roles.addUserToRole', { username: 'bob', roleId: 'admin' }, noAccess],
  [
    'alice',
    'POST roles.addUserToRole',
    { username: 'bob', roleId: 'admin' },
    coded('error-action-not-allowed', 'Assigning admin is not allowed'),
    everybody('access-permissions'),
  ],
  ['admin', 'POST roles.removeUserFromRole', {}, propertiesOf("must have required property 'username'")],
  ['admin', 'POST roles.removeUserFromRole', { username: 'x' }, plain('error-invalid-role-properties')],
  [
    'alice',
    'POST roles.removeUserFromRole',
    { username: 'x', roleId: 'x' },
    coded('error-not-allowed', 'Accessing permissions is not allowed'),
  ],
  [
    'admin',
    'POST roles.removeUserFromRole',
    { username: 'x', roleId: 'x' },
    coded('error-invalid-user', 'There is no user with this username'),
  ],
  [
    'alice',
    'GET roles.getUsersInRole',
    {},
    coded('error-param-not-provided', 'Query param "role" is required'),
  ],
  ['alice', 'GET roles.getUsersInRole', { role: 'x' }, coded('error-not-allowed', 'Not allowed')],
  [
    'alice',
    'GET roles.getUsersInRole',
    { role: 'owner', roomId: 'GENERAL' },
    coded('error-not-allowed', 'Not allowed'),
    everybody('access-permissions'),
  ],
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
  ['alice', 'POST permissions.update', {}, noEditing],
  ['admin', 'POST permissions.update', { permissions: 'x' }, permissionsBody],
  ['admin', 'POST permissions.update', { permissions: [{ _id: 'leave-c' }] }, permissionsBody],
  ['admin', 'POST permissions.update', { permissions: [{ _id: 'leave-c', roles: [1] }] }, permissionsBody],
  [
    'admin',
    'POST permissions.update',
    toEdit('x', 'x'),
    body(400, { error: 'Invalid permission', errorType: 'error-invalid-permission' }),
  ],
  // All or none.
  [
    'admin',
    'POST permissions.update',
    { permissions: [...toEdit('leave-c').permissions, ...toEdit('leave-p', 'x').permissions] },
    body(400, { error: 'Invalid role', errorType: 'error-invalid-role' }),
  ],
  ['admin', 'POST permissions.update', toEdit('change-setting-Site_Name', 'user'), noEditing, NO_SETTINGS],
  ...(['addRole', 'removeRole'] as const).flatMap((verb): Row[] => {
    const call = (...[permissionId, role]: [string, string]): Call => [
      'admin',
      `POST permissions.${verb}`,
      { permissionId, role },
    ];
    return [
      ['admin', `POST permissions.${verb}`, {}, requires('permissionId', 'role')],
      [...call('change-setting-Site_Name', 'user'), NO_PERMISSION, NO_SETTINGS],
    ];
  }),
  ['alice', 'POST permissions.addRole', { permissionId: 'x', role: 'x' }, NO_PERMISSION],
  [
    'admin',
    'POST permissions.addRole',
    { permissionId: 'x', role: 'x' },
    coded(
      'error-invalid-permission',
      'Permission does not exist',
      unchanged('Adding_permission', 'authorization:addPermissionToRole'),
    ),
  ],
  [
    'admin',
    'POST permissions.removeRole',
    { permissionId: 'x', role: 'bot' },
    coded('error-permission-not-found', 'Permission not found', {
      method: 'authorization:removeRoleFromPermission',
    }),
  ],
];
