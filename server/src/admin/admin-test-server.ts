import { pino } from 'pino';
import { testDatabase } from '../../test/support/test-database.ts';
import { storeNewUser } from '../accounts/change-user.ts';
import { callerFor, loadUser } from '../accounts/find-users.ts';
import { newUser } from '../accounts/new-user.ts';
import type { User } from '../accounts/user.ts';
import { type ConfigChanges, testConfig } from '../config/defaults.ts';
import type { Context } from '../context.ts';
import { noBlobs } from '../files/test-no-blobs.ts';
import { noScripts } from '../integrations/scripts/test-no-scripts.ts';
import type { Caller } from '../kernel/caller.ts';
import { systemClock } from '../kernel/clock.ts';
import { createEventBus } from '../kernel/events.ts';
import { noNames } from '../outbound/test-no-names.ts';
import type { Streams } from '../realtime/declarations.ts';
import { decode } from '../realtime/ejson.ts';
import { createDispatcher } from '../realtime/methods.ts';
import { RateLimits } from '../realtime/rate-limits.ts';
import { createRestServer } from '../rest/server.ts';
import { openStorage, type Storage } from '../storage/database.ts';
import { createWriter } from '../storage/write.ts';
import { adminMethods, adminStreams, wireAdminEvents } from './admin.ddp.ts';
import { type AdminState, loadAdminState } from './admin-state.ts';
import { infoEndpoints } from './info.rest.ts';
import { permissionsEndpoints } from './permissions.rest.ts';
import { rolesEndpoints } from './roles.rest.ts';
import { settingsEndpoints } from './settings.rest.ts';

/** For the tests of this folder: the doors of the admin feature over a real storage in memory, without sockets. */

const CLIENT = { ip: '10.0.0.1', userAgent: 'test' };
const log = pino({ level: 'silent' });

/** When these workspaces were created. */
export const CREATED = Date.parse('2026-01-01T00:00:00.000Z');

export interface Sent {
  stream: string;
  event: string;
  args: readonly unknown[];
}

export interface AdminServer {
  ctx: Context;
  state: AdminState;
  /** What the streams sent, in order; `private-settings-changed` only as an administrator receives it. */
  sent: Sent[];
  addUser(username: string, roles: string[]): Promise<User>;
  callerOf(user: User): Promise<Caller>;
  get(user: User | null, path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  post(
    user: User | null,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  /** The decoded `result` message of a method. */
  method(user: User | null, name: string, ...params: unknown[]): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function openTestStorage(): Promise<Storage> {
  const database = await testDatabase();
  const storage = await openStorage({ dataDir: '', log, ...database.options });
  const close = async () => {
    await storage.close();
    await database.drop();
  };
  return new Proxy(storage, {
    get: (target, name) => {
      if (name === 'close') return close;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Starts at the time `at`, over `storage` or a new one; a second start over the same storage is a restart. */
export async function startAdmin(
  changes: ConfigChanges = {},
  storage?: Storage,
  at: number = CREATED,
): Promise<AdminServer> {
  const store = storage ?? (await openTestStorage());
  const config = testConfig({ testMode: true, rootUrl: 'https://chat.example.org', ...changes });
  let now = at;
  const clock = systemClock(() => now);
  const events = createEventBus((error) => {
    throw error;
  });
  const parts = {
    config,
    db: store.db,
    write: createWriter(store, events),
    clock,
    events,
    tell: events.publish,
  };
  const state = await loadAdminState(parts);
  // Whatever a test does happens later than the creation.
  now += 60_000;
  const { settings, permissions } = state;
  const ctx: Context = {
    ...{ ...parts, log, settings, permissions },
    ...{ blobs: noBlobs, scripts: noScripts, names: noNames },
  };

  const sent: Sent[] = [];
  const streams = recordingStreams(sent);
  wireAdminEvents(ctx, streams);
  const tokenOwner = async (uid: string): Promise<Caller | null> => {
    const user = await loadUser(ctx.db, uid);
    return user ? callerFor(user, CLIENT) : null;
  };
  const app = createRestServer({
    ctx,
    endpoints: [...settingsEndpoints({}), ...permissionsEndpoints, ...rolesEndpoints, ...infoEndpoints],
    authenticate: tokenOwner,
    checkSecondFactor: async () => {},
    anonymousAllowed: () => false,
  });
  const dispatcher = createDispatcher({
    ctx,
    methods: adminMethods,
    declarations: new Map(adminStreams.map((stream) => [stream.name, stream])),
    limits: new RateLimits(ctx),
    checkSecondFactor: () => {},
  });

  async function call(user: User | null, method: 'GET' | 'POST', path: string, payload?: object) {
    const headers = user ? { 'x-user-id': user._id, 'x-auth-token': 'token' } : {};
    const url = path.startsWith('/') ? path : `/api/v1/${path}`;
    const response = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
  }

  return {
    ctx,
    state,
    sent,
    async addUser(username, roles) {
      const user = newUser(ctx, { username, name: `${username} name`, roles });
      await ctx.write((tx, emit) => storeNewUser(tx, emit, user, undefined));
      return user;
    },
    callerOf: async (user) => callerFor((await loadUser(ctx.db, user._id)) ?? user, CLIENT),
    get: (user, path) => call(user, 'GET', path),
    post: (user, path, body = {}) => call(user, 'POST', path, body),
    async method(user, method, ...params) {
      const caller = user ? await tokenOwner(user._id) : null;
      const text = await dispatcher.answer({ id: '1', method, params, caller, connection: null, ...CLIENT });
      return decode(text) as Record<string, unknown>;
    },
    async close() {
      await app.close();
      if (!storage) await store.close();
    },
  };
}

function recordingStreams(sent: Sent[]): Streams {
  const admin: Caller = {
    uid: 'somebody',
    username: 'somebody',
    name: undefined,
    roles: ['admin'],
    tokenHash: undefined,
    bypassTwoFactor: false,
    ...CLIENT,
  };
  return {
    emit: (stream, event, args) => sent.push({ stream, event, args }),
    emitPerCaller(stream, event, argsFor) {
      const args = argsFor(admin);
      if (args) sent.push({ stream, event, args });
    },
    emitToUsers: () => {},
    beforeWriting: (send) => send(),
    hasListeners: () => true,
    dropSubscriptions: () => {},
    recheck: async () => {},
    connectionsOf: () => [],
    connections: () => [],
  };
}
