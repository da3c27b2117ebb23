import { TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { sha256hex } from '../../src/kernel/ids.ts';
import { type AccountsServer, type Session, startAccounts } from '../support/accounts-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TOTP_DETAILS = { method: 'totp', codeGenerated: false, availableMethods: ['totp'] };
const PASSWORD = { digest: sha256hex('alice-password'), algorithm: 'sha-256' };

const codeOf = (server: AccountsServer, secret: string) =>
  new TOTP({ secret }).generate({ timestamp: server.ctx.clock.now() });

/** Switches TOTP on; the clock stands at the beginning of a step that no code was used of. */
async function withTotp(server: AccountsServer, who: Session) {
  const { body: offer } = await server.call(who, 'POST', 'users.enableTotp');
  const code = codeOf(server, offer.secret);
  const { body } = await server.call(who, 'POST', 'users.validateTotp', { code });
  server.wait(MINUTE);
  return { secret: offer.secret as string, codes: body.codes as string[] };
}

const logIn = (server: AccountsServer, more: object = {}, headers = {}) =>
  server.call(null, 'POST', 'login', { user: 'alice', password: 'alice-password', ...more }, headers);

/** Behind the time in which a new account needs no second factor. */
async function startWithAlice(changes: Parameters<typeof startAccounts>[0] = {}, account: object = {}) {
  const server = await startAccounts(changes);
  const alice = await server.person('alice', { verified: true, ...account });
  server.wait(HOUR);
  return { server, alice };
}

/** With codes by e-mail as the second factor, and nothing mailed yet. */
async function startWithCodes() {
  const { server, alice } = await startWithAlice();
  await server.set('SMTP_Host', 'smtp.example.org');
  await server.call(alice, 'POST', 'users.2fa.enableEmail');
  return { server, alice };
}

test('TOTP is switched on with a code, tells clients, ends other sessions and keeps personal tokens', async () => {
  const { server, alice } = await startWithAlice();
  const other = await server.logIn('alice', 'alice-password');
  const { body: offer } = await server.call(alice, 'POST', 'users.enableTotp');
  expect(offer).toEqual({
    secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
    url: `otpauth://totp/Rocket.Chat:alice?secret=${offer.secret}`,
    success: true,
  });
  expect((await server.call(alice, 'GET', 'users.totpCodesRemaining')).body.errorType).toBe('invalid-totp');
  expect((await server.call(alice, 'POST', 'users.validateTotp', { code: '000000' })).body).toMatchObject({
    success: false,
    errorType: 'invalid-totp',
  });
  const code = codeOf(server, offer.secret);
  const { body } = await server.call(alice, 'POST', 'users.validateTotp', { code });
  expect(body.codes).toHaveLength(12);
  expect(body.codes.every((backup: string) => /^\w{8}$/.test(backup))).toBe(true);
  expect((await server.call(other, 'GET', 'me')).status).toBe(401);
  expect((await server.call(alice, 'GET', 'me')).body.services).toEqual({
    password: { exists: true },
    totp: { enabled: true },
  });
  expect((await server.call(alice, 'GET', 'users.totpCodesRemaining')).body.remaining).toBe(12);
  const diffs = server.eventsNamed('user.changed').map(({ diff }) => diff);
  expect(diffs.at(-1)).toMatchObject({ 'services.totp.enabled': true });
  expect(JSON.stringify(server.published)).not.toContain(offer.secret);
  expect((await server.call(alice, 'POST', 'users.enableTotp')).body.errorType).toBe(
    'error-2fa-already-enabled',
  );
});

test('a login asks for the code, takes each code once and remembers who gave it', async () => {
  const { server, alice } = await startWithAlice();
  const { secret } = await withTotp(server, alice);
  expect(await logIn(server)).toEqual({
    status: 401,
    body: { status: 'error', error: 'totp-required', message: 'TOTP Required', details: TOTP_DETAILS },
  });
  expect((await logIn(server, { code: '000000' })).body).toMatchObject({
    error: 'totp-invalid',
    message: 'TOTP Invalid',
    details: TOTP_DETAILS,
  });
  const code = codeOf(server, secret);
  const { status, body } = await logIn(server, { code });
  expect(status).toBe(200);
  expect((await logIn(server, { code })).body.error).toBe('totp-invalid');
  // Codes of the step before fit the time, but a later one was used.
  server.wait(30_000);
  expect((await logIn(server, { code })).body.error).toBe('totp-invalid');
  expect((await logIn(server, {}, { 'x-2fa-code': codeOf(server, secret) })).status).toBe(200);
  server.wait(30_000);
  const login = { user: { username: 'alice' }, password: PASSWORD };
  const over = await server.method(null, 'login', { totp: { code: codeOf(server, secret), login } });
  expect(over.result).toMatchObject({ id: alice.uid, type: 'password' });
  expect((await server.method(null, 'login', login)).error).toMatchObject({
    error: 'totp-required',
    details: TOTP_DETAILS,
  });
  // Passed at login: nothing more is asked for a while.
  const session = { ...alice, token: body.data.authToken };
  const token = (name: string, headers = {}) =>
    server.call(session, 'POST', 'users.generatePersonalAccessToken', { tokenName: name }, headers);
  expect((await token('a')).status).toBe(200);
  server.wait(HOUR);
  expect((await token('b')).body).toMatchObject({ errorType: 'totp-required', details: TOTP_DETAILS });
  const headers = { 'x-2fa-code': codeOf(server, secret), 'x-2fa-method': 'totp' };
  expect((await token('b', headers)).status).toBe(200);
  expect((await token('c')).status).toBe(200);
});

test('a backup code works once', async () => {
  const { server, alice } = await startWithAlice();
  const { secret, codes } = await withTotp(server, alice);
  expect((await logIn(server, { code: codes[3] })).status).toBe(200);
  expect((await logIn(server, { code: codes[3] })).body.error).toBe('totp-invalid');
  expect((await server.method(alice, '2fa:checkCodesRemaining')).result).toEqual({ remaining: 11 });
  const renew = (code: string) => server.call(alice, 'POST', 'users.regenerateTotpCodes', { code });
  expect((await renew('000000')).body.errorType).toBe('invalid-totp');
  const { body } = await renew(codeOf(server, secret));
  expect(body.codes).toHaveLength(12);
  expect((await logIn(server, { code: codes[4] })).body.error).toBe('totp-invalid');
  expect((await logIn(server, { code: body.codes[4] })).status).toBe(200);
});

test('a code for two logins at once logs in one of them', async () => {
  const { server, alice } = await startWithAlice();
  const { secret, codes } = await withTotp(server, alice);
  for (const code of [codeOf(server, secret), codes[0]]) {
    const answers = await Promise.all([1, 2, 3].map(() => logIn(server, { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  }
});

test('nobody may try many codes, not even many at once', async () => {
  const { server, alice } = await startWithAlice({
    settingOverrides: { Block_Multiple_Failed_Logins_Enabled: 'false' },
  });
  const { secret } = await withTotp(server, alice);
  const answers = await Promise.all(
    Array.from({ length: 14 }, (_, n) => logIn(server, { code: `00000${n % 10}` })),
  );
  const errors = answers.map(({ body }) => body.error);
  expect(errors.filter((error) => error === 'totp-invalid')).toHaveLength(10);
  expect(errors.filter((error) => error === 'totp-max-attempts')).toHaveLength(4);
  expect((await logIn(server, { code: codeOf(server, secret) })).body).toMatchObject({
    error: 'totp-max-attempts',
    message: 'TOTP Maximun Failed Attempts Reached',
    details: TOTP_DETAILS,
  });
  server.wait(5 * MINUTE);
  expect((await logIn(server, { code: codeOf(server, secret) })).status).toBe(200);
});

test('TOTP is given up with a code only', async () => {
  const { server, alice } = await startWithAlice();
  const { secret } = await withTotp(server, alice);
  const disable = (code: string) => server.call(alice, 'POST', 'users.disableTotp', { code });
  expect((await disable('000000')).body).toEqual({ disabled: false, success: true });
  expect((await disable(codeOf(server, secret))).body).toEqual({ disabled: true, success: true });
  expect((await disable(codeOf(server, secret))).body.disabled).toBe(false);
  expect((await logIn(server)).status).toBe(200);
  expect(server.eventsNamed('user.changed').at(-1)?.unset).toMatchObject({ 'services.totp.enabled': 1 });
});

test('the methods of older clients do the same', async () => {
  const { server, alice } = await startWithAlice();
  for (const name of ['enable', 'validateTempToken', 'disable', 'regenerateCodes', 'checkCodesRemaining']) {
    expect((await server.method(null, `2fa:${name}`, '1')).error).toMatchObject({ error: 'not-authorized' });
  }
  const { result } = await server.method(alice, '2fa:enable');
  const { secret } = result as { secret: string };
  expect((await server.method(alice, '2fa:validateTempToken', 'x')).error).toMatchObject({
    error: 'invalid-totp',
  });
  const code = codeOf(server, secret);
  expect(await server.method(alice, '2fa:validateTempToken', code)).toMatchObject({
    result: { codes: expect.any(Array) },
  });
  server.wait(MINUTE);
  expect(await server.method(alice, '2fa:regenerateCodes', 'x')).toEqual({ msg: 'result', id: '1' });
  expect(await server.method(alice, '2fa:regenerateCodes', codeOf(server, secret))).toMatchObject({
    result: { codes: expect.any(Array) },
  });
  server.wait(MINUTE);
  expect((await server.method(alice, '2fa:disable', codeOf(server, secret))).result).toBe(true);
});

test('with an unverified address no second factor can be set up', async () => {
  const server = await startAccounts();
  const alice = await server.person('alice');
  const refusal = {
    success: false,
    error: 'You need to verify your emails before setting up 2FA [error-invalid-user]',
    errorType: 'error-invalid-user',
  };
  for (const path of ['users.enableTotp', 'users.2fa.enableEmail']) {
    expect(await server.call(alice, 'POST', path)).toEqual({ status: 400, body: refusal });
  }
});

const codeIn = (mails: { text: string }[]) => /(\d{3}-\d{3})/.exec(mails[0]?.text ?? '')?.[1] ?? '';

test('a code by e-mail is mailed once, works once and expires', async () => {
  const { server, alice } = await startWithCodes();
  expect((await server.call(alice, 'GET', 'me')).body.services.email2fa).toEqual({ enabled: true });
  const details = { method: 'email', emailOrUsername: 'alice', availableMethods: ['email'] };
  const first = await logIn(server);
  expect(first.body).toMatchObject({ error: 'totp-required', details: { ...details, codeGenerated: true } });
  expect(first.body.details).not.toHaveProperty('codeExpires');
  const mails = await server.mails();
  expect(mails).toMatchObject([{ to: 'alice@example.org', subject: 'Authentication code' }]);
  expect((await logIn(server)).body.details).toEqual({
    ...details,
    codeGenerated: false,
    codeExpires: '2026-01-01T02:00:00.000Z',
  });
  expect(await server.mails()).toEqual([]);
  const code = codeIn(mails);
  const wrong = { code: code === '000-000' ? '111-111' : '000-000' };
  const stillGood = { codeGenerated: false, codeExpires: '2026-01-01T02:00:00.000Z' };
  expect((await logIn(server, wrong)).body).toMatchObject({
    error: 'totp-invalid',
    details: { ...details, ...stillGood },
  });
  const [one, two] = await Promise.all([logIn(server, { code }), logIn(server, { code })]);
  expect([one.status, two.status].sort()).toEqual([200, 401]);
  await server.mails();
  await logIn(server);
  const late = codeIn(await server.mails());
  server.wait(HOUR);
  const tooLate = (await logIn(server, { code: late })).body;
  expect(tooLate).toMatchObject({ error: 'totp-invalid', details: { ...details, codeGenerated: false } });
  expect(tooLate.details).not.toHaveProperty('codeExpires');
  expect(await server.mails()).toEqual([]);
  expect((await logIn(server)).body.details.codeGenerated).toBe(true);
});

test('after too many wrong codes not even the right one is taken, and another code is mailed on demand', async () => {
  const { server } = await startWithCodes();
  await logIn(server);
  const code = codeIn(await server.mails());
  const wrong = code === '000-000' ? '111-111' : '000-000';
  const errors: string[] = [];
  for (let n = 0; n < 5; n++) errors.push((await logIn(server, { code: wrong })).body.error);
  expect(errors).toEqual([...Array(4).fill('totp-invalid'), 'totp-max-attempts']);
  expect((await logIn(server, { code })).body.error).toBe('totp-max-attempts');

  const ask = (body: object, who: Session | null = null) =>
    server.call(who, 'POST', 'users.2fa.sendEmailCode', body);
  expect((await ask({})).body).toEqual({
    success: false,
    error: 'emailOrUsername is required [error-parameter-required]',
    errorType: 'error-parameter-required',
  });
  expect(await ask({ emailOrUsername: 'nobody' })).toEqual({ status: 200, body: { success: true } });
  expect(await server.mails()).toEqual([]);
  server.wait(MINUTE);
  expect(await ask({ emailOrUsername: 'ALICE@example.org' })).toEqual({
    status: 200,
    body: { success: true },
  });
  const mails = await server.mails();
  expect(mails).toHaveLength(1);
  // At most one a minute.
  await ask({ emailOrUsername: 'alice' });
  expect(await server.mails()).toEqual([]);
  expect((await logIn(server, { code: codeIn(mails) })).status).toBe(200);
});

test('somebody with both factors may give a mailed code at login', async () => {
  const { server, alice } = await startWithCodes();
  const { secret } = await withTotp(server, alice);
  expect((await logIn(server)).body.details).toEqual({
    ...TOTP_DETAILS,
    availableMethods: ['totp', 'email'],
  });
  expect(await server.mails()).toEqual([]);
  await server.call(null, 'POST', 'users.2fa.sendEmailCode', { emailOrUsername: 'alice' });
  const login = { user: { username: 'alice' }, password: PASSWORD };
  const code = codeIn(await server.mails());
  expect((await server.method(null, 'login', { totp: { code, login } })).result).toMatchObject({
    id: alice.uid,
  });
  const headers = { 'x-2fa-code': codeOf(server, secret), 'x-2fa-method': 'email' };
  expect((await logIn(server, {}, headers)).body).toMatchObject({
    error: 'totp-invalid',
    details: { method: 'email' },
  });
});

test('whoever has both factors is asked for the one that the client names, also without a code', async () => {
  const { server, alice } = await startWithCodes();
  const { secret } = await withTotp(server, alice);
  const EMAIL = { 'x-2fa-method': 'email' };
  const asked = {
    method: 'email',
    codeGenerated: true,
    emailOrUsername: 'alice',
    availableMethods: ['totp', 'email'],
  };
  const generate = (headers: Record<string, string>) =>
    server.call(alice, 'POST', 'users.generatePersonalAccessToken', { tokenName: 'bot' }, headers);
  expect((await generate({ 'x-2fa-method': 'password' })).body.details).toMatchObject({ method: 'totp' });
  expect((await generate(EMAIL)).body).toMatchObject({ errorType: 'totp-required', details: asked });
  const code = codeIn(await server.mails());
  expect((await generate({ ...EMAIL, 'x-2fa-code': code })).status).toBe(200);

  expect((await logIn(server, {}, EMAIL)).body).toMatchObject({ error: 'totp-required', details: asked });
  expect((await logIn(server, {}, { 'x-2fa-code': codeOf(server, secret) })).status).toBe(200);
});

test('whoever has no factor but the password proves a change with it, whatever the client asks for', async () => {
  const { server, alice } = await startWithAlice();
  const data = { newPassword: 'another', currentPassword: sha256hex('alice-password') };
  const headers = { 'x-2fa-method': 'email' };
  expect((await server.call(alice, 'POST', 'users.updateOwnBasicInfo', { data }, headers)).status).toBe(200);
});

test('giving up codes by e-mail takes a code, each time', async () => {
  const { server, alice } = await startWithCodes();
  const disable = (headers = {}) => server.call(alice, 'POST', 'users.2fa.disableEmail', {}, headers);
  expect((await disable()).body).toMatchObject({ errorType: 'totp-required', details: { method: 'email' } });
  const code = codeIn(await server.mails());
  expect(await disable({ 'x-2fa-code': code, 'x-2fa-method': 'email' })).toEqual({
    status: 200,
    body: { success: true },
  });
  const other = await server.logIn('alice', 'alice-password');
  expect((await server.call(alice, 'POST', 'users.2fa.enableEmail')).body).toEqual({ success: true });
  expect((await server.call(other, 'GET', 'me')).status).toBe(401);
  expect((await logIn(server)).body.error).toBe('totp-required');
});

test('a new password asks for the factor that is set up; the old password is none then', async () => {
  const { server, alice } = await startWithAlice();
  const { secret } = await withTotp(server, alice);
  const data = { newPassword: 'another-password', currentPassword: sha256hex('alice-password') };
  const change = (headers = {}) => server.call(alice, 'POST', 'users.updateOwnBasicInfo', { data }, headers);
  expect((await change()).body).toMatchObject({ errorType: 'totp-required', details: TOTP_DETAILS });
  const headers = { 'x-2fa-code': codeOf(server, secret), 'x-2fa-method': 'totp' };
  expect((await change(headers)).status).toBe(200);
});

test('resetting TOTP needs a factor, the permission for others, and ends all sessions', async () => {
  const { server, alice } = await startWithAlice();
  await withTotp(server, alice);
  const bob = await server.person('bob');
  await server.set('SMTP_Host', 'smtp.example.org');
  const reset = (who: Session, body: object, headers = {}) =>
    server.call(who, 'POST', 'users.resetTOTP', body, headers);
  const password = { 'x-2fa-code': sha256hex('bob-password'), 'x-2fa-method': 'password' };
  server.wait(HOUR);
  expect((await reset(bob, {})).body.errorType).toBe('totp-required');
  expect((await reset(bob, { username: 'alice' }, password)).body).toMatchObject({
    error: 'Not allowed [error-not-allowed]',
    details: { method: 'resetTOTP' },
  });
  const root = { 'x-2fa-code': sha256hex('root-password'), 'x-2fa-method': 'password' };
  expect((await reset(server.admin, { username: 'nobody' }, root)).body.errorType).toBe('error-invalid-user');
  await server.mails();
  expect(await reset(server.admin, { username: 'alice' }, root)).toEqual({
    status: 200,
    body: { success: true },
  });
  expect(await server.mails()).toMatchObject([{ to: 'alice@example.org', subject: 'TOTP reset' }]);
  expect((await server.call(alice, 'GET', 'me')).status).toBe(401);
  expect((await logIn(server)).status).toBe(200);
  await server.set('Accounts_TwoFactorAuthentication_Enabled', false);
  expect((await reset(bob, {})).body.errorType).toBe('error-two-factor-not-enabled');
});

test('factors that the workspace switched off are not asked for', async () => {
  const { server, alice } = await startWithAlice();
  await withTotp(server, alice);
  await server.set('Accounts_TwoFactorAuthentication_By_TOTP_Enabled', false);
  expect((await logIn(server)).status).toBe(200);
  await server.set('Accounts_TwoFactorAuthentication_By_TOTP_Enabled', true);
  await server.set('Accounts_TwoFactorAuthentication_Enabled', false);
  expect((await logIn(server)).status).toBe(200);
});

test('newcomers have codes by e-mail where the workspace can send mails, once their address is verified', async () => {
  const { server } = await startWithAlice();
  await server.set('SMTP_Host', 'smtp.example.org');
  const bob = await server.person('bob');
  const account = {
    username: 'carol',
    email: 'carol@example.org',
    name: 'Carol',
    password: 'carol-password',
  };
  await server.call(server.admin, 'POST', 'users.create', { ...account, verified: true });
  const { body } = await server.call(null, 'POST', 'login', { user: 'carol', password: 'carol-password' });
  expect(body).toMatchObject({ error: 'totp-required', details: { method: 'email', codeGenerated: true } });
  expect(await server.mails()).toMatchObject([{ to: 'carol@example.org' }]);
  expect((await server.call(bob, 'GET', 'me')).body.services.email2fa).toEqual({ enabled: true });
});
