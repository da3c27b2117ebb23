import { expect, test } from 'vitest';
import { createUserAsServer, resetPasswordAsServer } from '../../src/accounts/administration.ts';
import { bootstrapAccounts } from '../../src/accounts/bootstrap.ts';
import { sha256hex } from '../../src/kernel/ids.ts';
import { type Session, startAccounts } from '../support/accounts-server.ts';
import { coded } from '../support/rooms.ts';

const ALICE = { username: 'alice', email: 'Alice@Example.org', pass: 'alice-password', name: 'Alice' };

test('somebody who registers becomes a user, joins the default rooms and can log in', async () => {
  const server = await startAccounts();
  server.asked.length = 0;
  const { status, body } = await server.call(null, 'POST', 'users.register', ALICE);
  expect(status).toBe(200);
  expect(body).toEqual({
    user: {
      _id: expect.stringMatching(/^[2-9A-HJ-NP-Za-km-z]{17}$/),
      username: 'alice',
      name: 'Alice',
      type: 'user',
      active: true,
      status: 'offline',
      __rooms: [],
    },
    success: true,
  });
  expect(server.asked).toEqual(['join alice']);
  const alice = await server.logIn('alice', ALICE.pass);
  const { body: me } = await server.call(alice, 'GET', 'me');
  expect(me).toMatchObject({ roles: ['user'], emails: [{ address: 'alice@example.org', verified: false }] });
});

test('registration is refused for each reason in the documented order', async () => {
  const server = await startAccounts();
  await server.call(null, 'POST', 'users.register', ALICE);
  const bob = { ...ALICE, username: 'bob', email: 'bob@example.org' };
  const refused = async (body: object, who = null as typeof server.admin | null) => {
    const answer = await server.call(who, 'POST', 'users.register', body);
    expect(answer.status).toBe(400);
    return [answer.body.error, answer.body.errorType];
  };
  const bad = { ...bob, name: '<b>', username: 'no spaces', email: 'x', pass: ' ' };
  expect(await refused(bad, server.admin)).toEqual(['Logged in users can not register again.', undefined]);
  expect(await refused(bad)).toEqual(['Name contains invalid characters', undefined]);
  expect(await refused({ ...bad, name: '%3Cb' })).toEqual(['Name contains invalid characters', undefined]);
  expect(await refused({ ...bad, name: 'B' })).toEqual(['The username provided is not valid', undefined]);
  const all = { ...bad, name: 'B', username: 'All' };
  expect(await refused(all)).toEqual([
    "All is blocked and can't be used! [error-blocked-username]",
    'error-blocked-username',
  ]);
  expect(await refused({ ...all, username: 'ALICE' })).toEqual(['Username is already in use', undefined]);
  await server.set('Accounts_RegistrationForm', 'Disabled');
  expect(await refused({ ...all, username: 'bob' })).toEqual([
    'User registration is disabled [error-user-registration-disabled]',
    'error-user-registration-disabled',
  ]);
  await server.set('Accounts_RegistrationForm', 'Secret URL');
  expect(await refused({ ...all, username: 'bob', secret: 'x' })).toEqual([
    'User registration is only allowed via Secret URL [error-user-registration-secret]',
    'error-user-registration-secret',
  ]);
  const secret = server.ctx.settings.text('Accounts_RegistrationForm_SecretURL');
  expect(secret).not.toBe('');
  const known = { ...all, username: 'bob', secret };
  expect((await refused(known))[1]).toBe('error-password-policy-not-met');
  // The older name of it; the newer one wins.
  const older = { ...known, secret: undefined, secretURL: secret };
  expect((await refused(older))[1]).toBe('error-password-policy-not-met');
  expect((await refused({ ...older, secretURL: 'x' }))[1]).toBe('error-user-registration-secret');
  expect((await refused({ ...older, secret: 'x' }))[1]).toBe('error-user-registration-secret');
  expect(await refused({ ...known, pass: 'bob-password' })).toEqual([
    'Invalid email [error-invalid-email]',
    'error-invalid-email',
  ]);
  await server.set('Accounts_AllowedDomainsList', 'example.org, example.net');
  const reachable = { ...known, pass: 'bob-password', email: 'bob@example.com' };
  expect((await refused(reachable))[1]).toBe('error-invalid-domain');
  await server.set('Accounts_BlockedDomainsList', 'example.net');
  expect((await refused({ ...reachable, email: 'bob@EXAMPLE.net' }))[1]).toBe(
    'error-email-domain-blacklisted',
  );
  expect(await refused({ ...reachable, email: 'alice@example.org' })).toEqual([
    'Email already exists. [403]',
    undefined,
  ]);
  const done = await server.call(null, 'POST', 'users.register', { ...reachable, email: bob.email });
  expect(done.status).toBe(200);
});

test('where domains are checked, an address needs one that takes mail', async () => {
  const server = await startAccounts();
  const bob = await server.person('bob', { verified: true });
  const asked: string[] = [];
  server.ctx.names = {
    ...server.ctx.names,
    async resolveMx(domain) {
      asked.push(domain);
      if (domain === 'gone.example') throw new Error('ENOTFOUND');
      if (domain === 'silent.example') return [{ exchange: '', priority: 0 }];
      return domain === 'empty.example' ? [] : [{ exchange: 'mail.example', priority: 10 }];
    },
  };
  await server.set('Accounts_UseDNSDomainCheck', true);
  const { admin } = server;
  const carol = { username: 'carol', name: 'Carol', password: 'carol-password' };
  const currentPassword = sha256hex(bob.password);
  const calls = (email: string): [Session | null, string, object][] => [
    [null, 'users.register', { ...ALICE, email: `alice@${email}` }],
    [admin, 'users.create', { ...carol, email: `carol@${email}` }],
    [admin, 'users.update', { userId: bob.uid, data: { email: `robert@${email}` } }],
    [bob, 'users.updateOwnBasicInfo', { data: { email: `bobby@${email}`, currentPassword } }],
  ];
  for (const domain of ['gone.example', 'silent.example', 'EMPTY.example']) {
    for (const [who, path, body] of calls(domain)) {
      const body400 = coded('error-invalid-domain', 'Invalid domain');
      expect(await server.call(who, 'POST', path, body)).toEqual({ status: 400, body: body400 });
      expect(asked.splice(0)).toEqual([domain.toLowerCase()]);
    }
  }
  for (const [who, path, body] of calls('there.example'))
    expect(await server.call(who, 'POST', path, body)).toMatchObject({ status: 200 });
});

test('with manual approval a newcomer waits for activation', async () => {
  const server = await startAccounts();
  await server.set('Accounts_ManuallyApproveNewUsers', true);
  const { body } = await server.call(null, 'POST', 'users.register', { ...ALICE, reason: 'I work here' });
  expect(body.user).toMatchObject({ active: false, reason: 'I work here' });
  const refused = await server.call(null, 'POST', 'login', { user: 'alice', password: ALICE.pass });
  expect(refused.body.error).toBe('error-user-is-not-activated');
  const activation = { userId: body.user._id, activeStatus: true };
  expect((await server.call(server.admin, 'POST', 'users.setActiveStatus', activation)).body).toEqual({
    user: { _id: body.user._id, active: true },
    success: true,
  });
  const alice = await server.logIn('alice', ALICE.pass);
  expect((await server.call(alice, 'GET', 'me')).body).not.toHaveProperty('reason');
});

test('a password policy names every rule that is broken', async () => {
  const server = await startAccounts();
  await server.set('Accounts_Password_Policy_Enabled', true);
  await server.set('Accounts_Password_Policy_MinLength', 7);
  const { body } = await server.call(null, 'POST', 'users.register', { ...ALICE, pass: 'aaaa' });
  expect(body.errorType).toBe('error-password-policy-not-met');
  expect(body.error).toBe(
    "The password provided does not meet the server's password policy. [error-password-policy-not-met]",
  );
  const prefix = 'error-password-policy-not-met-';
  expect(body.details.map((entry: { error: string }) => entry.error)).toEqual(
    ['minLength', 'repeatingCharacters', 'oneUppercase', 'oneNumber', 'oneSpecial'].map(
      (rule) => prefix + rule,
    ),
  );
  expect((await server.call(null, 'GET', 'pw.getPolicy')).body).toEqual({
    enabled: true,
    policy: [
      ['get-password-policy-minLength', { minLength: 7 }],
      ['get-password-policy-forbidRepeatingCharacters'],
      ['get-password-policy-forbidRepeatingCharactersCount', { forbidRepeatingCharactersCount: 3 }],
      ['get-password-policy-mustContainAtLeastOneLowercase'],
      ['get-password-policy-mustContainAtLeastOneUppercase'],
      ['get-password-policy-mustContainAtLeastOneNumber'],
      ['get-password-policy-mustContainAtLeastOneSpecialCharacter'],
    ],
    success: true,
  });
});

test('over DDP the username is chosen after registration, and the default rooms are joined then', async () => {
  const server = await startAccounts();
  server.asked.length = 0;
  const form = { email: 'eve@example.org', pass: 'eve-password', name: 'Eve Fox' };
  const { result: uid } = await server.method(null, 'registerUser', form);
  expect(server.asked).toEqual([]);
  const eve = await server.logIn('eve@example.org', 'eve-password');
  expect(eve.uid).toBe(uid);
  expect(await server.call(eve, 'GET', 'users.list')).toEqual({
    status: 403,
    body: { success: false, error: 'Users must have a username [error-unauthorized]' },
  });
  expect((await server.method(eve, 'getUsernameSuggestion')).result).toBe('eve.fox');
  expect((await server.method(eve, 'setUsername', 'root')).error).toMatchObject({
    error: 'error-field-unavailable',
  });
  server.wait(1000);
  expect((await server.method(eve, 'setUsername', 'e f')).error).toMatchObject({ error: 'username-invalid' });
  server.wait(1000);
  expect((await server.method(eve, 'setUsername', 'eve')).result).toBe('eve');
  expect(server.asked).toEqual(['join eve']);
  expect((await server.call(eve, 'GET', 'users.list')).status).toBe(200);
});

test('two people who want the same username at the same time do not both get it', async () => {
  const server = await startAccounts();
  const answers = await Promise.all(
    ['a@example.org', 'b@example.org'].map((email) =>
      server.call(null, 'POST', 'users.register', { ...ALICE, email }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
});

test('a fresh workspace has rocket.cat and an admin; a second start adds nobody', async () => {
  const server = await startAccounts();
  const { body } = await server.call(server.admin, 'GET', 'users.list');
  expect(body.users.map((user: { username: string }) => user.username)).toEqual(['rocket.cat', 'root']);
  expect(body.users[0]).toMatchObject({ _id: 'rocket.cat', type: 'bot', roles: ['bot'], status: 'online' });
  expect(body.users[1]).toMatchObject({ roles: ['admin'] });
  expect(server.ctx.settings.text('Show_Setup_Wizard')).toBe('in_progress');
  expect(await bootstrapAccounts(server.ctx)).toEqual({});
  expect((await server.call(server.admin, 'GET', 'users.list')).body.total).toBe(2);
});

test('the operator can create people and reset passwords without being one of them', async () => {
  const server = await startAccounts();
  const zoe = { username: 'zoe', email: 'zoe@example.org', name: 'Zoe', password: 'first', roles: ['admin'] };
  const { uid } = await createUserAsServer(server.ctx, zoe);
  const before = await server.logIn('zoe', 'first');
  expect(before.uid).toBe(uid);
  await expect(createUserAsServer(server.ctx, zoe)).rejects.toMatchObject({
    code: 'error-field-unavailable',
  });
  await expect(createUserAsServer(server.ctx, { ...zoe, username: 'y', roles: ['x'] })).rejects.toMatchObject(
    {
      code: 'error-action-not-allowed',
    },
  );
  await resetPasswordAsServer(server.ctx, 'ZOE', 'second');
  expect((await server.call(before, 'GET', 'me')).status).toBe(401);
  await server.logIn('zoe', 'second');
  await expect(resetPasswordAsServer(server.ctx, 'nobody', 'x')).rejects.toMatchObject({
    code: 'error-invalid-user',
  });
});
