import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { accountMethods } from '../../src/accounts/accounts.ddp.ts';
import { accountJobs } from '../../src/accounts/accounts.jobs.ts';
import { accountEndpoints } from '../../src/accounts/accounts.rest.ts';
import { createAuthenticator } from '../../src/accounts/authenticate.ts';
import { bootstrapAccounts } from '../../src/accounts/bootstrap.ts';
import { Presence } from '../../src/accounts/presence.ts';
import { NO_ROOMS, type RoomHooks } from '../../src/accounts/room-hooks.ts';
import { checkSecondFactor, secondFactorFromHeaders } from '../../src/accounts/two-factor.ts';
import { loadAdminState } from '../../src/admin/admin-state.ts';
import { storeSetting } from '../../src/admin/change-settings.ts';
import type { SettingValue } from '../../src/admin/setting-definition.ts';
import { type ConfigChanges, testConfig } from '../../src/config/defaults.ts';
import type { Context } from '../../src/context.ts';
import { noBlobs } from '../../src/files/test-no-blobs.ts';
import { noScripts } from '../../src/integrations/scripts/test-no-scripts.ts';
import { type Job, jobHandler } from '../../src/jobs/job.ts';
import { JobRunner } from '../../src/jobs/run-jobs.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { EventName, Events } from '../../src/kernel/events.ts';
import { createEventBus } from '../../src/kernel/events.ts';
import type { Mail } from '../../src/mail/mail.ts';
import { noNames } from '../../src/outbound/test-no-names.ts';
import { decode } from '../../src/realtime/ejson.ts';
import { createDispatcher } from '../../src/realtime/methods.ts';
import { RateLimits } from '../../src/realtime/rate-limits.ts';
import { createRestServer } from '../../src/rest/server.ts';
import { openStorage } from '../../src/storage/database.ts';
import { createWriter } from '../../src/storage/write.ts';
import { testDatabase } from './test-database.ts';

/** The account doors over a real storage in memory, with a clock that tests move; without sockets and rooms. */
export interface AccountsServer {
  ctx: Context;
  presence: Presence;
  /** Notes in `asked` what it is asked. */
  rooms: RoomHooks;
  /** Everything published so far, in order. */
  published: { name: EventName; payload: unknown }[];
  /** What was asked of rooms, as `verb username`. */
  asked: string[];
  admin: Session;
  call(
    who: Session | null,
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers?: Headers,
  ): Promise<Answer>;
  /** Creates an account through `users.create` and logs it in. */
  person(username: string, more?: object): Promise<Session>;
  logIn(user: string, password: string): Promise<Session>;
  /** The decoded `result` message of a DDP method. */
  method(who: Session | null, name: string, ...params: unknown[]): Promise<Record<string, unknown>>;
  set(id: string, value: SettingValue): Promise<void>;
  /** Moves the clock, in ms. */
  wait(ms: number): void;
  eventsNamed<N extends EventName>(name: N): Events[N][];
  /** The mails that went out since the last call. Needs `SMTP_Host`. */
  mails(): Promise<Mail[]>;
}

type Headers = Record<string, string>;

export interface Session {
  uid: string;
  token: string;
  username: string;
  password: string;
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of any endpoint; tests assert what they read
  body: any;
}

const EVENT_NAMES: EventName[] = [
  'user.changed',
  'user.created',
  'user.deleted',
  'user.nameChanged',
  'user.status',
  'tokens.removed',
  'user.forceLogout',
  'globalRole.changed',
];

/** Rate limits are off, as they are the doors' business; second factors are on. The admin is `root`. */
export async function startAccounts(
  changes: ConfigChanges = {},
  hooks: Partial<RoomHooks> = {},
): Promise<AccountsServer> {
  const log = pino({ level: 'silent' });
  const config = testConfig({
    rootUrl: 'https://chat.example.org',
    ...changes,
    admin: {
      username: 'root',
      password: 'root-password',
      email: 'root@example.org',
      emailVerified: true,
      ...changes.admin,
    },
    settingOverrides: { API_Enable_Rate_Limiter: 'false', ...changes.settingOverrides },
  });
  const database = await testDatabase();
  const storage = await openStorage({ dataDir: '', log, ...database.options });
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const clock = systemClock(() => now);
  const events = createEventBus((error) => {
    throw error;
  });
  const base = {
    config,
    log,
    clock,
    events,
    tell: events.publish,
    db: storage.db,
    write: createWriter(storage, events),
  };
  const { settings, permissions } = await loadAdminState(base);
  const ctx: Context = { ...base, settings, permissions, blobs: noBlobs, scripts: noScripts, names: noNames };

  const published: AccountsServer['published'] = [];
  for (const name of EVENT_NAMES) events.on(name, (payload) => published.push({ name, payload }));
  const asked: string[] = [];
  const rooms = recordingRooms(asked, hooks);
  const presence = new Presence(ctx);
  await bootstrapAccounts(ctx, rooms);
  await presence.start();

  const authenticator = createAuthenticator(ctx);
  const app = createRestServer({
    ctx,
    endpoints: accountEndpoints({ rooms, presence }),
    authenticate: (uid, token, client) => authenticator.authenticate(uid, token, client),
    checkSecondFactor: (caller, { headers, mode }) =>
      checkSecondFactor(ctx, caller, secondFactorFromHeaders(headers), mode),
    anonymousAllowed: () => false,
  });
  const dispatcher = createDispatcher({
    ctx,
    methods: accountMethods({ rooms, presence }),
    declarations: new Map(),
    limits: new RateLimits(ctx),
    checkSecondFactor: (_ctx, call) => checkSecondFactor(ctx, call.caller, call.twoFactor, 'remembered'),
  });
  onTestFinished(async () => {
    await app.close();
    await jobs.close(0);
    await presence.settled();
    await storage.close();
    await database.drop();
  });

  const call: AccountsServer['call'] = async (who, method, path, body, headers = {}) => {
    const credentials = who ? { 'x-user-id': who.uid, 'x-auth-token': who.token } : {};
    const response = await app.inject({
      method,
      url: `/api/v1/${path}`,
      headers: { 'user-agent': 'test', ...credentials, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    return { status: response.statusCode, body: response.body === '' ? undefined : response.json() };
  };
  const logIn: AccountsServer['logIn'] = async (user, password) => {
    const { status, body } = await call(null, 'POST', 'login', { user, password });
    if (status !== 200) throw new Error(`no login for ${user}: ${JSON.stringify(body)}`);
    return { uid: body.data.userId, token: body.data.authToken, username: body.data.me.username, password };
  };
  const admin = await logIn('root', 'root-password');
  const sent: Mail[] = [];
  const run = async (_ctx: Context, { payload }: Job<Mail>) => void sent.push(payload);
  const jobs = new JobRunner(ctx, [
    ...accountJobs(rooms, async (_ctx, uid, bytes) => {
      asked.push(`picture ${uid} ${bytes.length}`);
    }),
    jobHandler({ kind: 'mail.send', concurrency: 1, attempts: 1, timeoutMs: 1000, run }),
  ]);
  await jobs.start();

  return {
    ctx,
    presence,
    rooms,
    published,
    asked,
    admin,
    call,
    logIn,
    async person(username, more = {}) {
      const password = `${username}-password`;
      const account = { username, password, name: username, email: `${username}@example.org`, ...more };
      const { status, body } = await call(admin, 'POST', 'users.create', account);
      if (status !== 200) throw new Error(`no account for ${username}: ${JSON.stringify(body)}`);
      return logIn(username, password);
    },
    async method(who, method, ...params) {
      const client = { ip: '127.0.0.1', userAgent: 'test' };
      const caller = who && (await authenticator.authenticate(who.uid, who.token, client));
      const text = await dispatcher.answer({ id: '1', method, params, caller, connection: null, ...client });
      return decode(text) as Record<string, unknown>;
    },
    async set(id, value) {
      await ctx.write((tx, emit) => storeSetting(ctx, tx, emit, id, value));
    },
    wait(ms) {
      now += ms;
    },
    eventsNamed: <N extends EventName>(name: N) =>
      published.filter((event) => event.name === name).map((event) => event.payload as Events[N]),
    async mails() {
      await jobs.idle();
      return sent.splice(0);
    },
  };
}

function recordingRooms(asked: string[], hooks: Partial<RoomHooks>): RoomHooks {
  return {
    ...NO_ROOMS,
    joinDefaultChannels: async (_ctx, _tx, _emit, user) => {
      asked.push(`join ${user.username}`);
    },
    relinquishRooms: async (_ctx, _tx, _emit, uid) => {
      asked.push(`relinquish ${uid}`);
    },
    userRemoved: async (_ctx, _tx, _emit, user, erasure) => {
      asked.push(`removed ${user.username} ${erasure}`);
    },
    userRenamed: async (_ctx, _tx, _emit, user, old) => {
      asked.push(`renamed ${old.username} to ${user.username}`);
    },
    userDeactivated: async (_ctx, _tx, _emit, user) => {
      asked.push(`deactivated ${user.username}`);
    },
    userActivated: async (_ctx, _tx, _emit, user) => {
      asked.push(`activated ${user.username}`);
    },
    ...hooks,
  };
}
