import { TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { type AccountsServer, type Session, startAccounts } from '../../../test/support/accounts-server.ts';
import type { Tx } from '../../storage/database.ts';
import { changeUser } from '../change-user.ts';
import { beginLogin, spendBegunLogin } from './begin-login.ts';
import type { ExternalIdentity } from './external-identity.ts';
import {
  issueChallenge,
  issueLoginCode,
  removeExpiredLogins,
  spendChallenge,
  spendLoginCode,
} from './pending-logins.ts';

/** What a client does with the outcome of a login in which the server led the browser (spec 20, 8.7), with a clock that moves. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OCTO: ExternalIdentity = { service: 'github', id: '42', name: 'Octo Cat' };
const start = (changes: Parameters<typeof startAccounts>[0] = {}) =>
  startAccounts({ settingDefaults: { Accounts_OAuth_Github: 'true' }, ...changes });

const post = (server: AccountsServer, path: string, body: object, headers = {}) =>
  server.call(null, 'POST', path, body, headers);
const redeem = (server: AccountsServer, code: string) => post(server, 'loginCode.redeem', { code });
const verify = (server: AccountsServer, challengeId: string, code: string) =>
  post(server, 'twoFactorChallenges.verifyChallenge', { challengeId, code });
const mail = (server: AccountsServer, challengeId: string) =>
  post(server, 'twoFactorChallenges.sendEmailCode', { challengeId });

const refused = (error: string, errorType?: string | number) => ({
  status: 400,
  body: { success: false, error, ...(errorType === undefined ? {} : { errorType }) },
});
const INVALID_LOGIN_CODE = refused('error-invalid-code');
const INVALID_CODE = refused('Invalid code', 'error-invalid-code');
const NOT_FOUND = refused('challenge not found', 'error-challenge-not-found');
const EXPIRED = refused('challenge expired', 'error-challenge-expired');
const OTHER_METHOD = refused('invalid challenge method', 'error-invalid-challenge-method');
const NO_USER = refused('user not found', 'error-user-not-found');
const TOO_MANY = refused('TOTP Maximun Failed Attempts Reached', 'totp-max-attempts');
const NOT_ACTIVE = refused(
  'User is not activated [error-user-is-not-activated]',
  'error-user-is-not-activated',
);
const OPENED = {
  status: 200,
  body: { loginToken: expect.stringMatching(/^[\w-]{43}$/), userId: expect.any(String), success: true },
};

const pending = (server: AccountsServer) => server.ctx.db.selectFrom('pending_logins').selectAll().execute();

/** Somebody whose account is linked to an identity that the service has just named. */
async function linked(server: AccountsServer) {
  const alice = await server.person('alice', { verified: true });
  const identities = [{ service: OCTO.service, id: OCTO.id }];
  await server.ctx.write((tx, emit) =>
    changeUser(server.ctx, tx, emit, { uid: alice.uid, set: { identities } }),
  );
  server.wait(HOUR);
  return alice;
}

const codeFor = (server: AccountsServer, who?: Session) =>
  issueLoginCode(server.ctx, { uid: who?.uid, identity: OCTO });

const codeOf = (server: AccountsServer, secret: string) =>
  new TOTP({ secret }).generate({ timestamp: server.ctx.clock.now() });

async function withTotp(changes: Parameters<typeof startAccounts>[0] = {}) {
  const server = await start(changes);
  const alice = await linked(server);
  const { secret } = (await server.call(alice, 'POST', 'users.enableTotp')).body;
  const { body } = await server.call(alice, 'POST', 'users.validateTotp', { code: codeOf(server, secret) });
  server.wait(MINUTE);
  const challenge = () => issueChallenge(server.ctx, { uid: alice.uid, factor: 'totp', identity: OCTO });
  return { server, alice, challenge, codes: body.codes as string[], code: () => codeOf(server, secret) };
}

async function withMails() {
  const server = await start();
  const alice = await linked(server);
  await server.set('SMTP_Host', 'smtp.example.org');
  await server.set('Accounts_twoFactorAuthentication_email_available_for_OAuth_users', true);
  await server.call(alice, 'POST', 'users.2fa.enableEmail');
  const challenge = () => issueChallenge(server.ctx, { uid: alice.uid, factor: 'email', identity: OCTO });
  const mailed = async () => {
    const mails = await server.mails();
    return /(\d{3}-\d{3})/.exec(mails[0]?.text ?? '')?.[1] ?? '';
  };
  return { server, alice, challenge, mailed };
}

test('a code logs in once, as the client that redeems it', async () => {
  const server = await start();
  const alice = await linked(server);
  const code = await codeFor(server, alice);
  expect(code).toMatch(/^[\da-f]{64}$/);
  const { status, body } = await post(server, 'loginCode.redeem', { code }, { 'user-agent': 'phone/1' });
  expect({ status, body }).toEqual({ ...OPENED, body: { ...OPENED.body, userId: alice.uid } });
  const session = { ...alice, token: body.loginToken };
  expect((await server.call(session, 'GET', 'me')).status).toBe(200);
  const { sessions } = (await server.call(session, 'GET', 'sessions/list')).body;
  expect(sessions.map(({ device }: { device: { name: string } }) => device.name)).toContain('phone');
  expect(await redeem(server, code)).toEqual(INVALID_LOGIN_CODE);
  expect(await pending(server)).toEqual([]);
});

test('a code is good for a minute, and nothing else is one', async () => {
  const server = await start();
  const alice = await linked(server);
  const code = await codeFor(server, alice);
  const other = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`;
  expect(await redeem(server, other)).toEqual(INVALID_LOGIN_CODE);
  expect(await verify(server, code, '123456')).toEqual(NOT_FOUND);
  server.wait(MINUTE - 1);
  expect(await redeem(server, code)).toEqual(OPENED);
  const late = await codeFor(server, alice);
  server.wait(MINUTE);
  expect(await redeem(server, late)).toEqual(INVALID_LOGIN_CODE);
});

test('of many who redeem one code at the same moment, one comes in', async () => {
  const server = await start();
  for (const who of [await linked(server), undefined]) {
    const code = await codeFor(server, who);
    const answers = await Promise.all(Array.from({ length: 5 }, () => redeem(server, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400]);
  }
});

test('whoever has found a code or a challenge in time, and comes to use it up second, is refused', async () => {
  const { server, alice, challenge } = await withTotp();
  const [code, challengeId] = [await codeFor(server, alice), await challenge()];
  const outcomes = (spend: (tx: Tx) => Promise<void>) =>
    Promise.allSettled([1, 2, 3].map(() => server.ctx.write(spend)));
  for (const all of [
    await outcomes((tx) => spendLoginCode(tx, code)),
    await outcomes((tx) => spendChallenge(tx, challengeId)),
  ]) {
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  }
});

test('what is stored of codes and challenges opens nothing, and goes with the clean-up', async () => {
  const { server, alice, challenge } = await withTotp();
  const secrets = [await codeFor(server, alice), await challenge()];
  const begun = await beginLogin(server.ctx, { service: 'github', redirectUrl: undefined });
  const rows = await server.ctx.db.selectFrom('begun_logins').selectAll().execute();
  const stored = JSON.stringify([rows, await pending(server)]);
  for (const secret of [...secrets, begun.state, begun.secret]) expect(stored).not.toContain(secret);
  server.wait(10 * MINUTE);
  await removeExpiredLogins(server.ctx);
  expect(await pending(server)).toEqual([]);
  expect(await server.ctx.db.selectFrom('begun_logins').selectAll().execute()).toEqual([]);
});

test('a login that was begun is good for ten minutes, once, at its service and in its browser', async () => {
  const server = await start();
  const redirectUrl = 'https://chat.example.org/home';
  const begin = () => beginLogin(server.ctx, { service: 'github', redirectUrl });
  const gone = expect.objectContaining({ code: 'error-login-state' });
  const { state, secret } = await begin();
  const right = { state, secret, service: 'github' };
  for (const wrong of [{ secret: undefined }, { secret: state }, { service: 'gitlab' }, { state: secret }]) {
    await expect(spendBegunLogin(server.ctx, { ...right, ...wrong })).rejects.toEqual(gone);
  }
  const many = await Promise.allSettled([1, 2, 3].map(() => spendBegunLogin(server.ctx, right)));
  expect(many.filter(({ status }) => status === 'fulfilled')).toEqual([
    { status: 'fulfilled', value: redirectUrl },
  ]);
  const late = await begin();
  server.wait(10 * MINUTE);
  await expect(spendBegunLogin(server.ctx, { ...late, service: 'github' })).rejects.toEqual(gone);
});

test('a newcomer has an account when the code is redeemed, and waits where newcomers do', async () => {
  const server = await start();
  const code = await codeFor(server);
  const count = async () => (await server.ctx.db.selectFrom('users').select('id').execute()).length;
  const before = await count();
  const { body } = await redeem(server, code);
  expect(await count()).toBe(before + 1);
  expect(
    await server.call({ ...server.admin, uid: body.userId, token: body.loginToken }, 'GET', 'me'),
  ).toEqual(
    expect.objectContaining({ body: expect.objectContaining({ name: 'Octo Cat', isOAuthUser: true }) }),
  );
  await server.set('Accounts_ManuallyApproveNewUsers', true);
  const second = await issueLoginCode(server.ctx, { uid: undefined, identity: { ...OCTO, id: '43' } });
  expect(await redeem(server, second)).toEqual(NOT_ACTIVE);
  expect(await count()).toBe(before + 2);
  await server.set('Accounts_Registration_AuthenticationServices_Enabled', false);
  const third = await issueLoginCode(server.ctx, { uid: undefined, identity: { ...OCTO, id: '44' } });
  expect((await redeem(server, third)).body.errorType).toBe('registration-disabled-authentication-services');
});

test('whoever may no longer come in, does not', async () => {
  const server = await start();
  const alice = await linked(server);
  const code = await codeFor(server, alice);
  await server.set('Accounts_OAuth_Github', false);
  expect(await redeem(server, code)).toEqual(
    refused('No registered oauth service found for: github [403]', 403),
  );
  await server.set('Accounts_OAuth_Github', true);
  const activate = (activeStatus: boolean) =>
    server.call(server.admin, 'POST', 'users.setActiveStatus', { userId: alice.uid, activeStatus });
  await activate(false);
  expect(await redeem(server, code)).toEqual(NOT_ACTIVE);
  await activate(true);
  await server.set('Block_Multiple_Failed_Logins_Attempts_Until_Block_By_Ip', 1);
  expect((await redeem(server, code)).body.errorType).toBe('error-login-blocked-for-ip');
  await server.set('Block_Multiple_Failed_Logins_Enabled', false);
  expect(await redeem(server, code)).toEqual(OPENED);
});

test('a code does not stand for a second factor that was set up meanwhile', async () => {
  const { server, alice } = await withTotp();
  expect((await redeem(server, await codeFor(server, alice))).body).toMatchObject({
    success: false,
    errorType: 'totp-required',
  });
});

test('with whoever is deleted go their codes and challenges', async () => {
  const { server, alice, challenge } = await withTotp();
  const [code, challengeId] = [await codeFor(server, alice), await challenge()];
  await server.call(server.admin, 'POST', 'users.delete', { userId: alice.uid, confirmRelinquish: true });
  expect(await pending(server)).toEqual([]);
  expect(await redeem(server, code)).toEqual(INVALID_LOGIN_CODE);
  expect(await verify(server, challengeId, '123456')).toEqual(NOT_FOUND);
});

test('a challenge is met by a code of the app, once, and nothing more is asked for a while', async () => {
  const { server, alice, challenge, code } = await withTotp();
  const challengeId = await challenge();
  expect(await verify(server, challengeId, '000000')).toEqual(INVALID_CODE);
  expect(await mail(server, challengeId)).toEqual(OTHER_METHOD);
  // It is no login code either, however long.
  expect((await post(server, 'loginCode.redeem', { code: challengeId })).body.errorType).toBe(
    'error-invalid-params',
  );
  const { status, body } = await verify(server, challengeId, code());
  expect({ status, body }).toEqual({ ...OPENED, body: { ...OPENED.body, userId: alice.uid } });
  expect(await verify(server, challengeId, code())).toEqual(NOT_FOUND);
  const session = { ...alice, token: body.loginToken };
  const token = (tokenName: string) =>
    server.call(session, 'POST', 'users.generatePersonalAccessToken', { tokenName });
  expect((await token('a')).status).toBe(200);
  server.wait(HOUR);
  expect((await token('b')).body.errorType).toBe('totp-required');
});

test('backup codes meet a challenge, each once', async () => {
  const { server, challenge, codes } = await withTotp();
  const [backup = ''] = codes;
  expect(await verify(server, await challenge(), backup)).toEqual(OPENED);
  expect(await verify(server, await challenge(), backup)).toEqual(INVALID_CODE);
});

test('of many who meet a challenge at the same moment, one comes in', async () => {
  const { server, challenge, code, codes } = await withTotp();
  const first = await challenge();
  const one = await Promise.all([1, 2, 3].map(() => verify(server, first, code())));
  expect(one.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  // Also where each of them has a right code.
  const second = await challenge();
  const many = await Promise.all(codes.slice(0, 3).map((backup) => verify(server, second, backup)));
  expect(many.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
});

test('after too many wrong codes the challenge is gone', async () => {
  const { server, challenge, code } = await withTotp({
    settingOverrides: { Block_Multiple_Failed_Logins_Enabled: 'false' },
  });
  const challengeId = await challenge();
  for (let n = 0; n < 10; n += 1)
    expect(await verify(server, challengeId, `00000${n}`)).toEqual(INVALID_CODE);
  expect(await verify(server, challengeId, code())).toEqual(TOO_MANY);
  expect(await verify(server, challengeId, code())).toEqual(NOT_FOUND);
  expect(await pending(server)).toEqual([]);
});

test('a challenge is good for five minutes', async () => {
  const { server, challenge, code } = await withTotp();
  const challengeId = await challenge();
  server.wait(5 * MINUTE);
  expect(await verify(server, challengeId, code())).toEqual(EXPIRED);
  expect(await mail(server, challengeId)).toEqual(EXPIRED);
  await removeExpiredLogins(server.ctx);
  expect(await verify(server, challengeId, code())).toEqual(NOT_FOUND);
});

test('a challenge is about one account, which has to be active and to have the identity still', async () => {
  const { server, alice, challenge, code } = await withTotp();
  const challengeId = await challenge();
  const set = (active: boolean) =>
    server.call(server.admin, 'POST', 'users.setActiveStatus', { userId: alice.uid, activeStatus: active });
  await set(false);
  expect(await verify(server, challengeId, code())).toEqual(NOT_ACTIVE);
  await set(true);
  const { ctx } = server;
  await ctx.write((tx, emit) => changeUser(ctx, tx, emit, { uid: alice.uid, set: { identities: [] } }));
  expect(await verify(server, challengeId, code())).toEqual(NO_USER);
  expect(await ctx.db.selectFrom('external_identities').selectAll().execute()).toEqual([]);
});

test('a mailed code meets a challenge; another one is mailed on demand, at most one a minute', async () => {
  const { server, alice, challenge, mailed } = await withMails();
  const challengeId = await challenge();
  expect(await mail(server, challengeId)).toEqual({ status: 200, body: { success: true } });
  const first = await mailed();
  expect(await mail(server, challengeId)).toEqual({ status: 200, body: { success: true } });
  expect(await mailed()).toBe('');
  server.wait(MINUTE);
  await mail(server, challengeId);
  const second = await mailed();
  expect(await verify(server, challengeId, first === second ? '000-000' : first)).toEqual(INVALID_CODE);
  const { status, body } = await verify(server, challengeId, second);
  expect({ status, body }).toEqual({ ...OPENED, body: { ...OPENED.body, userId: alice.uid } });
  expect(await mail(server, challengeId)).toEqual(NOT_FOUND);
});

test('after too many wrong mailed codes the challenge is gone, too', async () => {
  const { server, challenge, mailed } = await withMails();
  const challengeId = await challenge();
  await mail(server, challengeId);
  const code = await mailed();
  const wrong = code === '000-000' ? '111-111' : '000-000';
  for (let n = 0; n < 4; n += 1) expect(await verify(server, challengeId, wrong)).toEqual(INVALID_CODE);
  expect(await verify(server, challengeId, wrong)).toEqual(TOO_MANY);
  expect(await verify(server, challengeId, code)).toEqual(NOT_FOUND);
});

test('no code is mailed to whoever is inactive or has given up codes by mail', async () => {
  const { server, alice, challenge, mailed } = await withMails();
  const challengeId = await challenge();
  await server.set('Accounts_TwoFactorAuthentication_By_Email_Enabled', false);
  expect(await mail(server, challengeId)).toEqual(OTHER_METHOD);
  await server.set('Accounts_TwoFactorAuthentication_By_Email_Enabled', true);
  const inactive = { userId: alice.uid, activeStatus: false };
  await server.call(server.admin, 'POST', 'users.setActiveStatus', inactive);
  await server.mails();
  expect(await mail(server, challengeId)).toEqual(NO_USER);
  expect(await mailed()).toBe('');
});
