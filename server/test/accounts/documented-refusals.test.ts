import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256hex } from '../../src/kernel/ids.ts';
import { type Caller, type Person, startServer, type TestServer } from '../support/server.ts';

/**
 * The failure rows of spec 20 to 23 that one call shows, each with its whole body. Everything else about these endpoints is
 * tested where they are.
 */

let server: TestServer;
let alice: Person;

beforeAll(async () => {
  server = await startServer({
    // Outside of test mode there is one admin only. No limits, and no second factor but where it is always asked.
    testMode: false,
    settingDefaults: { API_Enable_Rate_Limiter: 'false', API_Embed: 'false' },
    createTokensSecret: 'of the operator',
  });
  alice = await server.person('alice');
});
afterAll(() => server.close());

type Who = 'nobody' | 'alice' | 'admin';
type Refused = { status: number; body: object };

const callers = (): Record<Who, Caller> => ({ nobody: server.anonymous, alice, admin: server.admin });

const body = (status: number, body: object): Refused => ({ status, body: { success: false, ...body } });
const plain = (error: string, status = 400): Refused => body(status, { error });
const coded = (code: string, reason: string, details?: object): Refused =>
  body(400, { error: `${reason} [${code}]`, errorType: code, ...(details ? { details } : {}) });
const invalid = (...problems: string[]): Refused =>
  body(400, { errorType: 'error-invalid-params', error: problems.join('\n ') });
const requires = (...members: string[]): Refused =>
  invalid(...members.map((member) => `must have required property '${member}'`));

const NOT_LOGGED_IN = body(401, {
  error: 'You must be logged in to do this.',
  status: 'error',
  message: 'You must be logged in to do this.',
});
const NO_PERMISSION = plain(
  'User does not have the permissions required for this action [error-unauthorized]',
  403,
);
const FORBIDDEN = plain('unauthorized', 403);
const UNKNOWN_MEMBER = invalid('must NOT have additional properties');
const NO_USER_NAMED = coded(
  'error-user-param-not-provided',
  'The required "userId" or "username" param was not provided',
);
const NO_SUCH_USER = coded(
  'error-invalid-user',
  'The required "userId" or "username" param provided does not match any users',
);
const INVALID_TOTP = coded('invalid-totp', 'Invalid TOTP');
const NOT_AUTHORIZED = body(400, { error: '[not_authorized]', errorType: 'not_authorized' });
const unchanged = (action: string, method = 'insertOrUpdateUser') => ({ method, action });

async function expectRefusal(who: Who, call: string, params: object, refused: Refused): Promise<void> {
  const [verb, path = ''] = call.split(' ');
  const caller = callers()[who];
  const send = { GET: caller.get, POST: caller.post, DELETE: caller.delete }[verb ?? ''];
  const answer = await send?.(path, params as Record<string, unknown>);
  expect({ status: answer?.status, body: answer?.body }).toEqual(refused);
}

type Row = [who: Who, call: string, params: object, refused: Refused];

const NEWCOMER = { username: 'newcomer', email: 'newcomer@example.org', pass: 'of newcomer', name: 'New' };
const ACCOUNT = { username: 'added', email: 'added@example.org', password: 'of added', name: 'Added' };
const BLOCKED = (name: string) =>
  coded('error-blocked-username', `${name} is blocked and can't be used!`, { field: name });
const required = (field: string) =>
  coded('error-the-field-is-required', `The field ${field} is required`, {
    method: 'insertOrUpdateUser',
    field,
  });
const taken = (field: string) =>
  coded('error-field-unavailable', `${field} is already in use :(`, { method: 'insertOrUpdateUser', field });

describe('spec 20', () => {
  test.each<Row>([
    ['nobody', 'POST users.generatePersonalAccessToken', { tokenName: 'x' }, NOT_LOGGED_IN],
    ['alice', 'POST users.generatePersonalAccessToken', {}, plain("The 'tokenName' param is required")],
    ['alice', 'POST users.regeneratePersonalAccessToken', {}, plain("The 'tokenName' param is required")],
    ['alice', 'POST users.removePersonalAccessToken', {}, plain("The 'tokenName' param is required")],
    [
      'alice',
      'POST users.regeneratePersonalAccessToken',
      { tokenName: 'x' },
      coded('error-token-does-not-exists', 'Token does not exist'),
    ],
    [
      'alice',
      'POST users.removePersonalAccessToken',
      { tokenName: 'x' },
      coded('error-token-does-not-exists', 'Token does not exist'),
    ],
    [
      'admin',
      'POST users.createToken',
      { username: 'alice', secret: 'guessed' },
      coded('error-not-authorized', 'Not authorized'),
    ],
    [
      'alice',
      'POST users.createToken',
      { username: 'root', secret: 'of the operator' },
      coded('error-not-authorized', 'Not authorized'),
    ],
    ['alice', 'POST users.logout', { userId: 'rocket.cat' }, FORBIDDEN],
    ['admin', 'POST users.logout', { userId: 'x' }, coded('error-invalid-user-id', 'Invalid user id')],
    ['nobody', 'POST users.forgotPassword', {}, plain("The 'email' param is required")],
    ['nobody', 'POST users.sendConfirmationEmail', { email: 'x@example.org' }, body(400, {})],
    ['nobody', 'POST users.verifyEmail', { token: 'x' }, plain('Verify email link expired')],
    [
      'nobody',
      'POST users.2fa.sendEmailCode',
      {},
      coded('error-parameter-required', 'emailOrUsername is required'),
    ],
    ['alice', 'POST users.validateTotp', { code: '123456' }, INVALID_TOTP],
    ['alice', 'POST users.regenerateTotpCodes', { code: '123456' }, INVALID_TOTP],
    ['alice', 'GET users.totpCodesRemaining', {}, INVALID_TOTP],
    ['alice', 'GET sessions/list', { sort: '{"x":1}' }, plain('error-invalid-sort-keys')],
    ['alice', 'GET sessions/info', { sessionId: 'x' }, plain('Session not found', 404)],
    ['alice', 'POST sessions/logout.me', { sessionId: 'x' }, plain('Session not found', 404)],
    ['alice', 'GET sessions/list.all', {}, NO_PERMISSION],
    ['alice', 'GET sessions/info.admin', { sessionId: 'x' }, NO_PERMISSION],
    ['alice', 'POST sessions/logout', { sessionId: 'x' }, NO_PERMISSION],
    ['alice', 'POST users.register', NEWCOMER, plain('Logged in users can not register again.')],
    ['nobody', 'POST users.register', { username: 'x' }, requires('email', 'pass')],
    ['nobody', 'POST users.register', { ...NEWCOMER, x: 1 }, UNKNOWN_MEMBER],
    [
      'nobody',
      'POST users.register',
      { ...NEWCOMER, name: 'a%3Cb' },
      plain('Name contains invalid characters'),
    ],
    [
      'nobody',
      'POST users.register',
      { ...NEWCOMER, username: 'a b' },
      plain('The username provided is not valid'),
    ],
    ['nobody', 'POST users.register', { ...NEWCOMER, username: 'Admin' }, BLOCKED('Admin')],
    [
      'nobody',
      'POST users.register',
      { ...NEWCOMER, username: 'ALICE' },
      plain('Username is already in use'),
    ],
    [
      'nobody',
      'POST users.register',
      { ...NEWCOMER, email: 'x' },
      coded('error-invalid-email', 'Invalid email'),
    ],
    [
      'nobody',
      'POST users.register',
      { ...NEWCOMER, email: 'ALICE@example.com' },
      plain('Email already exists. [403]'),
    ],
  ])('%s %s %j', expectRefusal);

  test.each<[setting: string, value: unknown, refused: Refused]>([
    [
      'Accounts_RegistrationForm',
      'Disabled',
      coded('error-user-registration-disabled', 'User registration is disabled'),
    ],
    [
      'Accounts_RegistrationForm',
      'Secret URL',
      coded('error-user-registration-secret', 'User registration is only allowed via Secret URL'),
    ],
    [
      'Accounts_AllowedDomainsList',
      'example.net',
      coded('error-invalid-domain', 'The email domain is not in whitelist'),
    ],
    [
      'Accounts_BlockedDomainsList',
      'example.org',
      coded('error-email-domain-blacklisted', 'The email domain is blacklisted'),
    ],
    [
      'Accounts_CustomFields',
      '{broken',
      coded('error-invalid-customfield-json', 'Invalid JSON for Custom Fields'),
    ],
  ])('nobody registers with %s = %s', async (setting, value, refused) => {
    await withSetting(setting, value, () =>
      expectRefusal('nobody', 'POST users.register', NEWCOMER, refused),
    );
  });

  test('a password is reset only where that is on', () =>
    withSetting('Accounts_PasswordReset', false, () =>
      expectRefusal('nobody', 'POST users.forgotPassword', {}, plain('Password reset is not enabled')),
    ));
});

describe('spec 21', () => {
  const status = (code: string, reason: string) => coded(code, reason, { method: 'users.setStatus' });
  const profile = (code: string, reason: string) => coded(code, reason, { method: 'saveUserProfile' });
  const refusedAction = (reason: string, action: string, method?: string) =>
    coded('error-action-not-allowed', reason, unchanged(action, method));

  test.each<Row>([
    ['admin', 'POST users.create', {}, requires('email', 'name', 'password', 'username')],
    ['admin', 'POST users.create', { ...ACCOUNT, x: 1 }, UNKNOWN_MEMBER],
    ['alice', 'POST users.create', ACCOUNT, refusedAction('Adding user is not allowed', 'Adding_user')],
    ['admin', 'POST users.create', { ...ACCOUNT, name: '<' }, plain('Name contains invalid characters')],
    [
      'admin',
      'POST users.create',
      { ...ACCOUNT, roles: ['x'] },
      refusedAction('The field Roles consist invalid role id', 'Assign_role'),
    ],
    ['admin', 'POST users.create', { ...ACCOUNT, name: '' }, required('Name')],
    ['admin', 'POST users.create', { ...ACCOUNT, username: '' }, required('Username')],
    ['admin', 'POST users.create', { ...ACCOUNT, password: '' }, required('Password')],
    [
      'admin',
      'POST users.create',
      { ...ACCOUNT, username: 'a b' },
      coded('error-input-is-not-a-valid-field', 'a b is not a valid username', {
        method: 'insertOrUpdateUser',
        input: 'a b',
        field: 'Username',
      }),
    ],
    ['admin', 'POST users.create', { ...ACCOUNT, username: 'all' }, BLOCKED('all')],
    ['admin', 'POST users.create', { ...ACCOUNT, username: 'Alice' }, taken('Alice')],
    ['admin', 'POST users.create', { ...ACCOUNT, email: 'alice@example.com' }, taken('alice@example.com')],
    ['admin', 'POST users.update', {}, requires('userId', 'data')],
    [
      'admin',
      'POST users.update',
      { userId: 'x', data: {} },
      coded('error-invalid-user', 'Invalid user', { method: 'insertOrUpdateUser' }),
    ],
    [
      'alice',
      'POST users.update',
      { userId: 'rocket.cat', data: { name: 'x' } },
      refusedAction('Editing user is not allowed', 'Editing_user'),
    ],
    ['alice', 'POST users.updateOwnBasicInfo', { data: { x: 1 } }, UNKNOWN_MEMBER],
    [
      'alice',
      'POST users.updateOwnBasicInfo',
      { data: { name: '<' } },
      plain('Name contains invalid characters'),
    ],
    [
      'alice',
      'POST users.updateOwnBasicInfo',
      { data: { bio: 'x'.repeat(261) } },
      profile('error-bio-size-exceeded', 'Bio size exceeds 260 characters'),
    ],
    [
      'alice',
      'POST users.updateOwnBasicInfo',
      { data: { nickname: 'x'.repeat(121) } },
      profile('error-nickname-size-exceeded', 'Nickname size exceeds 120 characters'),
    ],
    [
      'alice',
      'POST users.updateOwnBasicInfo',
      { data: { username: 'root' } },
      profile('error-could-not-save-identity', 'Could not save user identity'),
    ],
    ['alice', 'GET users.info', { userId: 'x' }, plain('User not found.')],
    ['alice', 'GET users.info', { email: 'root@example.com' }, plain('User not found.')],
    [
      'alice',
      'GET users.list',
      { sort: 'x' },
      coded('error-invalid-sort', 'Invalid sort parameter provided: "x"', { helperMethod: 'parseJsonQuery' }),
    ],
    ['alice', 'POST users.delete', { username: 'root' }, FORBIDDEN],
    ['admin', 'POST users.delete', {}, NO_USER_NAMED],
    ['admin', 'POST users.delete', { userId: 'x' }, NO_SUCH_USER],
    [
      'admin',
      'POST users.delete',
      { userId: 'rocket.cat' },
      refusedAction('Deleting the rocket.cat user is not allowed', 'Delete_user', 'deleteUser'),
    ],
    [
      'admin',
      'POST users.delete',
      { username: 'root' },
      refusedAction('Leaving the app without admins is not allowed', 'Remove_last_admin', 'deleteUser'),
    ],
    ['alice', 'POST users.deleteOwnAccount', {}, plain('Body parameter "password" is required.')],
    [
      'alice',
      'POST users.deleteOwnAccount',
      { password: sha256hex('x') },
      coded('error-not-allowed', 'Not allowed', { method: 'deleteUserOwnAccount' }),
    ],
    ['alice', 'POST users.setActiveStatus', { userId: 'x', activeStatus: false }, FORBIDDEN],
    ['admin', 'POST users.setActiveStatus', {}, requires('userId', 'activeStatus')],
    ['alice', 'POST users.deactivateIdle', { daysIdle: 1 }, NO_PERMISSION],
    ['admin', 'POST users.deactivateIdle', {}, requires('daysIdle')],
    ['alice', 'POST users.setStatus', { message: 'x', username: 'root' }, FORBIDDEN],
    [
      'alice',
      'POST users.setStatus',
      { status: 'x' },
      status('error-invalid-status', 'Valid status types include online, away, offline, and busy.'),
    ],
    [
      'alice',
      'POST users.setStatus',
      { status: 'busy', expiresAt: '2020-01-01T00:00:00.000Z' },
      status('error-invalid-date', 'expiresAt must be a future date'),
    ],
    ['alice', 'GET users.getStatus', { userId: 'x' }, NO_SUCH_USER],
    ['alice', 'GET users.getPresence', { userId: 'x' }, NO_SUCH_USER],
    ['alice', 'POST users.setAvatar', {}, plain("The 'image' param is required")],
    ['alice', 'POST users.setAvatar', { avatarUrl: 'http://x/y.png', username: 'root' }, FORBIDDEN],
    [
      'alice',
      'POST users.setAvatar',
      { avatarUrl: 'x' },
      coded('error-avatar-invalid-url', 'Invalid avatar URL: x', { method: 'setAvatar' }),
    ],
    [
      'alice',
      'POST users.setAvatar',
      { avatarUrl: 'http://127.0.0.1:1/x.png' },
      coded(
        'error-avatar-url-handling',
        'Error while handling avatar setting from a URL (http://127.0.0.1:1/x.png) for alice',
        { method: 'setAvatar' },
      ),
    ],
    ['alice', 'POST users.resetAvatar', {}, NO_USER_NAMED],
    [
      'alice',
      'POST users.resetAvatar',
      { username: 'root' },
      coded('error-not-allowed', 'Reset avatar is not allowed', { method: 'resetAvatar' }),
    ],
    ['nobody', 'GET users.getAvatar', {}, NO_USER_NAMED],
    ['alice', 'POST users.setPreferences', { data: { x: 1 } }, UNKNOWN_MEMBER],
    [
      'alice',
      'POST users.setPreferences',
      { userId: 'rocket.cat', data: {} },
      refusedAction('Editing user is not allowed', 'Editing_user', 'users.setPreferences'),
    ],
    [
      'alice',
      'POST users.setPreferences',
      { data: { idleTimeLimit: 59 } },
      coded('invalid-idle-time-limit-value', 'Invalid idleTimeLimit', { method: 'saveUserPreferences' }),
    ],
    ['alice', 'GET users.autocomplete', {}, requires('selector')],
    ['alice', 'GET users.checkUsernameAvailability', {}, requires('username')],
    ['alice', 'GET users.checkUsernameAvailability', { username: 'all' }, BLOCKED('all')],
    ['alice', 'GET users.listTeams', {}, requires('userId')],
    ['alice', 'POST users.sendWelcomeEmail', { email: 'x@example.org' }, NO_PERMISSION],
    [
      'admin',
      'POST users.sendWelcomeEmail',
      { email: 'x@example.org' },
      coded('error-invalid-user', 'Invalid user', { method: 'sendWelcomeEmail' }),
    ],
    [
      'alice',
      'POST sendInvitationEmail',
      { emails: ['x@example.org'] },
      plain('Not allowed [error-not-allowed]'),
    ],
  ])('%s %s %j', expectRefusal);

  test.each<[setting: string, ...call: [call: string, params: object], refused: Refused]>([
    [
      'Accounts_AllowUserProfileChange',
      'POST users.updateOwnBasicInfo',
      { data: { name: 'x' } },
      profile('error-not-allowed', 'Not allowed'),
    ],
    ...(
      [
        ['UsernameChange', 'username', { username: 'x' }],
        ['UserStatusMessageChange', 'user status', { statusText: 'x' }],
        ['RealNameChange', 'user real name', { name: 'x' }],
        ['EmailChange', 'user email', { email: 'x@example.org' }],
        ['PasswordChange', 'user password', { newPassword: 'x' }],
      ] as const
    ).map(([setting, what, data]): [string, string, object, Refused] => [
      `Accounts_Allow${setting}`,
      'POST users.updateOwnBasicInfo',
      { data: { ...data, currentPassword: sha256hex('alice-password') } },
      refusedAction(`Edit ${what} is not allowed`, 'Update_user'),
    ]),
    [
      'Accounts_AllowUserStatusMessageChange',
      'POST users.setStatus',
      { message: 'x' },
      status('error-not-allowed', 'Change status is not allowed'),
    ],
    [
      'Accounts_AllowInvisibleStatusOption',
      'POST users.setStatus',
      { status: 'offline' },
      status('error-status-not-allowed', 'Invisible status is disabled'),
    ],
    [
      'Accounts_AllowUserAvatarChange',
      'POST users.setAvatar',
      { avatarUrl: 'http://x/y.png' },
      coded('error-not-allowed', 'Change avatar is not allowed', { method: 'users.setAvatar' }),
    ],
    [
      'Accounts_AllowUserAvatarChange',
      'POST users.resetAvatar',
      { username: 'alice' },
      coded('error-not-allowed', 'Reset avatar is not allowed', { method: 'resetAvatar' }),
    ],
    [
      'Accounts_AllowUsernameChange',
      'GET users.checkUsernameAvailability',
      { username: 'x' },
      coded('error-not-allowed', 'Not allowed', { method: 'checkUsernameAvailability' }),
    ],
  ])('with %s off, alice is refused %s', async (setting, call, params, refused) => {
    if (setting === 'Accounts_AllowUserStatusMessageChange')
      await alice.post('users.setStatus', { message: 'before' });
    await withSetting(setting, false, () => expectRefusal('alice', call, params, refused));
  });

  test('deleting oneself takes the right password, and somebody else who administers', () =>
    withSetting('Accounts_AllowDeleteOwnAccount', true, async () => {
      const wrong = coded('error-invalid-password', 'Invalid password', { method: 'deleteUserOwnAccount' });
      await expectRefusal('alice', 'POST users.deleteOwnAccount', { password: sha256hex('x') }, wrong);
      await expectRefusal(
        'admin',
        'POST users.deleteOwnAccount',
        { password: sha256hex('root-password') },
        refusedAction('Leaving the app without admins is not allowed', 'Remove_last_admin', 'deleteUser'),
      );
    }));

  test('the last admin is neither demoted nor switched off', async () => {
    const { uid } = server.admin;
    await expectRefusal(
      'admin',
      'POST users.update',
      { userId: uid, data: { roles: ['user'] } },
      refusedAction('Leaving the app without admins is not allowed', 'Remove_last_admin'),
    );
    await expectRefusal(
      'admin',
      'POST users.setActiveStatus',
      { userId: uid, activeStatus: false },
      refusedAction(
        'Leaving the app without an active admin is not allowed',
        'Remove_last_admin',
        'removeUserFromRole',
      ),
    );
  });
});

describe('spec 22', () => {
  const properties = coded('error-invalid-role-properties', 'The role properties are invalid.');
  const noAccess = coded('error-action-not-allowed', 'Accessing permissions is not allowed');
  const permissionsBody = body(400, { error: 'Invalid body params', errorType: 'error-invalid-body-params' });
  const toEdit = (_id: string, ...roles: string[]) => ({ permissions: [{ _id, roles }] });

  test.each<Row>([
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
    [
      'admin',
      'POST roles.delete',
      { roleId: 'x' },
      coded('error-invalid-roleId', 'This role does not exist'),
    ],
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
  ])('%s %s %j', expectRefusal);
});

describe('spec 23', () => {
  const pushParam = (code: string, name: string) =>
    coded(code, `The required "${name}" body param is missing or invalid.`);
  const status = (code: string, reason: string, field: object = {}) =>
    coded(code, reason, { method: 'insertOrUpdateUserStatus', ...field });

  test.each<Row>([
    ['nobody', 'POST method.call/x', { message: '{}' }, NOT_LOGGED_IN],
    ['alice', 'POST method.call/x', { message: 'x' }, plain('Invalid method call')],
    [
      'alice',
      'GET emoji-custom.list',
      { updatedSince: 'x' },
      coded('error-roomId-param-invalid', 'The "updatedSince" query parameter must be a valid date.'),
    ],
    ['admin', 'POST emoji-custom.create', { name: 'x' }, plain('Missing Content-Type')],
    ['admin', 'POST emoji-custom.delete', {}, plain('The "emojiId" params is required!')],
    ['alice', 'POST emoji-custom.delete', { emojiId: 'x' }, NOT_AUTHORIZED],
    [
      'admin',
      'POST emoji-custom.delete',
      { emojiId: 'x' },
      coded('Custom_Emoji_Error_Invalid_Emoji', 'Invalid emoji', { method: 'deleteEmojiCustom' }),
    ],
    [
      'alice',
      'GET custom-sounds.getOne',
      {},
      body(400, {
        error: '[The required "_id" query param is missing.]',
        errorType: 'The required "_id" query param is missing.',
      }),
    ],
    ['alice', 'GET custom-sounds.getOne', { _id: 'x' }, plain('Custom Sound not found.', 404)],
    ['alice', 'POST custom-sounds.delete', { _id: 'x' }, NO_PERMISSION],
    [
      'admin',
      'POST custom-sounds.delete',
      { _id: 'x' },
      body(400, {
        error: 'Custom_Sound_Error_Invalid_Sound',
        errorType: 'Custom_Sound_Error_Invalid_Sound',
      }),
    ],
    ['alice', 'POST custom-user-status.create', { name: 'x' }, NOT_AUTHORIZED],
    [
      'admin',
      'POST custom-user-status.create',
      { name: '' },
      status('error-the-field-is-required', 'The field Name is required', { field: 'Name' }),
    ],
    [
      'admin',
      'POST custom-user-status.create',
      { name: 'x', statusType: 'y' },
      status('error-input-is-not-a-valid-field', 'y is not a valid status type', {
        input: 'y',
        field: 'StatusType',
      }),
    ],
    [
      'admin',
      'POST custom-user-status.update',
      { _id: 'x', name: 'x' },
      plain('No custom user status found with the id of "x".'),
    ],
    ['admin', 'POST custom-user-status.delete', {}, plain('The "customUserStatusId" params is required!')],
    ['alice', 'POST custom-user-status.delete', { customUserStatusId: 'x' }, NOT_AUTHORIZED],
    [
      'admin',
      'POST custom-user-status.delete',
      { customUserStatusId: 'x' },
      coded('Custom_User_Status_Error_Invalid_User_Status', 'Invalid user status', {
        method: 'deleteCustomUserStatus',
      }),
    ],
    [
      'alice',
      'POST assets.unsetAsset',
      { assetName: 'logo' },
      coded(
        'error-action-not-allowed',
        'Managing assets not allowed',
        unchanged('Managing_assets', 'setAsset'),
      ),
    ],
    [
      'admin',
      'POST assets.unsetAsset',
      { assetName: 'x' },
      coded('error-invalid-asset', 'Invalid asset', { function: 'unsetAsset' }),
    ],
    ['alice', 'POST push.token', { id: '' }, pushParam('error-id-param-not-valid', 'id')],
    ['alice', 'POST push.token', { type: 'x' }, pushParam('error-type-param-not-valid', 'type')],
    ['alice', 'POST push.token', { type: 'gcm' }, pushParam('error-token-param-not-valid', 'value')],
    [
      'alice',
      'POST push.token',
      { type: 'gcm', value: 'x' },
      pushParam('error-appName-param-not-valid', 'appName'),
    ],
    ['alice', 'DELETE push.token', {}, pushParam('error-token-param-not-valid', 'token')],
    ['alice', 'DELETE push.token', { token: 'x' }, plain('Resource not found', 404)],
    ['alice', 'GET push.get', { id: 'x' }, plain('error-message-not-found')],
    ['alice', 'GET presence.getConnections', {}, NO_PERMISSION],
    ['alice', 'POST presence.enableBroadcast', {}, NO_PERMISSION],
    ['alice', 'GET statistics', {}, plain('error-not-allowed')],
    ['alice', 'GET instances.get', {}, NO_PERMISSION],
    ['alice', 'POST licenses.add', { license: 'x' }, FORBIDDEN],
    ['admin', 'POST licenses.add', { license: 'x' }, plain('Invalid license')],
    ['alice', 'GET cloud.registrationStatus', {}, NO_PERMISSION],
    ['alice', 'GET cloud.checkoutUrl', {}, NO_PERMISSION],
    ['admin', 'GET cloud.checkoutUrl', {}, body(400, {})],
    ['admin', 'GET cloud.confirmationPoll', { deviceCode: 'x' }, plain('Invalid query')],
    ['admin', 'POST cloud.createRegistrationIntent', { resend: false, email: 'x@y' }, plain('Invalid query')],
    ['admin', 'POST cloud.syncWorkspace', {}, plain('Error during workspace sync')],
    ['admin', 'POST cloud.removeLicense', {}, plain('License removal failed')],
    [
      'admin',
      'POST cloud.connectWorkspace',
      { token: 'x' },
      plain('Failed to connect the workspace with Rocket.Chat Cloud'),
    ],
    ['alice', 'GET oauth-apps.list', {}, NO_PERMISSION],
    ['alice', 'GET oauth-apps.get', { clientId: 'x' }, plain('OAuth app not found.')],
    [
      'admin',
      'POST oauth-apps.update',
      { appId: 'x', name: 'x', redirectUri: 'http://x', active: true },
      coded('error-application-not-found', 'Application not found', { method: 'updateOAuthApp' }),
    ],
    ['alice', 'POST fingerprint', { setDeploymentAs: 'new-workspace' }, NO_PERMISSION],
    ['alice', 'POST ldap.testConnection', {}, plain('error-not-authorized')],
    ['admin', 'POST ldap.testConnection', {}, plain('LDAP_disabled')],
    ['alice', 'GET stdout.queue', {}, NO_PERMISSION],
  ])('%s %s %j', expectRefusal);
});

async function withSetting(id: string, value: unknown, run: () => Promise<void>): Promise<void> {
  const { admin } = server;
  const before = (await admin.get(`settings/${id}`)).body.value;
  expect((await admin.post(`settings/${id}`, { value })).body).toEqual({ success: true });
  try {
    await run();
  } finally {
    await admin.post(`settings/${id}`, { value: before });
  }
}
