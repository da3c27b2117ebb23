import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import type { Config, Limits } from '../config/config.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { systemClock } from '../kernel/clock.ts';
import { createEventBus } from '../kernel/events.ts';
import { permissionsOver } from '../kernel/permissions.ts';
import { settingsOver } from '../kernel/settings.ts';
import type { DdpMethod, StreamDeclaration } from './declarations.ts';
import { createRealtime, type Realtime, type RealtimeDeps } from './server.ts';

/** For the tests of this folder: a realtime server without features, on a free port, and a client that records. */

export type Wire = Record<string, unknown>;

export interface FixtureOptions {
  methods?: DdpMethod[];
  streams?: StreamDeclaration[];
  limits?: Partial<Limits>;
  settings?: Record<string, unknown>;
  permissions?: Record<string, string[]>;
  config?: Partial<Config>;
  now?: () => number;
  deps?: Partial<RealtimeDeps>;
}

export function fakeContext(options: FixtureOptions = {}): Context {
  const limits: Limits = {
    bodyBytes: 1 << 20,
    frameBytes: 1 << 20,
    socketBufferBytes: 8 << 20,
    subscriptionsPerSocket: 1000,
    watchedUsersPerSocket: 1000,
    methodsInFlightPerSocket: 100,
    handshakeMs: 45_000,
    pingAfterMs: 30_000,
    shutdownMs: 2000,
    searchMs: 2000,
    ...options.limits,
  };
  const config = {
    testMode: true,
    rootUrl: 'http://localhost:3000',
    forwardedCount: 0,
    limits,
    ...options.config,
  };
  const table = Object.entries(options.permissions ?? {}).map(
    ([name, roles]) => [name, new Set(roles)] as const,
  );
  const events = createEventBus(() => {});
  const context: Partial<Context> = {
    config: config as Config,
    log: pino({ level: 'silent' }),
    clock: systemClock(options.now ?? Date.now),
    settings: settingsOver((id) => options.settings?.[id]),
    permissions: permissionsOver(new Map(table)),
    events,
    tell: events.publish,
  };
  return context as Context;
}

export function callerNamed(uid: string, more: Partial<Caller> = {}): Caller {
  return {
    uid,
    username: uid,
    name: uid,
    roles: ['user'],
    tokenHash: `token-of-${uid}`,
    bypassTwoFactor: false,
    ip: '127.0.0.1',
    userAgent: 'test',
    ...more,
  };
}

/** `login {resume: "<uid>"}` logs in as anyone. */
export const loginMethod: DdpMethod = {
  name: 'login',
  auth: 'none',
  run(_ctx, { params, connection }) {
    const uid = String((params[0] as { resume: string }).resume);
    connection?.logIn(callerNamed(uid), { emails: [{ address: `${uid}@example.com`, verified: true }] });
    return { id: uid };
  },
};

export const logoutMethod: DdpMethod = {
  name: 'logout',
  auth: 'none',
  run(_ctx, { connection }) {
    connection?.logOut();
  },
};

/** A stream that anyone may read. */
export const openStream = (name: string): StreamDeclaration => ({ name, mayRead: () => true });

export interface Fixture {
  ctx: Context;
  realtime: Realtime;
  http: Server;
  port: number;
  /** Opens a raw client; `connected` ones have finished the handshake. */
  client(path?: string): Promise<TestClient>;
  connected(): Promise<TestClient>;
  loggedIn(uid: string): Promise<TestClient>;
  stop(): Promise<void>;
}

export async function startRealtime(options: FixtureOptions = {}): Promise<Fixture> {
  const ctx = fakeContext(options);
  const realtime = createRealtime({
    ctx,
    methods: [loginMethod, logoutMethod, ...(options.methods ?? [])],
    streams: options.streams ?? [],
    ...options.deps,
  });
  const http = createServer((_request, response) => response.writeHead(404).end());
  realtime.attach(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const clients: TestClient[] = [];

  async function client(path = '/websocket'): Promise<TestClient> {
    const opened = await TestClient.open(`ws://127.0.0.1:${port}${path}`);
    clients.push(opened);
    return opened;
  }
  async function connected(): Promise<TestClient> {
    const opened = await client();
    await opened.handshake();
    return opened;
  }
  return {
    ctx,
    realtime,
    http,
    port,
    client,
    connected,
    async loggedIn(uid) {
      const opened = await connected();
      await opened.call('login', [{ resume: uid }]);
      return opened;
    },
    async stop() {
      for (const opened of clients) opened.socket.terminate();
      await realtime.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Records every message; `next` takes them in order, `find` skips to the first that matches. */
export class TestClient {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Everything that arrived, as text frames. */
  readonly frames: string[] = [];
  #inbox: Wire[] = [];
  #waiting: (() => void)[] = [];
  #ended = false;
  #ids = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#ended = true;
        this.#wake();
        resolve({ code, reason: reason.toString() });
      });
    });
    socket.on('message', (data) => this.#take(data.toString()));
    socket.on('error', () => {});
  }

  static async open(url: string): Promise<TestClient> {
    const socket = new WebSocket(url);
    const client = new TestClient(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async handshake(): Promise<void> {
    this.send({ msg: 'connect', version: '1', support: ['1', 'pre2', 'pre1'] });
    await this.find((message) => message.msg === 'connected');
  }

  /** The next message, whatever it is. */
  async next(): Promise<Wire> {
    while (this.#inbox.length === 0) await this.#arrival();
    return this.#inbox.shift() as Wire;
  }

  async find(matches: (message: Wire) => boolean): Promise<Wire> {
    for (;;) {
      const message = await this.next();
      if (matches(message)) return message;
    }
  }

  /** All messages until everything sent before has been answered. */
  async settled(): Promise<Wire[]> {
    const id = `settled-${this.#ids++}`;
    // An `unsub` waits in the queue like methods and subs, and is answered even for an unknown id.
    this.send({ msg: 'unsub', id });
    return this.#until((message) => message.msg === 'nosub' && message.id === id);
  }

  /** All messages until the answer of a ping, which does not wait for methods and subs. */
  async quiet(): Promise<Wire[]> {
    const id = `quiet-${this.#ids++}`;
    this.send({ msg: 'ping', id });
    return this.#until((message) => message.msg === 'pong' && message.id === id);
  }

  async #until(isLast: (message: Wire) => boolean): Promise<Wire[]> {
    const seen: Wire[] = [];
    for (;;) {
      const message = await this.next();
      if (isLast(message)) return seen;
      seen.push(message);
    }
  }

  /** Calls a method and gives the `result` message. */
  async call(method: string, params: unknown[] = []): Promise<Wire> {
    const id = `call-${this.#ids++}`;
    this.send({ msg: 'method', method, params, id });
    const result = await this.find((message) => message.msg === 'result' && message.id === id);
    await this.find((message) => message.msg === 'updated');
    return result;
  }

  /** Subscribes and gives the `ready` or `nosub`. */
  async sub(id: string, name: string, ...params: unknown[]): Promise<Wire> {
    this.send({ msg: 'sub', id, name, params });
    return this.find(
      (message) =>
        (message.msg === 'ready' && (message.subs as string[])[0] === id) ||
        (message.msg === 'nosub' && message.id === id),
    );
  }

  #take(frame: string): void {
    this.frames.push(frame);
    const texts = frame.startsWith('a') ? (JSON.parse(frame.slice(1)) as string[]) : [frame];
    for (const text of texts) if (text.startsWith('{')) this.#inbox.push(JSON.parse(text) as Wire);
    this.#wake();
  }

  #arrival(): Promise<void> {
    if (this.#ended) throw new Error('the connection is closed');
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
