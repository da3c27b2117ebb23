import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256hex } from '../../src/kernel/ids.ts';
import type { DdpClient } from '../support/ddp-client.ts';
import { sendForm, type TestFile } from '../support/files.ts';
import { type Answer, type Caller, type Person, startServer, type TestServer } from '../support/server.ts';
import { AUTH_REFUSALS } from './refusals/auth.ts';
import { CUSTOMIZATION_REFUSALS } from './refusals/customization.ts';
import { FIELD_REFUSALS } from './refusals/fields.ts';
import { IDS, PREPARED } from './refusals/prepared.ts';
import { PROFILE_REFUSALS } from './refusals/profiles.ts';
import type { Call, Given, Row, Who } from './refusals/refusal.ts';
import { ROLE_REFUSALS } from './refusals/roles.ts';
import { FACTOR_REFUSALS } from './refusals/second-factor.ts';
import { SETTING_REFUSALS } from './refusals/settings.ts';
import { Stored } from './refusals/stored.ts';
import { USER_REFUSALS } from './refusals/users.ts';
import { WORKSPACE_REFUSALS } from './refusals/workspace.ts';

/**
 * The failure rows of spec 20 to 23, endpoint by endpoint, each with its whole body, and that nothing is stored where
 * something is refused; and second factors over the socket. What needs a clock, mails or another server is tested where those endpoints are.
 */

let server: TestServer;
let people: Record<Exclude<Who, 'nobody'>, Person>;
let stored: Stored;
const ids = new Map<string, string>();

beforeAll(async () => {
  server = await startServer({
    // Outside of test mode there is one admin only. No limits, and no second factor but where it is always asked.
    testMode: false,
    settingDefaults: { API_Enable_Rate_Limiter: 'false', API_Embed: 'false' },
    createTokensSecret: 'of the operator',
  });
  stored = new Stored(server.server.ctx.db);
  const { admin } = server;
  people = {
    admin,
    alice: await server.person('alice'),
    bob: await server.person('bob'),
    gone: await server.person('gone'),
  };
  for (const [who, { uid }] of Object.entries(people)) ids.set(who, uid);
  for (const call of PREPARED) {
    const answer = await send(call);
    if (answer.status !== 200) throw new Error(`${call[1]}: ${JSON.stringify(answer.body)}`);
  }
  for (const [name, path, query, idOf] of IDS) {
    const { body } = await admin.get(path, query);
    ids.set(name, String(idOf(body)));
  }
});
afterAll(() => server.close());

/** Administrators of this workspace prove who they are with every change. */
const PROOF = { 'x-2fa-code': sha256hex('root-password'), 'x-2fa-method': 'password' };

/** With `$name` replaced by the id of that name. */
function named(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/\$(\w+)/g, (text, name: string) => ids.get(name) ?? text);
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, named(member)]));
}

function send([who, call, given]: Call, headers?: Record<string, string>): Promise<Answer> {
  const [verb, path = ''] = call.split(' ');
  const caller: Caller = who === 'nobody' ? server.anonymous : people[who];
  if (verb === 'FORM') {
    const { fields = {}, file } = given as { fields?: Record<string, string>; file?: TestFile };
    const person = who === 'nobody' ? undefined : people[who];
    return sendForm(server, person, path, {
      fields: named(fields) as Record<string, string>,
      files: file ? [file] : [],
    });
  }
  const params = named(given) as Record<string, unknown>;
  if (verb === 'GET') return caller.get(path, params, headers);
  if (verb === 'DELETE') return caller.delete(path, params);
  return caller.post(path, params, headers);
}

async function set(id: string, value: unknown): Promise<void> {
  expect((await server.admin.post(`settings/${id}`, { value }, PROOF)).body).toEqual({ success: true });
}

async function allow(_id: string, roles: readonly string[]): Promise<void> {
  const answer = await server.admin.post('permissions.update', { permissions: [{ _id, roles }] });
  expect(answer.status).toBe(200);
}

async function inWorkspace(
  { settings = {}, permissions = {}, before = [] }: Given,
  work: () => Promise<void>,
): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  for (const [id, value] of Object.entries(settings)) {
    const old = server.server.ctx.settings.value(id);
    undo.push(() => set(id, old));
    await set(id, value);
  }
  for (const [id, roles] of Object.entries(permissions)) {
    const old = server.server.ctx.permissions.rolesOf(id);
    undo.push(() => allow(id, old));
    await allow(id, roles);
  }
  try {
    for (const call of before) await send(call);
    await work();
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

const shown = ([who, call, params, , given]: Row): string => {
  const text = JSON.stringify(params, (_, value) => (value?.bytes === undefined ? value : value.name));
  return [who, call, text, ...(given ? [JSON.stringify(given)] : [])].join(' ').slice(0, 300);
};

describe.each([
  ['20, login, tokens, registration', AUTH_REFUSALS],
  ['20, second factors', FACTOR_REFUSALS],
  ['20 and 21, what fields must be', FIELD_REFUSALS],
  ['21, accounts', USER_REFUSALS],
  ['21, profiles', PROFILE_REFUSALS],
  ['22, roles and permissions', ROLE_REFUSALS],
  ['22, settings', SETTING_REFUSALS],
  ['23, emoji, sounds, statuses, assets', CUSTOMIZATION_REFUSALS],
  ['23, the rest', WORKSPACE_REFUSALS],
])('spec %s', (_, rows) => {
  test.each(rows.map((row): [string, Row] => [shown(row), row]))('%s', (_, row) => {
    const [who, call, params, refused, given = {}] = row;
    return inWorkspace(given, async () => {
      const before = await stored.now();
      const { status, body } = await send([who, call, params], given.headers);
      expect({ status, body }).toEqual({ status: refused.status, body: named(refused.body) });
      expect(await stored.now()).toEqual(before);
    });
  });
});

describe('spec 40 §4.4: a second factor, here the password, over the socket and over HTTP', () => {
  const REMEMBER_FOR = 'Accounts_TwoFactorAuthentication_RememberFor';
  const details = { method: 'password', codeGenerated: false, availableMethods: [] };
  const required = { error: 'totp-required', reason: 'TOTP Required', details };
  const invalid = { error: 'totp-invalid', reason: 'TOTP Invalid', details };
  // Somebody whose wrong codes the rows above have not used up.
  let carol: Person;
  let socket: DdpClient;

  beforeAll(async () => {
    carol = await server.person('carol');
    socket = await carol.ddp();
    await set(REMEMBER_FOR, 0);
  });
  afterAll(() => set(REMEMBER_FOR, 1800));

  test.each<[method: string, ...params: unknown[]]>([
    ['saveSetting', 'Site_Name', 'x', 'string'],
    ['saveSettings', [{ _id: 'Site_Name', value: 'x' }]],
    ['saveUserProfile', { newPassword: 'another' }],
    ['saveUserProfile', { email: 'another@example.org' }],
    ['e2e.resetOwnE2EKey'],
    ['personalAccessTokens:generateToken', { tokenName: 'x' }],
    ['personalAccessTokens:regenerateToken', { tokenName: 'x' }],
    ['personalAccessTokens:removeToken', { tokenName: 'x' }],
    ['authorization:addPermissionToRole', 'create-c', 'guest'],
    ['authorization:removeRoleFromPermission', 'create-c', 'guest'],
    ['authorization:addUserToRole', 'bot', 'alice'],
    ['authorization:removeUserFromRole', 'bot', 'alice'],
    ['addOAuthService', 'x'],
    ['removeOAuthService', 'x'],
    ['refreshOAuthService'],
  ])('%s asks for it before anything else', async (method, ...params) => {
    await expect(socket.call(method, ...params)).rejects.toMatchObject(required);
  });

  test('a wrong code is told, the right one is the last parameter of the same call', async () => {
    const generate = (code: string) =>
      socket.call(
        'personalAccessTokens:generateToken',
        { tokenName: 'over the socket' },
        { twoFactorCode: code, twoFactorMethod: 'password' },
      );
    await expect(generate(sha256hex('wrong'))).rejects.toMatchObject(invalid);
    expect(await generate(sha256hex('carol-password'))).toEqual(expect.any(String));
  });

  test('over HTTP it is in the headers; errors are inside the message, with status 200', async () => {
    const call = { msg: 'method', id: '7', method: 'personalAccessTokens:generateToken' };
    const message = JSON.stringify({ ...call, params: [{ tokenName: 'over HTTP' }] });
    const send = async (headers: Record<string, string>) => {
      const path = 'method.call/personalAccessTokens:generateToken';
      const { status, body } = await carol.post(path, { message }, headers);
      expect({ status, body }).toEqual({
        status: 200,
        body: { message: expect.any(String), success: true },
      });
      return JSON.parse(body.message);
    };
    const failed = ({ error, reason }: typeof required) => ({
      msg: 'result',
      id: '7',
      error: {
        ...{ isClientSafe: true, error, reason, message: `${reason} [${error}]`, details },
        errorType: 'Meteor.Error',
      },
    });
    const given = (code: string) => ({ 'x-2fa-code': sha256hex(code), 'x-2fa-method': 'password' });
    expect(await send({})).toEqual(failed(required));
    expect(await send(given('wrong'))).toEqual(failed(invalid));
    expect(await send(given('carol-password'))).toEqual({
      ...{ msg: 'result', id: '7', result: expect.any(String) },
    });
  });
});
