import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type ConfigChanges, testConfig } from '../config/defaults.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { permissionsOver } from '../kernel/permissions.ts';
import { settingsOver } from '../kernel/settings.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { createRestServer, type RestServerDeps } from './server.ts';

/** For the tests of this folder: a REST server without a database, with a clock that stands still. */
export interface FakeServerInput {
  endpoints: Endpoint[];
  settings?: Record<string, unknown>;
  permissions?: Record<string, string[]>;
  config?: ConfigChanges;
  checkSecondFactor?: RestServerDeps['checkSecondFactor'];
}

export const alice: Caller = person('alice', ['user']);
const bob = person('bob', ['user']);
export const admin: Caller = person('admin', ['admin']);
/** Has not chosen a username yet. */
export const newcomer: Caller = { ...person('newcomer', ['user']), username: undefined };

export const aliceHeaders = headersOf(alice);
export const bobHeaders = headersOf(bob);
export const adminHeaders = headersOf(admin);
export const newcomerHeaders = headersOf(newcomer);

function person(name: string, roles: string[]): Caller {
  const rest = { tokenHash: `${name}-hash`, bypassTwoFactor: false, ip: '', userAgent: '' };
  return { uid: `${name}-id`, username: name, name, roles, ...rest };
}

function headersOf({ uid }: Caller): Record<string, string> {
  return { 'x-user-id': uid, 'x-auth-token': `token-of-${uid}` };
}

export function createFakeServer(input: FakeServerInput) {
  const settings: Record<string, unknown> = { API_Enable_Rate_Limiter: true, ...input.settings };
  const clock = { time: 1_700_000_000_000 };
  const log: Record<string, unknown>[] = [];
  const permissions = { 'api-bypass-rate-limit': ['admin'], ...input.permissions };
  const anonymous = { allowed: false };
  const ctx = {
    config: testConfig(input.config),
    log: pino({ level: 'error' }, { write: (line: string) => log.push(JSON.parse(line)) }),
    clock: { now: () => clock.time, stamp: () => clock.time },
    settings: settingsOver((id) => settings[id]),
    permissions: permissionsOver(
      new Map(Object.entries(permissions).map(([id, roles]) => [id, new Set(roles)])),
    ),
    // The REST core itself never touches the database or the events.
  } as unknown as Context;
  const people = new Map([alice, bob, admin, newcomer].map((caller) => [caller.uid, caller]));
  const app = createRestServer({
    ctx,
    endpoints: input.endpoints,
    async authenticate(uid, token, client) {
      const caller = people.get(uid);
      return caller && token === `token-of-${uid}` ? { ...caller, ...client } : null;
    },
    checkSecondFactor: input.checkSecondFactor ?? (async () => undefined),
    anonymousAllowed: () => anonymous.allowed,
  });
  return { app, settings, clock, log, anonymous };
}

/** A fake server for the running test, closed when the test ends. */
export function serve(endpoints: Endpoint[], input: Omit<FakeServerInput, 'endpoints'> = {}) {
  const server = createFakeServer({ endpoints, ...input });
  onTestFinished(() => server.app.close());
  return server;
}

export function get(path: string, auth: Endpoint['auth'], handler: () => object | undefined): Endpoint {
  return endpoint({ method: 'GET', path, summary: path, auth, handler });
}

/** `POST echo` answers with what arrived. */
export const echo = endpoint({
  method: 'POST',
  path: 'echo',
  summary: 'Echo',
  auth: 'none',
  handler: (_, { body, query, params }) => ({ body, query, params }),
});

export function postJson(url: string, payload: string, headers: Record<string, string> = {}) {
  return {
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  } as const;
}
