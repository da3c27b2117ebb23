import type { Server } from 'node:http';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { addedText, changedText, removedText } from './ddp-messages.ts';
import type { Connection, DdpMethod, OwnUserFields, StreamDeclaration, Streams } from './declarations.ts';
import { FlushQueue } from './flush-queue.ts';
import { FrameJoiner } from './frames.ts';
import { Hub } from './hub.ts';
import { type CheckSecondFactor, createDispatcher, type Dispatcher } from './methods.ts';
import {
  clientVersionsPublication,
  loginServicePublication,
  PUBLICATION_STREAM,
  type Publication,
} from './publications.ts';
import { RateLimits } from './rate-limits.ts';
import type { DdpSession } from './session.ts';
import type { ConnectionChange, SessionHost } from './session-host.ts';
import { createAcceptor, type SessionSocket } from './websocket.ts';

export interface RealtimeDeps {
  ctx: Context;
  methods: readonly DdpMethod[];
  streams: readonly StreamDeclaration[];
  /** Needed as soon as a method is declared with `twoFactor`. */
  checkSecondFactor?: CheckSecondFactor;
  /** The documents of `meteor.loginServiceConfiguration`, without secrets; none by default. */
  loginServices?: Publication['documents'];
}

/** A connection changed hands or ended. `caller` is the user it had, or on `login` has now; null if it never had one. */
export interface ConnectionEvent {
  connection: Connection;
  caller: Caller | null;
  kind: ConnectionChange;
}

/** What changed about a user, for those connections that carry it. */
export interface UserChange {
  caller?: Partial<Pick<Caller, 'username' | 'name' | 'roles'>>;
  /** Goes out as `changed` of the `users` document (spec 40 §8.12). */
  fields?: { username?: string } & OwnUserFields;
  cleared?: readonly string[];
}

export interface RealtimeStats {
  connections: number;
  users: number;
  subscriptions: number;
  /** Sockets closed since the start because their client did not read fast enough. */
  slowClosed: number;
}

export interface Realtime {
  streams: Streams;
  dispatcher: Dispatcher;
  /** Serves the WebSocket upgrades of an HTTP server. */
  attach(server: Server): void;
  /** Asks all clients to come back (1012), waits for running methods, and after `patienceMs` cuts the rest. */
  close(patienceMs?: number): Promise<void>;
  /** Ends the matching connections; logged-in ones first get `removed users` (spec 40 §4.6). */
  closeConnections(matches: (connection: Connection) => boolean, code: number, reason: string): void;
  onConnectionChange(listener: (event: ConnectionEvent) => void): void;
  /** Keeps callers of open connections true after a user's name, roles or addresses changed. */
  userChanged(uid: string, change: UserChange): void;
  /** `[username, statusCode, statusText?, statusSource?, statusExpiresAt?]` to the user's watchers (spec 40 §8.6). */
  publishPresence(uid: string, tuple: readonly unknown[]): void;
  /** A change of a classic publication's document; `removed` has no fields. */
  publishDocument(
    publication: string,
    msg: 'added' | 'changed' | 'removed',
    id: string,
    fields?: object,
  ): void;
  stats(): RealtimeStats;
}

const SWEEP_LIMITS_MS = 10_000;

/** Wires the realtime door: hub, dispatcher, publications and the sockets. Nothing runs before `attach`. */
export function createRealtime(deps: RealtimeDeps): Realtime {
  const { ctx } = deps;
  const { limits } = ctx.config;
  const declarations = new Map(deps.streams.map((stream) => [stream.name, stream]));
  if (declarations.size < deps.streams.length) throw new Error('two streams have the same name');
  const publications = new Map(
    [loginServicePublication(deps.loginServices), clientVersionsPublication].map((p) => [p.name, p]),
  );
  const flushes = new FlushQueue();
  const hub = new Hub(ctx, declarations, flushes);
  const rateLimits = new RateLimits(ctx);
  const dispatcher = createDispatcher({ ...deps, declarations, limits: rateLimits });
  ctx.events.on('stream.written', ({ stream, eventName, args, except }) =>
    hub.emit(stream, eventName, args, { except }),
  );
  const listeners: ((event: ConnectionEvent) => void)[] = [];
  const sockets = new Set<SessionSocket>();
  let slowClosed = 0;

  const host: SessionHost = {
    ctx,
    hub,
    dispatcher,
    limits: rateLimits,
    declarations,
    publications,
    connectionChanged(connection, caller, kind) {
      for (const listener of listeners) {
        try {
          listener({ connection, caller, kind });
        } catch (error) {
          ctx.log.error({ err: error, kind }, 'a listener for connections failed');
        }
      }
    },
  };
  const wires = {
    flushes,
    joiner: new FrameJoiner(),
    bufferLimit: limits.socketBufferBytes,
    slowClosed: () => {
      slowClosed++;
    },
  };
  const acceptor = createAcceptor(ctx.config, host, wires, sockets);
  const timers: NodeJS.Timeout[] = [];

  function* sessions(): Generator<DdpSession> {
    for (const { session } of [...sockets]) if (session) yield session;
  }

  function startTimers(): void {
    if (timers.length > 0) return;
    const lifeCheckMs = Math.max(10, Math.min(5000, limits.pingAfterMs / 4, limits.handshakeMs / 4));
    const checkLives = () => {
      const now = ctx.clock.now();
      for (const session of sessions()) session.checkLife(now);
    };
    timers.push(
      setInterval(checkLives, lifeCheckMs),
      setInterval(() => rateLimits.sweep(), SWEEP_LIMITS_MS),
    );
    for (const timer of timers) timer.unref();
  }

  return {
    streams: hub,
    dispatcher,
    attach(server) {
      acceptor.attach(server);
      startTimers();
    },
    async close(patienceMs = limits.shutdownMs) {
      acceptor.stop();
      for (const session of sessions()) session.close(1012, 'Server restarting');
      await allClosed(sockets, patienceMs);
      for (const socket of sockets) socket.terminate();
      for (const timer of timers) clearInterval(timer);
      acceptor.detach();
    },
    closeConnections(matches, code, reason) {
      for (const session of sessions()) if (matches(session)) session.revoke(code, reason);
    },
    onConnectionChange(listener) {
      listeners.push(listener);
    },
    userChanged(uid, { caller, fields = {}, cleared }) {
      if (caller) hub.updateCaller(uid, caller);
      if (Object.keys(fields).length > 0 || cleared?.length) {
        hub.deliverToUser(uid, changedText('users', uid, fields, cleared));
      }
    },
    publishPresence: (uid, tuple) => hub.presence.publish(uid, tuple),
    publishDocument(name, msg, id, fields = {}) {
      const collection = publications.get(name)?.collection;
      if (!collection) throw new Error(`There is no publication ${name}`);
      const texts = { added: addedText, changed: changedText, removed: removedText };
      hub.deliverToListeners(PUBLICATION_STREAM, name, texts[msg](collection, id, fields));
    },
    stats: () => ({ ...hub.counts(), slowClosed }),
  };
}

/** Resolves when every socket is closed, or after the time is over. */
async function allClosed(sockets: ReadonlySet<SessionSocket>, withinMs: number): Promise<void> {
  if (sockets.size === 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    for (const socket of sockets) {
      socket.once('close', () => {
        if (sockets.size > 0) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
}
