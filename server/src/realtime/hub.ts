import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { streamEventHead, streamEventText } from './ddp-messages.ts';
import type { Connection, StreamDeclaration, StreamRequest, Streams } from './declarations.ts';
import { encode } from './ejson.ts';
import type { FlushQueue } from './flush-queue.ts';
import { type Outbound, SplicedMessages, TextMessage } from './frames.ts';
import { chain, Listeners, USER_STREAM } from './listeners.ts';
import { PresenceWatch } from './presence-watch.ts';
import type { Subscriber, Subscription } from './subscription.ts';

const PRESENCE = 'user-presence';
/** The one event of `notify-user` that others than the user may listen to (spec 40 §8.3). */
const OPEN_USER_EVENT = 'webrtc';

/**
 * Who listens to what on this node, and the delivery to them. Delivering only appends to the sockets' buffers: nothing
 * in here detaches or closes a subscriber while its lists are walked (see `Wire`).
 */
export class Hub implements Streams {
  readonly presence: PresenceWatch;
  readonly #ctx: Context;
  readonly #declarations: ReadonlyMap<string, StreamDeclaration>;
  readonly #flushes: Pick<FlushQueue, 'beforeRound'>;
  readonly #listeners = new Listeners();
  readonly #open = new Set<Subscriber>();
  readonly #byUser = new Map<string, Subscriber[]>();

  constructor(
    ctx: Context,
    declarations: ReadonlyMap<string, StreamDeclaration>,
    flushes: Pick<FlushQueue, 'beforeRound'>,
  ) {
    this.#ctx = ctx;
    this.#flushes = flushes;
    this.presence = new PresenceWatch(ctx.config.limits.watchedUsersPerSocket);
    this.#declarations = declarations;
  }

  // Membership: called by the sessions.

  opened(subscriber: Subscriber): void {
    this.#open.add(subscriber);
  }

  /** Forgets the connection and everything it listened to. */
  closed(subscriber: Subscriber): void {
    this.#open.delete(subscriber);
    for (const subscription of subscriber.subscriptions) this.detach(subscription);
    this.presence.clear(subscriber);
  }

  signedIn(subscriber: Subscriber, uid: string): void {
    const present = this.#byUser.get(uid);
    if (present) present.push(subscriber);
    else this.#byUser.set(uid, [subscriber]);
  }

  signedOut(subscriber: Subscriber, uid: string): void {
    const rest = this.#byUser.get(uid)?.filter((other) => other !== subscriber) ?? [];
    if (rest.length > 0) this.#byUser.set(uid, rest);
    else this.#byUser.delete(uid);
  }

  attach(subscription: Subscription): void {
    this.#listeners.attach(subscription);
  }

  detach(subscription: Subscription): void {
    this.#listeners.detach(subscription);
  }

  // Streams: called by the features.

  emit(stream: string, eventName: string, args: readonly unknown[], options?: { except?: string }): void {
    if (stream === PRESENCE) {
      const [tuple] = args;
      if (Array.isArray(tuple)) this.presence.publish(eventName, tuple);
      return;
    }
    const first = this.#listeners.first(stream, eventName);
    if (first) {
      const message = new TextMessage(streamEventText(stream, eventName, encode(args)));
      deliverAll(first, message, options?.except);
    }
  }

  emitToUsers(uids: Iterable<string>, event: string, args: readonly unknown[]): void {
    const listeners = this.#listeners.ofUsers(event);
    if (!listeners) return;
    let messages: SplicedMessages | undefined;
    for (const uid of uids) {
      // Most members of a large room are not connected: skip them before a key is built.
      if (event !== OPEN_USER_EVENT && !this.#byUser.has(uid)) continue;
      const first = listeners.get(uid);
      if (!first) continue;
      messages ??= new SplicedMessages(
        `${streamEventHead(USER_STREAM)}"`,
        `/${JSON.stringify(event).slice(1, -1)}","args":${encode(args)}}}`,
      );
      deliverAll(first, messages.around(uid));
    }
  }

  emitPerCaller(
    stream: string,
    eventName: string,
    argsFor: (caller: Caller) => readonly unknown[] | undefined,
  ): void {
    const first = this.#listeners.first(stream, eventName);
    if (!first) return;
    // Callers get few variants around the same large document: encode each object and each distinct text once.
    const parts = new Map<unknown, string>();
    const messages = new Map<string, Outbound>();
    for (const { subscriber } of chain(first)) {
      const args = subscriber.caller && argsFor(subscriber.caller);
      if (!args) continue;
      const encoded = `[${args.map((part) => encodeOnce(parts, part)).join(',')}]`;
      let message = messages.get(encoded);
      if (!message) {
        message = new TextMessage(streamEventText(stream, eventName, encoded));
        messages.set(encoded, message);
      }
      subscriber.deliver(message);
    }
  }

  beforeWriting(send: () => void): void {
    this.#flushes.beforeRound(send);
  }

  hasListeners(stream: string, eventName: string): boolean {
    if (stream === PRESENCE) return this.presence.hasFollowers(eventName);
    return this.#listeners.first(stream, eventName) !== undefined;
  }

  dropSubscriptions(uid: string, stream: string, matches: (eventName: string) => boolean): void {
    for (const subscriber of this.#byUser.get(uid) ?? []) {
      const { checking } = subscriber;
      if (checking?.stream === stream && matches(checking.eventName)) checking.stale = true;
      for (const subscription of subscriber.subscriptions) {
        if (subscription.stream === stream && matches(subscription.eventName)) this.#drop(subscription);
      }
    }
  }

  async recheck(stream: string, matches: (eventName: string) => boolean = () => true): Promise<void> {
    const declaration = this.#declarations.get(stream);
    if (!declaration) return;
    for (const { checking } of this.#open) {
      if (checking?.stream === stream && matches(checking.eventName)) checking.stale = true;
    }
    for (const subscription of this.#listeners.of(stream)) {
      if (!matches(subscription.eventName)) continue;
      const { subscriber, eventName, args } = subscription;
      const { caller } = subscriber;
      const request = { caller, connection: subscriber, eventName, args };
      const allowed = await this.#stillAllowed(declaration, request);
      // Gone or taken over by another user meanwhile: then its own check decides.
      if (!allowed && subscription.attached && subscriber.caller?.uid === caller?.uid)
        this.#drop(subscription);
    }
  }

  connectionsOf(uid: string): Iterable<Connection> {
    return [...(this.#byUser.get(uid) ?? [])];
  }

  connections(): Iterable<Connection> {
    return [...this.#open];
  }

  // The rest is for the server itself.

  /** Keeps the callers of a user's connections true. */
  updateCaller(uid: string, change: Partial<Pick<Caller, 'username' | 'name' | 'roles'>>): void {
    for (const subscriber of this.#byUser.get(uid) ?? []) {
      if (subscriber.caller) subscriber.caller = { ...subscriber.caller, ...change };
    }
  }

  /** Sends to all connections of a user. */
  deliverToUser(uid: string, text: string): void {
    const message = new TextMessage(text);
    for (const subscriber of this.#byUser.get(uid) ?? []) subscriber.deliver(message);
  }

  /** Sends a message that is ready to all who listen to an event. */
  deliverToListeners(stream: string, eventName: string, text: string): void {
    const first = this.#listeners.first(stream, eventName);
    if (first) deliverAll(first, new TextMessage(text));
  }

  counts(): { connections: number; users: number; subscriptions: number } {
    return { connections: this.#open.size, users: this.#byUser.size, subscriptions: this.#listeners.size };
  }

  async #stillAllowed(declaration: StreamDeclaration, request: StreamRequest): Promise<boolean> {
    try {
      return await declaration.mayRead(this.#ctx, request);
    } catch (error) {
      this.#ctx.log.error({ err: error, stream: declaration.name }, 'the access check of a stream failed');
      return false;
    }
  }

  #drop(subscription: Subscription): void {
    this.detach(subscription);
    subscription.subscriber.subscriptions.delete(subscription.id);
  }
}

function deliverAll(first: Subscription, message: Outbound, except?: string): void {
  for (let each: Subscription | undefined = first; each; each = each.next) {
    if (except === undefined || each.subscriber.id !== except) each.subscriber.deliver(message);
  }
}

function encodeOnce(parts: Map<unknown, string>, part: unknown): string {
  if (typeof part !== 'object' || part === null) return encode(part);
  let text = parts.get(part);
  if (text === undefined) {
    text = encode(part);
    parts.set(part, text);
  }
  return text;
}
