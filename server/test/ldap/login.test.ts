import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { SettingValue } from '../../src/admin/setting-definition.ts';
import { sha256hex } from '../../src/kernel/ids.ts';
import type { AccountsServer } from '../support/accounts-server.ts';
import {
  BIND_REQUEST,
  BIND_RESPONSE,
  ldapMessage,
  result,
  SEARCH_DONE,
  searchEntry,
  startFakeDirectory,
} from '../support/fake-directory.ts';
import { groupEntry, hasSlapd, PEOPLE, personEntry, type Slapd, startSlapd } from '../support/slapd.ts';
import { auditTrail, localPerson, startWithDirectory } from './support.ts';

/** Logins by the LDAP directory (spec 20, `POST login`). */

describe.skipIf(!hasSlapd())('logins by a directory', () => {
  let slapd: Slapd;

  beforeAll(async () => {
    slapd = await startSlapd([
      personEntry('alice', { mail: 'Alice@Example.org' }),
      personEntry('bob'),
      personEntry('carol'),
      personEntry('dave', { uid: ['dave', 'twin'] }),
      personEntry('erin', { uid: ['erin', 'twin'] }),
      personEntry('frank', { mail: 'bob@example.org' }),
      groupEntry('chatters', [`uid=bob,${PEOPLE}`]),
    ]);
  });
  afterAll(() => slapd?.close());

  const start = (more: Record<string, string> = {}) => startWithDirectory(slapd, more);
  const logIn = ({ call }: AccountsServer, user: string, password: unknown, more = {}) =>
    call(null, 'POST', 'login', { user, password, ...more });
  const digest = (password: string) => ({ digest: sha256hex(password), algorithm: 'sha-256' });

  const UNAUTHORIZED = {
    status: 401,
    body: { status: 'error', error: 'Unauthorized', message: 'Unauthorized' },
  };

  test('the first login makes an account', async () => {
    const server = await start();
    const { status, body } = await logIn(server, 'alice', 'alice-ldap');
    expect(status).toBe(200);
    expect(body.data.me).toMatchObject({
      username: 'alice',
      name: 'Alice Example',
      emails: [{ address: 'alice@example.org', verified: true }],
      roles: ['user'],
      active: true,
      isOAuthUser: false,
    });
    expect(body.data.me.services).toEqual({ password: { exists: false } });
    expect(server.asked).toContain('join alice');
    const { userId } = body.data;
    const info = await server.call(server.admin, 'GET', `users.info?userId=${userId}`);
    expect(info.body.user).toMatchObject({ ldap: true, username: 'alice' });
    expect(JSON.stringify(info.body)).not.toContain('entryuuid');
    expect(await auditTrail(server)).toContainEqual(
      expect.objectContaining({ kind: 'user.created', subject: userId, actor: 'alice' }),
    );

    const again = await logIn(server, 'ALICE', 'alice-ldap');
    expect(again.body.data.userId).toBe(userId);
    const byEmail = await logIn(server, 'alice@example.org', 'alice-ldap');
    expect(byEmail.body.data.userId).toBe(userId);
    expect(await auditTrail(server)).toHaveLength(1);
  });

  test('clients say over the realtime API that it is a password of the directory', async () => {
    const server = await start();
    const options = { ldap: true, username: 'alice', ldapPass: 'alice-ldap', ldapOptions: {} };
    const answer = await server.method(null, 'login', options);
    expect(answer.result).toMatchObject({ type: 'ldap', token: expect.stringMatching(/^[\w-]{43}$/) });
    const wrong = await server.method(null, 'login', { ...options, ldapPass: 'wrong' });
    expect(wrong.error).toMatchObject({ error: 403, reason: 'User not found' });
  });

  test.each([
    ['a wrong password', 'alice', 'wrong'],
    ['no password, with which a bind would succeed as nobody', 'alice', ''],
    ["somebody else's password", 'alice', 'bob-ldap'],
    ['the password without its last letter', 'alice', 'alice-lda'],
    ['nobody', 'nobody', 'alice-ldap'],
    ['everybody', '*', 'alice-ldap'],
    ['a name that would change a filter', 'alice)(uid=*', 'alice-ldap'],
    ['a name that would open another one', '*)(|(uid=alice', 'alice-ldap'],
    ['a name that would end it', 'alice\u0000', 'alice-ldap'],
    ['a distinguished name', `uid=alice,${PEOPLE}`, 'alice-ldap'],
    ['a name that two people have', 'twin', 'dave-ldap'],
    ['an empty name', '', 'alice-ldap'],
    ['the account for searches', 'searcher', 'searcher-password'],
  ])('%s is refused', async (_, user, password) => {
    const server = await start();
    expect(await logIn(server, user, password)).toEqual(UNAUTHORIZED);
    const form = { ldap: true, username: user, ldapPass: password, ldapOptions: {} };
    expect(await server.call(null, 'POST', 'login', form)).toEqual(UNAUTHORIZED);
    expect((await server.call(server.admin, 'GET', 'users.info?username=alice')).status).toBe(400);
  });

  test.each([
    ['without a name', { ldap: true, ldapPass: 'x' }],
    ['without a password', { ldap: true, username: 'alice' }],
    ['with a password that is none', { ldap: true, username: 'alice', ldapPass: { $ne: '' } }],
    ['with a name that is none', { ldap: true, username: ['alice'], ldapPass: 'x' }],
  ])('a form %s is none', async (_, form) => {
    const server = await start();
    expect((await server.call(null, 'POST', 'login', form)).body).toMatchObject({ error: 400 });
  });

  test('accounts of the workspace come in by their hashed password, and with the fallback by any form', async () => {
    const server = await start();
    expect(await logIn(server, 'root', 'root-password')).toEqual(UNAUTHORIZED);
    expect((await logIn(server, 'root', digest('root-password'))).status).toBe(200);
    await server.set('LDAP_Login_Fallback', true);
    expect((await logIn(server, 'root', 'root-password')).status).toBe(200);
    expect(await logIn(server, 'root', 'wrong')).toEqual(UNAUTHORIZED);
  });

  test('while it is off, passwords are those of the workspace', async () => {
    const server = await start({ LDAP_Enable: 'false' });
    expect(await logIn(server, 'alice', 'alice-ldap')).toEqual(UNAUTHORIZED);
    expect((await logIn(server, 'root', 'root-password')).status).toBe(200);
    const form = { ldap: true, username: 'root', ldapPass: 'root-password', ldapOptions: {} };
    expect((await server.call(null, 'POST', 'login', form)).body.error).toBe(400);
  });

  test('a login brings the account up to date', async () => {
    const server = await start();
    const dn = `uid=carol,${PEOPLE}`;
    const first = (await logIn(server, 'carol', 'carol-ldap')).body.data;
    await slapd.replace(dn, { cn: 'Carol Changed', mail: 'carol.changed@example.org', givenName: 'caro' });
    onTestFinished(() =>
      slapd.replace(dn, { cn: 'Carol Example', mail: 'carol@example.org', givenName: 'carol' }),
    );

    await server.set('LDAP_Update_Data_On_Login', false);
    expect((await logIn(server, 'carol', 'carol-ldap')).body.data.me.name).toBe('Carol Example');
    await server.set('LDAP_Update_Data_On_Login', true);
    await server.set('LDAP_Username_Field', '#{givenName}.#{sn}');
    const { me, userId } = (await logIn(server, 'carol', 'carol-ldap')).body.data;
    expect(userId).toBe(first.userId);
    expect(me).toMatchObject({
      username: 'caro.Example',
      name: 'Carol Changed',
      emails: [{ address: 'carol.changed@example.org', verified: true }],
    });
    expect(server.asked).toContain('renamed carol to caro.Example');
    expect(server.eventsNamed('user.nameChanged').at(-1)).toMatchObject({ name: 'Carol Changed' });
    expect(await auditTrail(server)).toContainEqual(
      expect.objectContaining({ kind: 'user.changed', subject: userId, actor: 'carol' }),
    );

    // A second one writes nothing.
    await logIn(server, 'carol', 'carol-ldap');
    expect(await auditTrail(server)).toHaveLength(2);
  });

  test('what belongs to somebody else is not taken from them', async () => {
    const server = await start();
    const bob = (await logIn(server, 'bob', 'bob-ldap')).body.data;
    await localPerson(server, 'bobby', { email: 'other@example.org' });
    await slapd.replace(`uid=bob,${PEOPLE}`, { mail: 'other@example.org', givenName: 'bobby' });
    onTestFinished(() => slapd.replace(`uid=bob,${PEOPLE}`, { mail: 'bob@example.org', givenName: 'bob' }));
    await server.set('LDAP_Username_Field', 'givenName');
    const { me } = (await logIn(server, 'bob', 'bob-ldap')).body.data;
    expect(me).toMatchObject({ username: 'bob', emails: bob.me.emails });

    // Frank has Bob's address: he gets neither Bob's account nor one of his own.
    expect((await logIn(server, 'frank', 'frank-ldap')).status).toBe(401);
  });

  test('an account of the same name is linked only where the settings say so', async () => {
    const server = await start();
    const carol = await localPerson(server, 'carol', { email: 'somebody@example.org' });
    const refused = await logIn(server, 'carol', 'carol-ldap');
    expect(refused).toMatchObject({ status: 401 });
    expect(refused.body.error).not.toBe('Unauthorized');
    await server.set('LDAP_Merge_Existing_Users', true);
    const { userId } = (await logIn(server, 'carol', 'carol-ldap')).body.data;
    expect(userId).toBe(carol.uid);
    // From now on the directory knows the password.
    expect(await logIn(server, 'carol', digest('carol-password'))).toEqual(UNAUTHORIZED);
    await server.set('LDAP_Login_Fallback', true);
    expect(await logIn(server, 'carol', digest('carol-password'))).toEqual(UNAUTHORIZED);
    expect(await logIn(server, 'carol', 'carol-password')).toEqual(UNAUTHORIZED);
  });

  test('while the directory does not answer, the fallback knows the last password', async () => {
    const server = await start();
    await logIn(server, 'alice', 'alice-ldap');
    await server.set('LDAP_Login_Fallback', true);
    const { userId } = (await logIn(server, 'alice', 'alice-ldap')).body.data;

    await server.set('LDAP_Port', 1);
    const answer = await logIn(server, 'alice', 'alice-ldap');
    expect(answer.body.data.userId).toBe(userId);
    expect((await logIn(server, 'alice', digest('alice-ldap'))).status).toBe(200);
    expect(await logIn(server, 'alice', 'wrong')).toEqual(UNAUTHORIZED);
    expect(await logIn(server, 'bob', 'bob-ldap')).toEqual(UNAUTHORIZED);
    await server.set('LDAP_Login_Fallback', false);
    expect(await logIn(server, 'alice', 'alice-ldap')).toEqual(UNAUTHORIZED);
  });

  test('while it answers, a password that was changed there is worth nothing here', async () => {
    const server = await start({ LDAP_Login_Fallback: 'true' });
    const dn = `uid=dave,${PEOPLE}`;
    expect((await logIn(server, 'dave', 'dave-ldap')).status).toBe(200);
    await slapd.replace(dn, { userPassword: 'changed' });
    onTestFinished(() => slapd.replace(dn, { userPassword: 'dave-ldap' }));
    expect(await logIn(server, 'dave', 'dave-ldap')).toEqual(UNAUTHORIZED);
    expect(await logIn(server, 'dave', digest('dave-ldap'))).toEqual(UNAUTHORIZED);
    expect((await logIn(server, 'dave', 'changed')).status).toBe(200);
  });

  test('who is gone from the directory does not come in', async () => {
    const server = await start({ LDAP_Login_Fallback: 'true' });
    await slapd.add(personEntry('gone'));
    expect((await logIn(server, 'gone', 'gone-ldap')).status).toBe(200);
    await slapd.remove(`uid=gone,${PEOPLE}`);
    expect(await logIn(server, 'gone', 'gone-ldap')).toEqual(UNAUTHORIZED);
    expect(await logIn(server, 'gone', digest('gone-ldap'))).toEqual(UNAUTHORIZED);
    // Somebody new of that name is somebody else.
    await slapd.add(personEntry('gone'));
    onTestFinished(() => slapd.remove(`uid=gone,${PEOPLE}`));
    await server.set('LDAP_Merge_Existing_Users', true);
    expect((await logIn(server, 'gone', 'gone-ldap')).status).toBe(401);
  });

  test('failed logins are counted, and block', async () => {
    const server = await start();
    await server.set('Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User', 2);
    await logIn(server, 'alice', 'wrong');
    await server.call(null, 'POST', 'login', { ldap: true, username: 'Alice', ldapPass: 'wrong' });
    expect((await logIn(server, 'alice', 'alice-ldap')).body.error).toBe('error-login-blocked-for-user');
  });

  test('the second factor is asked for as ever', async () => {
    const server = await start({ SMTP_Host: '127.0.0.1' });
    // Newcomers get codes by mail, from their second login on.
    expect((await logIn(server, 'bob', 'bob-ldap')).status).toBe(200);
    const asked = await logIn(server, 'bob', 'bob-ldap');
    expect(asked.body).toMatchObject({ error: 'totp-required', details: { method: 'email' } });
    const [code] = /\d{3}-\d{3}/.exec((await server.mails()).at(-1)?.text ?? '') ?? [];
    expect((await logIn(server, 'bob', 'wrong', { code })).body.error).toBe('Unauthorized');
    expect((await logIn(server, 'bob', 'bob-ldap', { code: '000-001' })).body.error).toBe('totp-invalid');
    const wrapped = { totp: { code, login: { user: 'bob', password: 'bob-ldap' } } };
    expect((await server.call(null, 'POST', 'login', wrapped)).status).toBe(200);
  });

  test('who is not in the group does not come in', async () => {
    const server = await start({
      LDAP_Group_Filter_Enable: 'true',
      LDAP_Group_Filter_Group_Name: 'chatters',
    });
    expect((await logIn(server, 'bob', 'bob-ldap')).status).toBe(200);
    expect(await logIn(server, 'carol', 'carol-ldap')).toEqual(UNAUTHORIZED);
    await server.set('LDAP_Group_Filter_Group_Member_Format', `uid=#{username},${PEOPLE}`);
    expect((await logIn(server, 'bob', 'bob-ldap')).status).toBe(200);
    await server.set('LDAP_Group_Filter_Group_Name', 'others');
    expect(await logIn(server, 'bob', 'bob-ldap')).toEqual(UNAUTHORIZED);
    // A group without members is no group of everybody.
    await server.set('LDAP_Group_Filter_Group_Member_Attribute', '');
    expect(await logIn(server, 'bob', 'bob-ldap')).toEqual(UNAUTHORIZED);
  });

  test.each<[string, Record<string, SettingValue>, string]>([
    ['waits for approval', { Accounts_ManuallyApproveNewUsers: true }, 'error-user-is-not-activated'],
    ['has a welcome address', { Accounts_AllowedDomainsList: 'example.com' }, 'error-invalid-domain'],
  ])('a newcomer %s', async (_, settings, error) => {
    const server = await start();
    for (const [id, value] of Object.entries(settings)) await server.set(id, value);
    expect((await logIn(server, 'bob', 'bob-ldap')).body.error).toBe(error);
  });

  test('an account that is switched off stays so', async () => {
    const server = await start();
    const { userId } = (await logIn(server, 'bob', 'bob-ldap')).body.data;
    const off = { userId, activeStatus: false };
    expect((await server.call(server.admin, 'POST', 'users.setActiveStatus', off)).status).toBe(200);
    expect((await logIn(server, 'bob', 'bob-ldap')).body.error).toBe('error-user-is-not-activated');
  });

  test.each([
    [{ LDAP_Username_Field: '' }, { username: undefined }],
    [{ LDAP_Username_Field: 'cn' }, { username: undefined }],
    [{ LDAP_Username_Field: 'o,givenName' }, { username: 'bob' }],
    [{ LDAP_Name_Field: '#{givenName} of #{o}' }, { name: 'bob of' }],
    [{ LDAP_Email_Field: '' }, { emails: undefined }],
    [{ LDAP_Email_Field: 'o', LDAP_Default_Domain: 'example.net' }, { email: 'bob@example.net' }],
    [{ Accounts_Verify_Email_For_External_Accounts: 'false' }, { email: undefined }],
    [
      { Accounts_Registration_AuthenticationServices_Default_Roles: 'user,leader' },
      { roles: ['user', 'leader'] },
    ],
  ])('with %j the account has %j', async (settings, expected) => {
    const server = await start(settings as Record<string, string>);
    const { me } = (await logIn(server, 'bob', 'bob-ldap')).body.data;
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, me[key]]))).toEqual(expected);
  });

  test('an entry that nothing tells from others gets no account', async () => {
    const server = await start({ LDAP_Unique_Identifier_Field: 'o' });
    expect(await logIn(server, 'bob', 'bob-ldap')).toEqual(UNAUTHORIZED);
  });

  test('accounts are found again by an attribute that is no longer the first', async () => {
    const server = await start({ LDAP_Unique_Identifier_Field: 'mail,entryUUID' });
    const { userId } = (await logIn(server, 'bob', 'bob-ldap')).body.data;
    await server.set('LDAP_Unique_Identifier_Field', 'entryUUID,mail');
    expect((await logIn(server, 'bob', 'bob-ldap')).body.data.userId).toBe(userId);
  });
});

test('who is not seen after the bind was nobody in particular', async () => {
  let searches = 0;
  const fake = await startFakeDirectory(({ id, operation, socket }) => {
    if (operation === BIND_REQUEST) return void socket.write(ldapMessage(id, result(BIND_RESPONSE, 0)));
    searches += 1;
    if (searches % 2 === 1) socket.write(ldapMessage(id, searchEntry('cn=a', { uid: 'a', uidNumber: '1' })));
    socket.write(ldapMessage(id, result(SEARCH_DONE, 0)));
  });
  onTestFinished(() => fake.close());
  const server = await startWithDirectory(fake, { LDAP_User_Search_Field: 'uid' });
  const login = () => server.call(null, 'POST', 'login', { user: 'a', password: 'anything' });
  expect((await login()).body.error).toBe('Unauthorized');
  await server.set('LDAP_Find_User_After_Login', false);
  searches = 0;
  expect((await login()).status).toBe(200);
});
