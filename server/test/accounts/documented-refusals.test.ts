import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256hex } from '../../src/kernel/ids.ts';
import { type Caller, type Person, startServer, type TestServer } from '../support/server.ts';
import { AUTH_REFUSALS } from './refusals/auth.ts';
import { coded, NEWCOMER, plain, type Refused, type Row, type Who } from './refusals/refusal.ts';
import { ROLE_AND_SETTING_REFUSALS } from './refusals/roles-and-settings.ts';
import { profile, refusedAction, status, USER_REFUSALS } from './refusals/users.ts';
import { WORKSPACE_REFUSALS } from './refusals/workspace.ts';

/**
 * The failure rows of spec 20 to 23 that one call shows, each with its whole body. Everything else about these endpoints is
 * tested where they are. `refusals/` holds the rows that need no setting.
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

const callers = (): Record<Who, Caller> => ({ nobody: server.anonymous, alice, admin: server.admin });

async function expectRefusal(who: Who, call: string, params: object, refused: Refused): Promise<void> {
  const [verb, path = ''] = call.split(' ');
  const caller = callers()[who];
  const send = { GET: caller.get, POST: caller.post, DELETE: caller.delete }[verb ?? ''];
  const answer = await send?.(path, params as Record<string, unknown>);
  expect({ status: answer?.status, body: answer?.body }).toEqual(refused);
}

describe('spec 20', () => {
  test.each<Row>(AUTH_REFUSALS)('%s %s %j', expectRefusal);

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
  test.each<Row>(USER_REFUSALS)('%s %s %j', expectRefusal);

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
  test.each<Row>(ROLE_AND_SETTING_REFUSALS)('%s %s %j', expectRefusal);
});

describe('spec 23', () => {
  test.each<Row>(WORKSPACE_REFUSALS)('%s %s %j', expectRefusal);
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
