import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAccounts } from '../../../test/support/accounts-server.ts';
import { identityOfTokens } from './identity-of-service.ts';
import { findLoginService } from './login-service.ts';
import { SERVICES } from './service-table.ts';

/** What each service that the release knows says of a person, as its documentation shows it, and what is made of that. */

let http: Server;
let url: string;
const answers = new Map<string, unknown>();

beforeAll(async () => {
  http = createServer(({ url: path = '', headers }, response) => {
    const body = headers.authorization === 'Bearer a-token' ? answers.get(path) : undefined;
    response.writeHead(body === undefined ? 401 : 200).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterAll(() => {
  http.close();
});

const EMAILS = [
  { email: 'second@example.com', primary: false, verified: true },
  { email: 'octo@example.com', primary: true, verified: true },
];
const PICTURE = 'https://pictures.example.com/octo.png';
const GITHUB = {
  id: 583231,
  login: 'octocat',
  name: 'Octo Cat',
  email: 'shown@example.com',
  avatar_url: PICTURE,
};
const OCTO = {
  id: '583231',
  username: 'octocat',
  name: 'Octo Cat',
  email: 'octo@example.com',
  emailVerified: true,
  picture: PICTURE,
};

const SAID: Record<string, { page: unknown; emails?: unknown; identity: object }> = {
  facebook: {
    page: { id: '10', name: 'Fay', email: 'fay@example.com' },
    identity: { id: '10', name: 'Fay', email: 'fay@example.com', emailVerified: undefined },
  },
  github: { page: GITHUB, emails: EMAILS, identity: OCTO },
  github_enterprise: {
    page: GITHUB,
    emails: [{ email: 'octo@example.com', primary: true, verified: false }],
    identity: { ...OCTO, emailVerified: false },
  },
  gitlab: {
    page: {
      id: 7,
      username: 'gil',
      name: 'Gil',
      email: 'gil@example.com',
      avatar_url: 'data:image/png,x',
      confirmed_at: '2012-05-23T09:05:22.000Z',
    },
    identity: {
      id: '7',
      username: 'gil',
      name: 'Gil',
      email: 'gil@example.com',
      emailVerified: true,
      picture: undefined,
    },
  },
  google: {
    page: { sub: '110', name: 'Gus', email: 'gus@gmail.com', email_verified: true },
    identity: { id: '110', username: undefined, name: 'Gus', email: 'gus@gmail.com', emailVerified: true },
  },
  linkedin: {
    page: { sub: '78', name: 'Lin', email: 'lin@example.com', email_verified: 'true' },
    identity: { id: '78', name: 'Lin', email: 'lin@example.com', emailVerified: true },
  },
  'meteor-developer': {
    page: {
      id: 'm1',
      username: 'mia',
      emails: [{ address: 'mia@example.com', verified: false, primary: true }],
    },
    identity: { id: 'm1', username: 'mia', email: 'mia@example.com', emailVerified: false },
  },
  wordpress: {
    page: { ID: 5, user_login: 'wes', display_name: 'Wes', user_email: 'wes@example.com' },
    identity: { id: '5', username: 'wes', name: 'Wes', email: 'wes@example.com', emailVerified: undefined },
  },
  drupal: {
    page: { sub: '3', name: 'dru', email: 'dru@example.com', email_verified: true },
    identity: { id: '3', username: 'dru', email: 'dru@example.com', emailVerified: true },
  },
  nextcloud: {
    page: { ocs: { data: { id: 'nat', 'display-name': 'Nat', email: 'nat@example.com' } } },
    identity: { id: 'nat', username: 'nat', name: 'Nat', email: 'nat@example.com', emailVerified: undefined },
  },
};

test('every service is here', () => {
  expect(Object.keys(SAID)).toEqual(SERVICES.map(({ service }) => service));
});

test.each(Object.entries(SAID))('%s', async (service, { page, emails, identity }) => {
  const description = SERVICES.find((known) => known.service === service);
  const server = await startAccounts({
    outboundAllow: ['127.0.0.1'],
    settingDefaults: { [`Accounts_OAuth_${description?.setting}`]: 'true', API_Wordpress_URL: url },
  });
  const login = findLoginService(server.ctx.settings, service);
  if (!login) throw new Error(`${service} is not switched on`);
  answers.set('/identity', page).set('/emails', emails);
  const paths = { ...login.paths, identity: '/identity', ...(emails ? { emails: '/emails' } : {}) };
  const said = await identityOfTokens(
    server.ctx,
    { ...login, server: url, paths },
    { accessToken: 'a-token' },
  );
  expect(said).toMatchObject({ service, ...identity });
});
