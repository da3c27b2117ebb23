import { TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { type AccountsServer, type Session, startAccounts } from '../../../test/support/accounts-server.ts';
import { listActions } from '../../audit/list-actions.ts';
import { changeUser } from '../change-user.ts';
import { findUserByUsername } from '../find-users.ts';
import { accountForIdentity } from './external-account.ts';
import type { AccountRules, ExternalIdentity } from './external-identity.ts';
import { keepCredential, removeExpiredCredentials } from './pending-credentials.ts';
import { keepSignOn } from './sign-on.ts';

const SERVICES = { Accounts_OAuth_Github: 'true', Accounts_OAuth_Gitlab: 'true' };
const start = (changes: Parameters<typeof startAccounts>[0] = {}) =>
  startAccounts({ settingDefaults: SERVICES, ...changes });
const CLIENT = { ip: '127.0.0.1', userAgent: 'test' };
const NOT_MATCHED = { error: 0x8acdc2f, message: 'No matching login attempt found' };
const github = (more: Partial<ExternalIdentity> = {}): ExternalIdentity => ({
  service: 'github',
  id: '42',
  username: 'octo',
  name: 'Octo Cat',
  ...more,
});

/** The service has just said who this is. */
async function credentialOf(server: AccountsServer, identity: ExternalIdentity, token = 'a-token') {
  return { credentialToken: token, credentialSecret: await keepCredential(server.ctx, token, identity) };
}

const logIn = (server: AccountsServer, oauth: object, more: object = {}) =>
  server.call(null, 'POST', 'login', { oauth, ...more });

const comeIn = async (server: AccountsServer, identity: ExternalIdentity) =>
  logIn(server, await credentialOf(server, identity));

const settle = (server: AccountsServer, identity: ExternalIdentity, rules: Partial<AccountRules> = {}) =>
  accountForIdentity(
    server.ctx,
    server.rooms,
    { identity, rules: { givesUsername: false, ...rules } },
    { client: CLIENT },
  );

const actions = async (server: AccountsServer, kind: string) => {
  const { events } = await listActions(server.ctx, {}, { offset: 0, count: 50, direction: 'desc' });
  return events.filter(({ t }) => t === kind);
};

test('a newcomer gets an account, chooses a username, and comes back to the same account', async () => {
  const server = await start();
  const first = await comeIn(server, github({ email: 'Octo@Example.org', emailVerified: true }));
  expect(first).toMatchObject({ status: 200, body: { status: 'success' } });
  const { me, userId, authToken } = first.body.data;
  expect(me).toMatchObject({
    name: 'Octo Cat',
    emails: [{ address: 'octo@example.org', verified: true }],
    roles: ['user'],
    services: { github: { id: '42', username: 'octo' } },
    isOAuthUser: true,
  });
  expect(me).not.toHaveProperty('username');
  const octo = { uid: userId, token: authToken, username: '', password: '' };
  expect((await server.call(octo, 'GET', 'users.getUsernameSuggestion')).body.result).toBe('octo');

  const again = await comeIn(server, github({ email: 'other@example.org', emailVerified: true }));
  expect(again.body.data.userId).toBe(userId);
  expect(again.body.data.me.emails).toEqual([{ address: 'octo@example.org', verified: true }]);
});

test('a credential is for one use, for five minutes, and for whoever knows its secret', async () => {
  const server = await start();
  const oauth = await credentialOf(server, github());
  for (const wrong of [
    { ...oauth, credentialSecret: 'guessed' },
    { ...oauth, credentialSecret: null },
    { ...oauth, credentialToken: 'another' },
  ]) {
    expect(await logIn(server, wrong)).toMatchObject({ status: 401, body: NOT_MATCHED });
  }
  expect((await logIn(server, oauth)).status).toBe(200);
  expect(await logIn(server, oauth)).toMatchObject({ status: 401, body: NOT_MATCHED });

  const late = await credentialOf(server, github());
  server.wait(5 * 60_000);
  expect(await logIn(server, late)).toMatchObject({ status: 401, body: NOT_MATCHED });
  await removeExpiredCredentials(server.ctx);
  expect(await server.ctx.db.selectFrom('pending_credentials').selectAll().execute()).toEqual([]);
});

test('of many who use one credential at the same moment, one comes in', async () => {
  const server = await start();
  const oauth = await credentialOf(server, github());
  const answers = await Promise.all(Array.from({ length: 5 }, () => logIn(server, oauth)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
});

test('what is stored of a credential opens nothing', async () => {
  const server = await start();
  const { credentialToken, credentialSecret } = await credentialOf(server, github());
  const text = JSON.stringify(await server.ctx.db.selectFrom('pending_credentials').selectAll().execute());
  expect(text).not.toContain(credentialToken);
  expect(text).not.toContain(credentialSecret);
});

test('a login over DDP says its type', async () => {
  const server = await start();
  const answer = await server.method(null, 'login', { oauth: await credentialOf(server, github()) });
  expect(answer.result).toMatchObject({ type: 'oauth', tokenExpires: expect.any(Date) });
});

test('a proven address links the identity to the account that has proven it', async () => {
  const server = await start();
  const alice = await server.person('alice', { verified: true });
  const { body } = await comeIn(server, github({ email: 'ALICE@example.org', emailVerified: true }));
  expect(body.data.userId).toBe(alice.uid);
  expect(body.data.me).toMatchObject({ services: { password: { exists: true } }, isOAuthUser: true });
  // Nothing was taken from her.
  expect((await server.call(alice, 'GET', 'me')).status).toBe(200);
  expect(await actions(server, 'user.linked')).toMatchObject([
    { actor: { _id: alice.uid }, data: expect.arrayContaining([{ key: 'service', value: 'github' }]) },
  ]);
});

test.each([false, undefined])(
  'an address that the service has not proven (%s) gets at no account',
  async (emailVerified) => {
    const server = await start();
    const alice = await server.person('alice', { verified: true });
    const answer = await comeIn(server, github({ email: 'alice@example.org', emailVerified }));
    expect(answer).toMatchObject({ status: 401, body: { error: 403, message: 'Email already exists.' } });
    expect((await server.call(alice, 'GET', 'me')).body.isOAuthUser).toBe(false);
  },
);

test('whoever made an account with an address that is not theirs loses it to the one who proves it', async () => {
  const server = await start();
  const mallory = await server.person('alice', { verified: false });
  const { body } = await comeIn(server, github({ email: 'alice@example.org', emailVerified: true }));
  expect(body.data.userId).toBe(mallory.uid);
  expect(body.data.me).toMatchObject({
    emails: [{ address: 'alice@example.org', verified: true }],
    requirePasswordChange: true,
    services: { github: { id: '42' } },
  });
  expect(body.data.me.services.password).toEqual({ exists: false });
  expect((await server.call(mallory, 'GET', 'me')).status).toBe(401);
  const password = { user: 'alice', password: 'alice-password' };
  expect((await server.call(null, 'POST', 'login', password)).status).toBe(401);
  const alice = { uid: body.data.userId, token: body.data.authToken, username: 'alice', password: '' };
  expect(await server.method(alice, 'setUserPassword', 'A-new-passw0rd!')).not.toHaveProperty('error');
});

test('two people at one service are two people, whatever their addresses', async () => {
  const server = await start();
  await server.person('alice', { verified: true });
  const identity = github({ email: 'alice@example.org', emailVerified: true });
  expect((await comeIn(server, identity)).status).toBe(200);
  expect(await comeIn(server, { ...identity, id: '43' })).toMatchObject({
    status: 401,
    body: { error: 403, message: 'The account is linked to another identity.' },
  });
  // The same person at a second service.
  expect((await comeIn(server, { ...identity, service: 'gitlab', id: '7' })).status).toBe(200);
});

test('a bot belongs to nobody', async () => {
  const server = await start();
  const identity = github({ username: 'rocket.cat' });
  await expect(settle(server, identity, { mergeBy: 'username' })).rejects.toThrow('cannot be linked');
});

/** Alice with TOTP, past the time in which a new account needs none. */
async function withTotp(server: AccountsServer): Promise<{ alice: Session; code: () => string }> {
  const alice = await server.person('alice', { verified: true });
  const { body } = await server.call(alice, 'POST', 'users.enableTotp');
  const code = () => new TOTP({ secret: body.secret }).generate({ timestamp: server.ctx.clock.now() });
  await server.call(alice, 'POST', 'users.validateTotp', { code: code() });
  server.wait(60_000);
  return { alice, code };
}

test('a second factor is asked for before anything is linked, and the same credential takes its code', async () => {
  const server = await start();
  const { alice, code } = await withTotp(server);
  const oauth = await credentialOf(server, github({ email: 'alice@example.org', emailVerified: true }));
  expect(await logIn(server, oauth)).toMatchObject({
    status: 401,
    body: { error: 'totp-required', details: { method: 'totp' } },
  });
  expect((await logIn(server, oauth, { code: '000000' })).body.error).toBe('totp-invalid');
  expect((await findUserByUsername(server.ctx, 'alice'))?.identities).toBeUndefined();
  const { status, body } = await logIn(server, oauth, { code: code() });
  expect({ status, uid: body.data?.userId }).toEqual({ status: 200, uid: alice.uid });
});

test.each(['cas', 'saml'] as const)(
  'by %s a second factor is asked for as it is documented',
  async (service) => {
    const server = await startAccounts({
      settingDefaults: { CAS_enabled: 'true', SAML_Custom_Default: 'true' },
    });
    const { alice, code } = await withTotp(server);
    const identity = { service, id: 'alice-there', name: 'Alice There' };
    const user = await findUserByUsername(server.ctx, 'alice');
    await server.ctx.write((tx, emit) =>
      changeUser(server.ctx, tx, emit, { uid: user?._id ?? '', set: { identities: [identity] } }),
    );
    await server.ctx.write((tx) =>
      keepSignOn(server.ctx, tx, { token: 'a-token', ip: '127.0.0.1' }, identity),
    );
    const form =
      service === 'cas'
        ? { cas: { credentialToken: 'a-token' } }
        : { saml: true, credentialToken: 'a-token' };
    const answer = await server.call(null, 'POST', 'login', form);
    if (service === 'cas') return expect(answer.body.data.userId).toBe(alice.uid);
    expect(answer.body).toMatchObject({ error: 'totp-required', details: { method: 'totp' } });
    expect((await server.call(null, 'POST', 'login', { ...form, code: code() })).body.data.userId).toBe(
      alice.uid,
    );
  },
);

test('codes by mail are for people of other services only where the setting says so', async () => {
  const server = await start({ settingDefaults: { ...SERVICES, SMTP_Host: 'smtp.example.org' } });
  const identity = github({ email: 'octo@example.org', emailVerified: true });
  expect((await comeIn(server, identity)).status).toBe(200);
  expect((await comeIn(server, identity)).body.error).toBe('totp-required');
  await server.set('Accounts_twoFactorAuthentication_email_available_for_OAuth_users', false);
  expect((await comeIn(server, identity)).status).toBe(200);
});

test('newcomers are refused where services may not bring any, and are let in where LDAP is on', async () => {
  const server = await start();
  await server.person('alice', { verified: true });
  await server.set('Accounts_Registration_AuthenticationServices_Enabled', false);
  expect(await comeIn(server, github())).toMatchObject({
    status: 401,
    body: { error: 'registration-disabled-authentication-services' },
  });
  // Those who have an account are no newcomers.
  const identity = github({ email: 'alice@example.org', emailVerified: true });
  expect((await comeIn(server, identity)).status).toBe(200);
  await server.set('LDAP_Enable', true);
  expect((await settle(server, github({ id: '43' }))).roles).toEqual(['user']);
});

test('newcomers have the roles of the setting, and domains that are not wanted are refused', async () => {
  const server = await start();
  await server.set('Accounts_Registration_AuthenticationServices_Default_Roles', 'user, bot');
  await server.set('Accounts_AllowedDomainsList', 'example.org');
  expect((await settle(server, github({ email: 'o@example.org' }))).roles).toEqual(['user', 'bot']);
  const stranger = await comeIn(server, github({ id: '43', email: 'o@example.com' }));
  expect(stranger.body.error).toBe('error-invalid-domain');
});

test('where newcomers wait for approval they have an account and do not come in', async () => {
  const server = await start();
  await server.set('Accounts_ManuallyApproveNewUsers', true);
  for (const _ of [1, 2]) {
    expect((await comeIn(server, github())).body.error).toBe('error-user-is-not-activated');
  }
  const { users } = (await server.call(server.admin, 'GET', 'users.listByStatus?status=deactivated')).body;
  expect(users).toMatchObject([{ name: 'Octo Cat', active: false }]);
});

test('somebody switched off does not come in', async () => {
  const server = await start();
  const { userId } = (await comeIn(server, github())).body.data;
  await server.call(server.admin, 'POST', 'users.setActiveStatus', { userId, activeStatus: false });
  expect((await comeIn(server, github())).body.error).toBe('error-user-is-not-activated');
});

test('what a service says of a name and a username is taken as far as it suits', async () => {
  const server = await start();
  const named = await settle(server, github({ name: 'a<b>' }), { givesUsername: true });
  expect(named).toMatchObject({ username: 'octo', name: undefined });
  const odd = await settle(server, github({ id: '43', username: 'not a name' }), { givesUsername: true });
  expect(odd.username).toBeUndefined();
  await expect(settle(server, github({ id: '44' }), { givesUsername: true })).rejects.toThrow(
    'octo is already',
  );
  expect(server.asked.filter((asked) => asked !== 'join root')).toEqual(['join octo']);
});

test.each([
  [undefined, true, true],
  [undefined, false, false],
  [false, true, false],
  [true, false, true],
])(
  'an address of which the service says %s, with the setting %s, is verified: %s',
  async (said, setting, is) => {
    const server = await start();
    await server.set('Accounts_Verify_Email_For_External_Accounts', setting);
    const user = await settle(server, github({ email: 'o@example.org', emailVerified: said }));
    expect(user.emails).toEqual([{ address: 'o@example.org', verified: is }]);
  },
);

test('the administrator may take a service at its word', async () => {
  const server = await start();
  const alice = await server.person('alice', { verified: true });
  const merged = await settle(server, github({ username: 'Alice' }), { mergeBy: 'username' });
  expect(merged._id).toBe(alice.uid);
  const gitlab = { service: 'gitlab', id: '7', email: 'alice@example.org' };
  await expect(settle(server, gitlab, { mergeBy: 'email' })).rejects.toThrow('another identity');
  await expect(settle(server, { ...gitlab, emailVerified: false }, { mergeBy: 'email' })).rejects.toThrow(
    'Email already exists',
  );
  const both = await settle(server, gitlab, { mergeBy: 'email', mergeLinked: true });
  expect(both.identities).toEqual([
    { service: 'github', id: '42', username: 'Alice' },
    { service: 'gitlab', id: '7' },
  ]);
});

test('a service gives and takes the roles that exist, but not the last administrator', async () => {
  const server = await start();
  const give = (roles: ExternalIdentity['roles']) => settle(server, github({ roles }));
  expect((await give({ give: ['bot', 'nonsense'], take: [] })).roles).toEqual(['user', 'bot']);
  expect((await give({ give: [], take: ['bot', 'nonsense'] })).roles).toEqual(['user']);
  expect(await actions(server, 'user.changed')).toHaveLength(2);
  const root = await settle(
    server,
    { service: 'ldap', id: '1', username: 'root', roles: { give: [], take: ['admin'] } },
    { mergeBy: 'username' },
  );
  expect(root.roles).toContain('admin');
});

test('a deleted account leaves no identity behind', async () => {
  const server = await start();
  const { userId } = (await comeIn(server, github())).body.data;
  await server.call(server.admin, 'POST', 'users.delete', { userId });
  expect((await comeIn(server, github())).body.data.userId).not.toBe(userId);
});
