import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';

/** What a method or a stream rule may know and do about the connection a call came by. */
export interface Connection {
  readonly id: string;
  readonly ip: string;
  readonly userAgent: string;
  /** The logged-in user; null while anonymous. */
  readonly caller: Caller | null;
  /**
   * Logs the connection in: sends the `users` document, then the caller is in force (spec 40 §8.12). `own` are the
   * members of that document which `Caller` does not carry.
   */
  logIn(caller: Caller, own?: OwnUserFields): void;
  /** Makes it anonymous: `removed users`, every subscription stopped with `nosub` (spec 40 §4.5). */
  logOut(): void;
  /** Ends the connection with a close code (never 4000) after what was queued is sent. */
  close(code: number, reason: string): void;
}

/** What the automatic `users` document says besides the username (spec 40 §8.12). */
export interface OwnUserFields {
  emails?: readonly { address: string; verified: boolean }[];
}

export interface MethodCall<P = readonly unknown[]> {
  caller: Caller | null;
  params: P;
  /** null when the call came over HTTP (`method.call`), see spec 40 §3. */
  connection: Connection | null;
  ip: string;
  userAgent: string;
  /** From a trailing `{twoFactorCode, twoFactorMethod}` or the `x-2fa-*` headers. */
  twoFactor: { code: string; method: string } | undefined;
}

export interface MethodRateLimit {
  calls: number;
  windowMs: number;
  /** A permission that lifts the limit. */
  liftedBy?: string;
}

/** A DDP method (spec 40 §10). Throws `Refusal`s like any operation; an undefined result is left out of the answer. */
export interface DdpMethod {
  name: string;
  /** `user`: an anonymous caller gets `error-invalid-user`, details `{method: name}`. */
  auth: 'user' | 'none';
  rateLimit?: MethodRateLimit;
  twoFactor?: true;
  /** Admits users who have not chosen a username yet: what they need to complete their registration. */
  withoutUsername?: true;
  partly?: string;
  /** Why a method is there that the documentation does not know. */
  beyond?: string;
  run(ctx: Context, call: MethodCall): Promise<unknown> | unknown;
}

/** Of a method that clients call all the same. */
export const AS_CLIENTS_EXPECT = 'The documentation is silent on it; it answers as published clients expect.';

/** A method that needs a user: `caller` is never null in `run`. */
export function userMethod(
  name: string,
  run: (ctx: Context, call: MethodCall & { caller: Caller }) => Promise<unknown> | unknown,
  options: Pick<DdpMethod, 'rateLimit' | 'twoFactor' | 'withoutUsername' | 'partly' | 'beyond'> = {},
): DdpMethod {
  return {
    name,
    auth: 'user',
    run: (ctx, call) => run(ctx, call as MethodCall & { caller: Caller }),
    ...options,
  };
}

export interface StreamRequest {
  caller: Caller | null;
  connection: Connection;
  /** The part after the stream's name, for example `<rid>/user-activity`. */
  eventName: string;
  /** `options.args` of the subscription; only objects in it are looked at (spec 40 §7.1). */
  args: readonly unknown[];
}

/** A stream (spec 40 §7, §8): who may subscribe and who may publish from a client. */
export interface StreamDeclaration {
  /** Without the `stream-` prefix. */
  name: string;
  partly?: string;
  /** False refuses with `nosub not-allowed`. */
  mayRead(ctx: Context, request: StreamRequest): Promise<boolean> | boolean;
  /**
   * A client's `stream-<name>` method call. Passes on what the rule allows; without it, writes are silently ignored
   * (spec 40 §7.3). Never throws for refusals.
   */
  write?(ctx: Context, passOn: PassOn, request: StreamRequest): Promise<void> | void;
}

/** Sends an event to the subscribers of the stream that was written to, on all nodes, except the writing connection. */
export type PassOn = (eventName: string, args: readonly unknown[]) => void;

/** The delivery side of the streams; what `*.ddp.ts` use to turn domain events into frames. */
export interface Streams {
  /**
   * Sends `changed` to every subscription of `stream-<stream>` / `eventName` on this node, encoded once.
   * `except` leaves out one connection (the writer's, spec 40 §7.3).
   */
  emit(stream: string, eventName: string, args: readonly unknown[], options?: { except?: string }): void;
  /**
   * The same event for many users: `stream-notify-user` / `<uid>/<event>`, the arguments encoded once and the user id
   * spliced in.
   */
  emitToUsers(uids: Iterable<string>, event: string, args: readonly unknown[]): void;
  /** Calls `argsFor` per logged-in subscriber of the event; undefined sends nothing. For `__my_messages__`. */
  emitPerCaller(
    stream: string,
    eventName: string,
    argsFor: (caller: Caller) => readonly unknown[] | undefined,
  ): void;
  /**
   * Calls `send` right before events are written to the sockets the next time: at the end of this turn of the event loop, or
   * some milliseconds later while there is much to write. For events of which only the last one counts.
   */
  beforeWriting(send: () => void): void;
  /** True when somebody on this node listens: saves building what nobody receives. */
  hasListeners(stream: string, eventName: string): boolean;
  /**
   * Stops, without a `nosub`, the user's subscriptions of the stream whose event name `matches`, also those whose access
   * check is still running. After it returns nothing of them reaches the user's sockets (spec 40 §7.4).
   */
  dropSubscriptions(uid: string, stream: string, matches: (eventName: string) => boolean): void;
  /** Re-runs `mayRead` of the stream's subscriptions, all or those whose event name `matches`; drops who lost access. */
  recheck(stream: string, matches?: (eventName: string) => boolean): Promise<void>;
  /** Logged-in connections on this node, by user. */
  connectionsOf(uid: string): Iterable<Connection>;
  connections(): Iterable<Connection>;
}
