import { sql } from 'kysely';
import { createServer, type GantryServer } from '../../src/app.ts';
import { type ConfigChanges, testConfig } from '../../src/config/defaults.ts';
import { checkInvariants } from './check-invariants.ts';
import { DdpClient } from './ddp-client.ts';
import { testDatabase } from './test-database.ts';

/** A real server on a free port of this machine, in memory unless told otherwise. */
export interface TestServer {
  url: string;
  port: number;
  server: GantryServer;
  /** Logged in with the role `admin`. */
  admin: Person;
  /** Creates an account with the role `user` and logs it in. */
  person(username: string, options?: PersonOptions): Promise<Person>;
  /** A caller without credentials. */
  anonymous: Caller;
  close(): Promise<void>;
}

export interface PersonOptions {
  roles?: string[];
  name?: string;
  /** Default true: the person joins `general`. */
  joinDefaultChannels?: boolean;
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of any endpoint; tests assert what they read
  body: any;
  headers: Headers;
}

export interface Caller {
  get(path: string, query?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body?: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
}

export interface Person extends Caller {
  uid: string;
  token: string;
  username: string;
  password: string;
  /** A connection to the realtime API, logged in as this person. Closed with the server. */
  ddp(): Promise<DdpClient>;
}

const ADMIN = { username: 'root', password: 'root-password', email: 'root@example.com', name: 'Root' };

/** Messages of tests name hosts that nobody should ask. */
const NO_PREVIEWS = { API_Embed: 'false' };

/** Starts a server. Without changes: test mode (no rate limits), the admin `root`. */
export async function startServer(changes: ConfigChanges = {}): Promise<TestServer> {
  // A test that says where the data is, is about the embedded database.
  const database = changes.memory === undefined ? await testDatabase() : undefined;
  const config = testConfig({
    testMode: true,
    settingDefaults: NO_PREVIEWS,
    ...database?.options,
    ...changes,
    admin: { ...ADMIN, ...changes.admin },
  });
  const server = await createServer(config);
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;
  const sockets: DdpClient[] = [];
  const admin = await logIn(url, ADMIN.username, ADMIN.password, sockets);
  return {
    url,
    port,
    server,
    admin,
    anonymous: callerAt(url, {}),
    async person(username, options = {}) {
      const { name = username, roles = ['user'], joinDefaultChannels = false } = options;
      const password = `${username}-password`;
      const email = `${username}@example.com`;
      const body = { username, name, email, password, roles, joinDefaultChannels, verified: true };
      const created = await admin.post('users.create', body);
      if (created.status !== 200)
        throw new Error(`could not create ${username}: ${JSON.stringify(created.body)}`);
      return logIn(url, username, password, sockets);
    },
    async close() {
      for (const socket of sockets) socket.close();
      try {
        if (await isReadable(server)) await checkInvariants({ server });
      } finally {
        await server.close();
        await database?.drop();
      }
    },
  };
}

/** Logs in by password; `sockets` collects the connections that are closed with the server. */
export async function logIn(
  url: string,
  user: string,
  password: string,
  sockets: DdpClient[] = [],
): Promise<Person> {
  const { status, body } = await callerAt(url, {}).post('login', { user, password });
  if (status !== 200) throw new Error(`could not log in ${user}: ${JSON.stringify(body)}`);
  const { userId: uid, authToken: token } = body.data;
  const caller = callerAt(url, { 'x-user-id': uid, 'x-auth-token': token });
  return {
    ...caller,
    uid,
    token,
    username: user,
    password,
    async ddp() {
      const client = await DdpClient.connect(url);
      sockets.push(client);
      await client.call('login', { resume: token });
      return client;
    },
  };
}

/** Not when the test was about closing. */
const isReadable = ({ ctx }: GantryServer) =>
  sql`select 1`.execute(ctx.db).then(
    () => true,
    () => false,
  );

function callerAt(url: string, credentials: Record<string, string>): Caller {
  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method,
      headers: {
        ...credentials,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  }
  return {
    get: (path, query, headers) =>
      send('GET', query ? `${path}?${queryText(query)}` : path, undefined, headers),
    post: (path, body = {}, headers) => send('POST', path, body, headers),
    put: (path, body = {}) => send('PUT', path, body),
    delete: (path, body) => send('DELETE', path, body),
  };
}

function queryText(query: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const item of value) params.append(`${key}[]`, String(item));
    else if (value !== undefined) params.append(key, String(value));
  }
  return params.toString();
}
