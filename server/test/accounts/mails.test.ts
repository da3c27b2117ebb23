import { TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { sha256hex } from '../../src/kernel/ids.ts';
import { type AccountsServer, type Session, startAccounts } from '../support/accounts-server.ts';

const DAY = 24 * 60 * 60_000;
const MINUTE = 60_000;
const ALICE = { username: 'alice', email: 'Alice@Example.org', pass: 'alice-password', name: 'Alice Fox' };

/** Mails can be sent. Codes by e-mail are off, so that a login is only a login. */
const startWithMail = (settings: Record<string, string> = {}) =>
  startAccounts({
    settingOverrides: {
      SMTP_Host: 'smtp.example.org',
      Site_Name: 'Harbour',
      Accounts_TwoFactorAuthentication_By_Email_Enabled: 'false',
      ...settings,
    },
  });

const tokenIn = (mails: readonly { text: string }[]) =>
  /\/(?:reset-password|verify-email)\/([\w-]{43})/.exec(mails[0]?.text ?? '')?.[1] ?? '';

const forgot = (server: AccountsServer, email: string) =>
  server.call(null, 'POST', 'users.forgotPassword', { email });

async function resetLink(server: AccountsServer, email = 'alice@example.org') {
  server.wait(MINUTE);
  await forgot(server, email);
  return tokenIn(await server.mails());
}

test('a forgotten password is set by the link of a mail, once, and ends all other sessions', async () => {
  const server = await startWithMail();
  const alice = await server.person('alice');
  expect(await forgot(server, 'ALICE@example.org')).toEqual({ status: 200, body: { success: true } });
  const mails = await server.mails();
  expect(mails).toMatchObject([{ to: 'alice@example.org', subject: 'Harbour - Password recovery' }]);
  expect(mails[0]?.text).toContain('https://chat.example.org/reset-password/');
  const token = tokenIn(mails);
  const stored = await server.ctx.db.selectFrom('mail_tokens').selectAll().execute();
  expect(JSON.stringify(stored)).not.toContain(token);
  const { result } = await server.method(null, 'resetPassword', token, {
    digest: sha256hex('another-password'),
    algorithm: 'sha-256',
  });
  expect(result).toEqual({
    id: alice.uid,
    token: expect.stringMatching(/^[\w-]{43}$/),
    tokenExpires: expect.any(Date),
    type: 'password',
  });
  const { token: fresh } = result as { token: string };
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
  const { body: me } = await server.call({ ...alice, token: fresh }, 'GET', 'me');
  expect(me.emails).toEqual([{ address: 'alice@example.org', verified: true }]);
  await server.logIn('alice', 'another-password');
  expect(await server.mails()).toMatchObject([{ subject: 'Harbour - Password changed' }]);
  expect((await server.method(null, 'resetPassword', token, 'x')).error).toMatchObject({
    error: 403,
    reason: 'Token expired',
  });
});

test('who asks for a reset learns nothing about who exists, and cannot flood a mailbox', async () => {
  const server = await startWithMail();
  await server.person('alice');
  const answers = [await forgot(server, 'nobody@example.org'), await forgot(server, 'x')];
  expect(answers).toEqual(Array(2).fill({ status: 200, body: { success: true } }));
  expect((await server.method(null, 'sendForgotPasswordEmail', 'nobody@example.org')).result).toBe(true);
  expect(await server.mails()).toEqual([]);
  expect((await server.method(null, 'sendForgotPasswordEmail', 'alice@example.org')).result).toBe(true);
  expect(await server.mails()).toHaveLength(1);
  await forgot(server, 'alice@example.org');
  expect(await server.mails()).toEqual([]);
  const { body } = await server.call(null, 'POST', 'users.forgotPassword', {});
  expect(body).toEqual({ success: false, error: "The 'email' param is required" });
  await server.set('Accounts_PasswordReset', false);
  expect((await server.call(null, 'POST', 'users.forgotPassword', {})).body).toEqual({
    success: false,
    error: 'Password reset is not enabled',
  });
});

test('a link to reset a password is void after three days, after a later one, and without its address', async () => {
  const server = await startWithMail();
  const alice = await server.person('alice');
  const expectExpired = async (token: string) => {
    const { error } = await server.method(null, 'resetPassword', token, 'another-password');
    expect(error).toMatchObject({ error: 403, reason: 'Token expired' });
    server.wait(10_000);
  };
  const first = await resetLink(server);
  const second = await resetLink(server);
  await expectExpired(first);
  server.wait(3 * DAY);
  await expectExpired(second);
  await expectExpired('no such token');
  const third = await resetLink(server);
  const edit = { userId: alice.uid, data: { email: 'other@example.org' } };
  const root = { 'x-2fa-code': sha256hex('root-password'), 'x-2fa-method': 'password' };
  expect((await server.call(server.admin, 'POST', 'users.update', edit, root)).status).toBe(200);
  await expectExpired(third);
});

test('a reset keeps to the password policy and asks for the second factor', async () => {
  const server = await startWithMail({ Accounts_Password_Policy_Enabled: 'true' });
  const alice = await server.person('alice', { verified: true });
  const { body: offer } = await server.call(alice, 'POST', 'users.enableTotp');
  const code = () => new TOTP({ secret: offer.secret }).generate({ timestamp: server.ctx.clock.now() });
  await server.call(alice, 'POST', 'users.validateTotp', { code: code() });
  const token = await resetLink(server);
  const reset = (...params: unknown[]) => server.method(null, 'resetPassword', token, ...params);
  expect((await reset('aaa')).error).toMatchObject({ error: 'error-password-policy-not-met' });
  const strong = 'Another-Passw0rd!';
  expect((await reset(strong)).error).toMatchObject({ error: 'totp-required', details: { method: 'totp' } });
  const factor = { twoFactorCode: '000000', twoFactorMethod: 'totp' };
  expect((await reset(strong, factor)).error).toMatchObject({ error: 'totp-invalid' });
  expect((await reset(strong, { ...factor, twoFactorCode: code() })).result).toMatchObject({ id: alice.uid });
});

test('two uses of one link at once set one password', async () => {
  const server = await startWithMail();
  await server.person('alice');
  const token = await resetLink(server);
  const answers = await Promise.all(
    ['first-password', 'second-password'].map((password) =>
      server.method(null, 'resetPassword', token, password),
    ),
  );
  expect(answers.filter(({ result }) => result)).toHaveLength(1);
});

test('a password that somebody had lately is refused where the workspace remembers them', async () => {
  const server = await startWithMail({
    Accounts_Password_History_Enabled: 'true',
    Accounts_Password_History_Amount: '2',
  });
  let alice: Session = await server.person('alice');
  const change = async (from: string, to: string) => {
    const data = { newPassword: to, currentPassword: sha256hex(from) };
    const { body } = await server.call(alice, 'POST', 'users.updateOwnBasicInfo', { data });
    if (body.success) alice = await server.logIn('alice', to);
    return body.errorType ?? 'changed';
  };
  expect(await change('alice-password', 'alice-password')).toBe('error-password-same-as-current');
  expect(await change('alice-password', 'second')).toBe('changed');
  expect(await change('second', 'alice-password')).toBe('error-password-in-history');
  expect(await change('second', 'third')).toBe('changed');
  expect(await change('third', 'fourth')).toBe('changed');
  expect(await change('fourth', 'second')).toBe('error-password-in-history');
  const token = await resetLinkOf(server);
  expect((await server.method(null, 'resetPassword', token, 'third')).error).toMatchObject({
    error: 'error-password-in-history',
  });
  expect(await change('fourth', 'alice-password')).toBe('changed');
});

async function resetLinkOf(server: AccountsServer) {
  await server.mails();
  return resetLink(server);
}

test('somebody who registers proves the address before the first login', async () => {
  const server = await startWithMail({ Accounts_EmailVerification: 'true' });
  await server.call(null, 'POST', 'users.register', ALICE);
  const mails = await server.mails();
  expect(mails).toMatchObject([{ to: 'alice@example.org', subject: 'Harbour - Verify your account' }]);
  const logIn = () => server.call(null, 'POST', 'login', { user: 'alice', password: ALICE.pass });
  expect((await logIn()).body.error).toBe('error-invalid-email');
  const verify = (token: string) => server.call(null, 'POST', 'users.verifyEmail', { token });
  const expired = { status: 400, body: { success: false, error: 'Verify email link expired' } };
  expect(await verify('x')).toEqual(expired);
  expect(await verify(tokenIn(mails))).toEqual({ status: 200, body: { success: true } });
  expect(await verify(tokenIn(mails))).toEqual(expired);
  expect((await logIn()).status).toBe(200);
});

test('over DDP the link logs in, but past no second factor', async () => {
  const server = await startWithMail();
  const alice = await server.person('alice');
  const confirm = (email: string) => server.call(null, 'POST', 'users.sendConfirmationEmail', { email });
  expect(await confirm('nobody@example.org')).toEqual({ status: 400, body: { success: false } });
  expect(await confirm('ALICE@example.org')).toEqual({ status: 200, body: { success: true } });
  const { result } = await server.method(null, 'verifyEmail', tokenIn(await server.mails()));
  expect(result).toMatchObject({ id: alice.uid, type: 'password' });
  // There is nothing left to prove.
  expect((await server.method(null, 'sendConfirmationEmail', 'alice@example.org')).result).toBe(true);
  expect(await server.mails()).toEqual([]);

  const { body: offer } = await server.call(alice, 'POST', 'users.enableTotp');
  const code = new TOTP({ secret: offer.secret }).generate({ timestamp: server.ctx.clock.now() });
  await server.call(alice, 'POST', 'users.validateTotp', { code });
  const data = { email: 'other@example.org', currentPassword: sha256hex('alice-password') };
  await server.call(alice, 'POST', 'users.updateOwnBasicInfo', { data });
  const mails = await server.mails();
  expect(mails).toMatchObject([
    { to: 'alice@example.org', subject: 'Harbour - Email address changed' },
    { to: 'other@example.org', subject: 'Harbour - Verify your account' },
  ]);
  const verified = await server.method(null, 'verifyEmail', tokenIn(mails.slice(1)));
  expect(verified).toEqual({ msg: 'result', id: '1' });
  const { body: me } = await server.call(alice, 'GET', 'me');
  expect(me.emails).toEqual([{ address: 'other@example.org', verified: true }]);
  expect((await server.method(null, 'verifyEmail', 'x')).error).toMatchObject({
    error: 'Verify email link expired',
  });
});

test('without an SMTP server whoever asks for a mail is told so', async () => {
  const server = await startAccounts();
  await server.person('alice');
  const refusal = (method: string) => ({
    success: false,
    error: 'SMTP is not configured [error-email-send-failed]',
    errorType: 'error-email-send-failed',
    details: { method },
  });
  const post = async (path: string, body: object) =>
    (await server.call(server.admin, 'POST', path, body)).body;
  const email = 'alice@example.org';
  expect(await post('users.sendConfirmationEmail', { email })).toEqual(refusal('sendConfirmationEmail'));
  expect(await post('users.sendWelcomeEmail', { email })).toEqual(refusal('sendWelcomeEmail'));
  // Here the code is in the text only.
  const { success, error } = refusal('');
  expect(await post('sendInvitationEmail', { emails: [email] })).toEqual({ success, error });
  // Nobody has the address: that comes first.
  const nobody = { email: 'nobody@example.org' };
  expect(await post('users.sendConfirmationEmail', nobody)).toEqual({ success: false });
  expect(await post('users.sendWelcomeEmail', nobody)).toMatchObject({ errorType: 'error-invalid-user' });
});

test('invitations and welcomes are for those who may send them', async () => {
  const server = await startWithMail();
  const alice = await server.person('alice');
  const invite = (who: Session, emails: string[]) =>
    server.call(who, 'POST', 'sendInvitationEmail', { emails });
  expect((await invite(alice, ['bob@example.org'])).body).toEqual({
    success: false,
    error: 'Not allowed [error-not-allowed]',
  });
  expect((await invite(server.admin, ['x', ' '])).body).toEqual({
    success: false,
    error: 'No valid email addresses [error-email-send-failed]',
  });
  expect((await invite(server.admin, [])).body.errorType).toBe('error-invalid-params');
  expect(await server.mails()).toEqual([]);
  const emails = ['bob@example.org', 'bob@example.org', 'x', 'carol@example.org'];
  expect(await invite(server.admin, emails)).toEqual({ status: 200, body: { success: true } });
  const mails = await server.mails();
  expect(mails.map(({ to }) => to).sort()).toEqual(['bob@example.org', 'carol@example.org']);
  expect(mails[0]?.subject).toBe('You have been invited to Harbour');
  expect(server.ctx.settings.int('Invitation_Email_Count')).toBe(2);

  const welcome = (who: Session, email: string) =>
    server.call(who, 'POST', 'users.sendWelcomeEmail', { email });
  expect((await welcome(alice, 'alice@example.org')).status).toBe(403);
  expect((await welcome(server.admin, 'x@example.org')).body.errorType).toBe('error-invalid-user');
  expect((await welcome(server.admin, 'alice@example.org')).status).toBe(200);
  expect(await server.mails()).toMatchObject([{ to: 'alice@example.org', subject: 'Welcome to Harbour' }]);
});

test('an added user is mailed the password when that is wanted, or when it is random', async () => {
  const server = await startWithMail();
  await server.person('alice', { sendWelcomeEmail: true });
  const [mail] = await server.mails();
  expect(mail).toMatchObject({ to: 'alice@example.org', subject: 'You have been added to Harbour' });
  expect(mail?.text).toContain('alice-password');
  const account = { username: 'bob', email: 'bob@example.org', name: 'Bob', password: 'ignored' };
  await server.call(server.admin, 'POST', 'users.create', { ...account, setRandomPassword: true });
  const [random] = await server.mails();
  expect(random?.text).not.toContain('ignored');
  const password = /the password (\S+)\. You/.exec(random?.text ?? '')?.[1] ?? '';
  const { body } = await server.call(null, 'POST', 'login', { user: 'bob', password });
  expect(body.data.me.requirePasswordChange).toBe(true);
});

test('administrators are told who waits for approval, and people when they are switched on and off', async () => {
  const server = await startWithMail({ Accounts_ManuallyApproveNewUsers: 'true' });
  const { body } = await server.call(null, 'POST', 'users.register', {
    ...ALICE,
    reason: '<b>I work here</b>',
  });
  const [approval] = await server.mails();
  expect(approval).toMatchObject({ to: 'root@example.org', subject: expect.stringMatching(/^\[Harbour\] /) });
  expect(approval?.html).toContain('Reason: &lt;b&gt;I work here&lt;/b&gt;');
  const switchTo = (activeStatus: boolean) =>
    server.call(server.admin, 'POST', 'users.setActiveStatus', { userId: body.user._id, activeStatus });
  await switchTo(true);
  await switchTo(false);
  const subjects = (await server.mails()).map(({ subject }) => subject);
  expect(subjects).toEqual([
    '[Harbour] Your account was activated',
    '[Harbour] Your account was deactivated',
  ]);
  await server.set('Accounts_Send_Email_When_Activating', false);
  await switchTo(true);
  expect(await server.mails()).toEqual([]);
});

test('users who have not logged in for a while are switched off, but for the last administrator', async () => {
  const server = await startWithMail();
  const alice = await server.person('alice');
  const never = { username: 'never', email: 'never@example.org', name: 'N', password: 'never-password' };
  await server.call(server.admin, 'POST', 'users.create', never);
  server.wait(10 * DAY);
  const bob = await server.person('bob');
  const idle = (who: Session, body: object) => server.call(who, 'POST', 'users.deactivateIdle', body);
  expect((await idle(bob, { daysIdle: 1 })).status).toBe(403);
  expect((await idle(server.admin, { daysIdle: 20 })).body).toEqual({ count: 0, success: true });
  expect((await idle(server.admin, { daysIdle: 5 })).body).toEqual({ count: 1, success: true });
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
  expect((await server.call(bob, 'GET', 'me')).status).toBe(200);
  expect((await idle(server.admin, { daysIdle: 5, role: 'admin' })).body.count).toBe(0);
  expect((await server.call(server.admin, 'GET', `users.info?userId=${alice.uid}`)).body.user.active).toBe(
    false,
  );
});

test('visitors may become anonymous users where the workspace lets them write', async () => {
  const server = await startWithMail();
  expect((await server.method(null, 'registerUser', {})).error).toMatchObject({ error: 400 });
  await server.set('Accounts_AllowAnonymousRead', true);
  await server.set('Accounts_AllowAnonymousWrite', true);
  server.wait(MINUTE);
  const { result } = await server.method(null, 'registerUser', {});
  expect(result).toEqual({ token: expect.stringMatching(/^[\w-]{43}$/), when: expect.any(Date) });
  const { token } = result as { token: string };
  const { result: session } = await server.method(null, 'login', { resume: token });
  const visitor = { uid: (session as { id: string }).id, token, username: '', password: '' };
  expect((await server.call(visitor, 'GET', 'me')).body.roles).toEqual(['anonymous']);
  await server.method(visitor, 'afterVerifyEmail');
  expect((await server.call(visitor, 'GET', 'me')).body.roles).toEqual(['anonymous']);
  const data = { email: 'visitor@example.org' };
  expect((await server.call(visitor, 'POST', 'users.updateOwnBasicInfo', { data })).status).toBe(200);
  await server.call(null, 'POST', 'users.verifyEmail', { token: tokenIn(await server.mails()) });
  expect((await server.call(visitor, 'GET', 'me')).body.roles).toEqual(['user']);
});

test('the secret of the registration page can be checked before it is used', async () => {
  const server = await startWithMail();
  const secret = server.ctx.settings.text('Accounts_RegistrationForm_SecretURL');
  expect((await server.method(null, 'checkRegistrationSecretURL', 'x')).result).toBe(false);
  expect((await server.method(null, 'checkRegistrationSecretURL', secret)).result).toBe(true);
});

test('disposable mailboxes are refused while a list of blocked domains is in use', async () => {
  const server = await startWithMail();
  const register = (username: string) =>
    server.call(null, 'POST', 'users.register', { ...ALICE, username, email: `${username}@mailinator.com` });
  expect((await register('alice')).status).toBe(200);
  await server.set('Accounts_BlockedDomainsList', 'example.net');
  expect((await register('bob')).body.errorType).toBe('error-email-domain-blacklisted');
  await server.set('Accounts_UseDefaultBlockedDomainsList', false);
  expect((await register('bob')).status).toBe(200);
});

test('a login on a device of a new kind is told by mail, unless the workspace or the person does not want it', async () => {
  const server = await startWithMail();
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0';
  const chrome = (version: number) => `Mozilla/5.0 (Windows NT 10.0) Chrome/${version}.0.1 Safari/537.36`;
  const alice = await server.person('alice');
  const logIn = async (device: string) => {
    const form = { user: 'alice', password: alice.password };
    const { status } = await server.call(null, 'POST', 'login', form, { 'user-agent': device });
    expect(status).toBe(200);
    return server.mails();
  };
  // What the account was made with is nothing new.
  expect(await server.mails()).toEqual([]);
  const [mail, ...more] = await logIn(firefox);
  expect(more).toEqual([]);
  expect(mail).toMatchObject({ to: 'alice@example.org', subject: '[Harbour] Login on a new device' });
  expect(mail?.text).toMatch(/Device: Firefox 121\.0\nSystem: Linux\nAddress: 127\.0\.0\.1\nTime: .+GMT/);
  // The same kind, after the end of its session too, and in another version.
  await server.call(alice, 'POST', 'users.logoutOtherClients');
  expect(await logIn(firefox.replaceAll('121', '122'))).toEqual([]);

  const prefer = (receiveLoginDetectionEmail: boolean) =>
    server.call(alice, 'POST', 'users.setPreferences', {
      userId: alice.uid,
      data: { receiveLoginDetectionEmail },
    });
  expect((await prefer(false)).status).toBe(200);
  expect(await logIn(chrome(120))).toEqual([]);
  await server.set('Device_Management_Allow_Login_Email_preference', false);
  expect(await logIn('a-script/1.0')).toHaveLength(1);
  await server.set('Device_Management_Enable_Login_Emails', false);
  expect(await logIn('another-script/1.0')).toEqual([]);
  await server.set('Device_Management_Enable_Login_Emails', true);
  expect(await logIn(chrome(121))).toEqual([]);
  const wrong = { user: 'alice', password: 'wrong' };
  await server.call(null, 'POST', 'login', wrong, { 'user-agent': 'an-attacker/1.0' });
  expect(await server.mails()).toEqual([]);
});

test('of very many devices the oldest are forgotten', async () => {
  const server = await startWithMail();
  const alice = await server.person('alice');
  const form = { user: 'alice', password: alice.password };
  for (let n = 0; n < 55; n++) {
    server.wait(1000);
    await server.call(null, 'POST', 'login', form, { 'user-agent': `script-${n}/1.0` });
  }
  const rows = await server.ctx.db
    .selectFrom('known_devices')
    .select('uid')
    .where('uid', '=', alice.uid)
    .execute();
  expect(rows).toHaveLength(50);
});
