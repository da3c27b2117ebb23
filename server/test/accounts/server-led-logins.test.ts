import { TOTP } from 'otpauth';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newToken } from '../../src/kernel/ids.ts';
import { type MailSink, startMailSink } from '../support/mail-sink.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Logins in which the server leads the browser to a real OpenID provider and back, and what clients do with the outcome. */

let server: TestServer;
let provider: OpenIdProvider;
let sink: MailSink;
const ACME = 'Accounts_OAuth_Custom-Acme';

beforeAll(async () => {
  sink = await startMailSink();
  server = await startServer({
    // Second factors are on.
    testMode: false,
    outboundAllow: ['127.0.0.1'],
    settingDefaults: {
      API_Enable_Rate_Limiter: 'false',
      API_Embed: 'false',
      SMTP_Port: String(sink.port),
      Device_Management_Enable_Login_Emails: 'false',
      Accounts_TwoFactorAuthentication_By_Email_Auto_Opt_In: 'false',
    },
  });
  await set('Site_Url', server.url);
  provider = await startOpenIdProvider([`${server.url}/_oauth/acme`]);
  await server.admin.post('settings.addCustomOAuth', { name: 'acme' });
  await set(`${ACME}-url`, provider.url);
  await set(`${ACME}-authorize_path`, '/auth');
  await set(`${ACME}-token_path`, '/token');
  await set(`${ACME}-scope`, 'openid email profile');
  await set(`${ACME}-id`, provider.clientId);
  await set(`${ACME}-secret`, provider.clientSecret);
  await set(ACME, true);
});
afterAll(async () => {
  await server.close();
  await provider.close();
  await sink.close();
});

async function set(id: string, value: unknown) {
  const { status, body } = await server.admin.post(`settings/${id}`, { value });
  if (status !== 200) throw new Error(`${id} was not set: ${JSON.stringify(body)}`);
}

/** Keeps the cookies of the workspace, as one browser. */
class Browser {
  readonly cookies = new Map<string, string>();
  /** As the server sends them. */
  readonly sent: string[] = [];

  async open(address: string) {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const answer = await fetch(address, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      this.sent.push(line);
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const { status, headers } = answer;
    return { status, headers, html: await answer.text(), location: headers.get('location') ?? '' };
  }
}

const pageOf = (redirectUrl?: string, service = 'acme') =>
  `${server.url}/_oauth/${service}/login${redirectUrl === undefined ? '' : `?${new URLSearchParams({ redirectUrl })}`}`;

/** To the provider and through it; answers the address at which the browser comes back. */
async function goThrough(browser: Browser, redirectUrl?: string): Promise<string> {
  const { status, location } = await browser.open(pageOf(redirectUrl));
  expect(status).toBe(302);
  return provider.visit(location);
}

/** The whole way, as somebody; answers where the browser is in the end. */
async function comeIn(person: OpenIdProvider['person'], redirectUrl?: string): Promise<URL> {
  provider.person = person;
  const browser = new Browser();
  const { status, location } = await browser.open(await goThrough(browser, redirectUrl));
  expect(status).toBe(302);
  return new URL(location);
}

const codeIn = (address: URL) => address.searchParams.get('loginCode') ?? '';
const redeem = (code: string) => server.anonymous.post('loginCode.redeem', { code });
const verify = (challengeId: string | null, code: string) =>
  server.anonymous.post('twoFactorChallenges.verifyChallenge', { challengeId, code });

const me = async ({ userId, loginToken }: { userId: string; loginToken: string }) =>
  (await server.anonymous.get('me', {}, { 'x-user-id': userId, 'x-auth-token': loginToken })).body;

test('the browser is led to the provider with a state and a cookie of its own', async () => {
  const browser = new Browser();
  const { status, headers, location } = await browser.open(pageOf());
  expect(status).toBe(302);
  const page = new URL(location);
  expect(`${page.origin}${page.pathname}`).toBe(`${provider.url}/auth`);
  expect(Object.fromEntries(page.searchParams)).toEqual({
    client_id: provider.clientId,
    redirect_uri: `${server.url}/_oauth/acme`,
    response_type: 'code',
    scope: 'openid email profile',
    state: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  const state = page.searchParams.get('state');
  expect(browser.sent).toEqual([
    expect.stringMatching(
      new RegExp(`^gantry-login-${state}=[\\w-]{43}; Path=/_oauth; Max-Age=600; HttpOnly; SameSite=Lax$`),
    ),
  ]);
});

test('a newcomer comes back to the root of the workspace with a code, and logs in with it once', async () => {
  const address = await comeIn({ sub: 'ada-1', name: 'Ada', email: 'ada@example.com', email_verified: true });
  expect(address.href).toMatch(new RegExp(`^${server.url}/\\?loginCode=[\\da-f]{64}$`));
  const { status, body } = await redeem(codeIn(address));
  expect({ status, body }).toEqual({
    status: 200,
    body: { loginToken: expect.any(String), userId: expect.any(String), success: true },
  });
  expect(await me(body)).toMatchObject({ _id: body.userId, name: 'Ada', isOAuthUser: true });
  const used = await redeem(codeIn(address));
  expect({ status: used.status, body: used.body }).toEqual({
    status: 400,
    body: { success: false, error: 'error-invalid-code' },
  });
  const again = await redeem(codeIn(await comeIn({ sub: 'ada-1' })));
  expect(again.body.userId).toBe(body.userId);
});

test('the browser goes on to the page of the client, whose address keeps what it had', async () => {
  const page = `${server.url}/home?a=b%20c&flag&d=%C3%A4#room=1?x`;
  const address = await comeIn({ sub: 'ada-1' }, page);
  expect(address.href).toBe(`${server.url}/home?a=b%20c&flag&d=%C3%A4&loginCode=${codeIn(address)}#room=1?x`);
  // The outcome of a login before is not taken for that of this one.
  const stale = `${server.url}/home?loginCode=${'0'.repeat(64)}&challengeId=x&method=totp&kept=1`;
  const next = await comeIn({ sub: 'ada-1' }, stale);
  expect([...next.searchParams.keys()]).toEqual(['kept', 'loginCode']);
  expect((await redeem(codeIn(next))).status).toBe(200);
});

test.each([
  ['another site', 'https://evil.example/'],
  ['another site that names ours', 'https://evil.example/?OWN'],
  ['another site of the same protocol', '//evil.example/'],
  ['a path', '/home'],
  ['a script', 'javascript:alert(1)'],
  ['nothing', ''],
  ['a site whose name begins as ours', 'OWN.evil.example/'],
  ['a site where ours is a user', 'OWN@evil.example/'],
  ['a blob', 'blob:OWN/x'],
  ['an endless address', `OWN/${'x'.repeat(2100)}`],
])('no login begins that would end at %s', async (_, redirectUrl) => {
  const browser = new Browser();
  const { status, html } = await browser.open(pageOf(redirectUrl.replace('OWN', server.url)));
  expect(status).toBe(400);
  expect(html).toContain('The login would end at an address that is not one of this workspace');
  expect(browser.sent).toEqual([]);
});

test('no login begins at a service that is not there, is switched off, or has no address', async () => {
  const statusOf = async (service: string) => (await new Browser().open(pageOf(undefined, service))).status;
  expect(await statusOf('nobody')).toBe(404);
  await set(ACME, false);
  expect(await statusOf('acme')).toBe(404);
  await set(ACME, true);
  await set('Accounts_OAuth_Drupal', true);
  await set('API_Drupal_URL', '');
  expect(await statusOf('drupal')).toBe(502);
  await set('Accounts_OAuth_Drupal', false);
});

test('services that the release knows are asked for what they need', async () => {
  await set('Accounts_OAuth_Linkedin', true);
  await set('Accounts_OAuth_Github', true);
  const queryOf = async (service: string) => {
    const { location } = await new Browser().open(pageOf(undefined, service));
    return Object.fromEntries(new URL(location).searchParams);
  };
  const linkedin = await queryOf('linkedin');
  expect(linkedin.scope).toBe('openid profile email');
  // It refuses whoever brings a verifier.
  expect(linkedin).not.toHaveProperty('code_challenge');
  expect(await queryOf('github')).toMatchObject({ scope: 'user:email', code_challenge_method: 'S256' });
  await set('Accounts_OAuth_Linkedin', false);
  await set('Accounts_OAuth_Github', false);
});

test('only the browser that began a login comes to its end, and once', async () => {
  provider.person = { sub: 'ada-1' };
  const [own, foreign] = [new Browser(), new Browser()];
  const back = await goThrough(own);
  await goThrough(foreign);
  for (const browser of [new Browser(), foreign]) {
    const { status, html, location } = await browser.open(back);
    expect({ status, location }).toEqual({ status: 400, location: '' });
    expect(html).toContain('This login was not begun by this browser, or too long ago');
  }
  const tampered = new URL(back);
  tampered.searchParams.set('state', newToken());
  expect((await own.open(tampered.href)).status).toBe(400);
  const elsewhere = new URL(back);
  elsewhere.pathname = '/_oauth/other';
  expect((await own.open(elsewhere.href)).status).toBe(404);
  // Nothing of that has used it up.
  const { status, headers } = await own.open(back);
  expect(status).toBe(302);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(own.cookies.size).toBe(0);
  expect((await own.open(back)).status).toBe(400);
});

test('several logins of one browser at once do not disturb each other', async () => {
  provider.person = { sub: 'ada-1' };
  const browser = new Browser();
  const [first, second] = [await goThrough(browser), await goThrough(browser)];
  expect((await browser.open(first)).status).toBe(302);
  expect((await browser.open(second)).status).toBe(302);
});

test('the code of the provider is of use only with the verifier of this login', async () => {
  provider.person = { sub: 'ada-1' };
  const [mallory, victim] = [new Browser(), new Browser()];
  const stolen = new URL(await goThrough(victim)).searchParams.get('code') ?? '';
  const own = new URL(await goThrough(mallory));
  own.searchParams.set('code', stolen);
  expect((await mallory.open(own.href)).status).toBe(502);
});

test('a login that is cancelled at the provider ends on a page that says so', async () => {
  const browser = new Browser();
  const { location } = await browser.open(pageOf());
  const state = new URL(location).searchParams.get('state');
  const back = `${server.url}/_oauth/acme?error=access_denied&state=${state}`;
  const cancelled = await browser.open(back);
  expect(cancelled.status).toBe(400);
  expect(cancelled.html).toContain('The login was cancelled');
});

test('what keeps somebody out is said before a code is made', async () => {
  provider.person = { sub: 'eve-1', name: 'Eve' };
  const { userId } = (await redeem(codeIn(await comeIn({ sub: 'eve-1' })))).body;
  await server.admin.post('users.setActiveStatus', { userId, activeStatus: false });
  const refusedPage = async (sub: string, more = {}) => {
    provider.person = { sub, ...more };
    const browser = new Browser();
    const { status, html } = await browser.open(await goThrough(browser));
    expect(status).toBe(400);
    return /role="alert">([^<]*)/.exec(html)?.[1];
  };
  expect(await refusedPage('eve-1')).toBe('User is not activated.');
  await server.person('carl');
  expect(await refusedPage('mallory', { email: 'carl@example.com' })).toBe('Email already exists.');
  await set('Accounts_Registration_AuthenticationServices_Enabled', false);
  expect(await refusedPage('newcomer')).toBe('User registration is disabled for authentication services.');
  await set('Accounts_Registration_AuthenticationServices_Enabled', true);
});

test('whoever is deactivated meanwhile does not come in', async () => {
  const code = codeIn(await comeIn({ sub: 'ada-1' }));
  const { userId } = (await redeem(codeIn(await comeIn({ sub: 'ada-1' })))).body;
  await server.admin.post('users.setActiveStatus', { userId, activeStatus: false });
  expect((await redeem(code)).body).toMatchObject({
    success: false,
    errorType: 'error-user-is-not-activated',
  });
  await server.admin.post('users.setActiveStatus', { userId, activeStatus: true });
});

test('somebody with an authenticator app comes back with a challenge, before anything is linked', async () => {
  const bob = await server.person('bob');
  const { secret } = (await bob.post('users.enableTotp')).body;
  const codeAt = (timestamp: number) => new TOTP({ secret }).generate({ timestamp });
  const { codes } = (await bob.post('users.validateTotp', { code: codeAt(Date.now()) })).body;
  const person = { sub: 'bob-1', email: 'bob@example.com', email_verified: true };
  const address = await comeIn(person, `${server.url}/home`);
  expect([...address.searchParams.keys()]).toEqual(['challengeId', 'method']);
  expect(address.searchParams.get('method')).toBe('totp');
  const challengeId = address.searchParams.get('challengeId');
  const wrong = await verify(challengeId, '000000');
  expect({ status: wrong.status, body: wrong.body }).toEqual({
    status: 400,
    body: { success: false, error: 'Invalid code', errorType: 'error-invalid-code' },
  });
  expect((await bob.get('me')).body.isOAuthUser).toBe(false);
  const { body } = await verify(challengeId, codes[0]);
  expect(body).toEqual({ loginToken: expect.any(String), userId: bob.uid, success: true });
  expect(await me(body)).toMatchObject({ username: 'bob', isOAuthUser: true });
});

test('somebody with codes by mail gets one at once, and another on demand', async () => {
  const cora = await server.person('cora');
  await set('SMTP_Host', '127.0.0.1');
  await cora.post('users.2fa.enableEmail');
  await set('Accounts_twoFactorAuthentication_email_available_for_OAuth_users', true);
  const person = { sub: 'cora-1', email: 'cora@example.com', email_verified: true };
  const address = await comeIn(person);
  expect(address.searchParams.get('method')).toBe('email');
  const challengeId = address.searchParams.get('challengeId');
  const mail = await sink.next();
  expect(mail).toMatchObject({ to: ['cora@example.com'], subject: 'Authentication code' });
  const [code = ''] = /\d{3}-\d{3}/.exec(mail.text) ?? [];
  const more = await server.anonymous.post('twoFactorChallenges.sendEmailCode', { challengeId });
  expect({ status: more.status, body: more.body }).toEqual({ status: 200, body: { success: true } });
  const { body } = await verify(challengeId, code);
  expect(body).toMatchObject({ userId: cora.uid, success: true });
  expect((await verify(challengeId, code)).body.errorType).toBe('error-challenge-not-found');
});

test('behind HTTPS and a path of its own, the cookie is for both', async () => {
  await set('Site_Url', 'https://chat.example.org/team');
  const browser = new Browser();
  const { location } = await browser.open(pageOf());
  await set('Site_Url', server.url);
  expect(new URL(location).searchParams.get('redirect_uri')).toBe(
    'https://chat.example.org/team/_oauth/acme',
  );
  expect(browser.sent[0]).toMatch(/; Path=\/team\/_oauth; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/);
});

test('whoever begins too often has to wait', async () => {
  const strict = await startServer({ testMode: false });
  onTestFinished(() => strict.close());
  const statuses: number[] = [];
  for (let call = 0; call < 61; call += 1)
    statuses.push((await fetch(`${strict.url}/_oauth/unknown/login`)).status);
  expect(statuses).toEqual([...Array(60).fill(404), 429]);
});
