import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { streamEventHead, streamEventText } from './ddp-messages.ts';
import type { Connection, StreamDeclaration, StreamRequest, Streams } from './declarations.ts';
import { encode } from './ejson.ts';
import type { FlushQueue } from './flush-queue.ts';
import { type Outbound, SplicedMessages, TextMessage } from './frames.ts';
import { PresenceWatch } from './presence-watch.ts';
import { type Subscriber, type Subscription, Topic } from './subscription.ts';

const PRESENCE = 'user-presence';
const USER_STREAM = 'notify-user';
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
  readonly #topics = new Map<string, Map<string, Topic>>();
  /** The topics of `notify-user` again, by event and user: an event for many users finds each without building its name. */
  readonly #userTopics = new Map<string, Map<string, Topic>>();
  readonly #open = new Set<Subscriber>();
  readonly #byUser = new Map<string, Subscriber[]>();
  #subscriptions = 0;

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
    for (const subscription of subscriber.subscriptions.values()) this.detach(subscription);
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
    const { stream, eventName } = subscription;
    let events = this.#topics.get(stream);
    if (!events) {
      events = new Map();
      this.#topics.set(stream, events);
    }
    let topic = events.get(eventName);
    if (topic) {
      subscription.index = topic.subscriptions.push(subscription) - 1;
    } else {
      topic = new Topic(subscription);
      subscription.index = 0;
      events.set(eventName, topic);
      if (stream === USER_STREAM) this.#indexUserTopic(topic);
    }
    subscription.topic = topic;
    this.#subscriptions++;
  }

  detach(subscription: Subscription): void {
    const { topic, index } = subscription;
    if (!topic) return;
    subscription.topic = undefined;
    this.#subscriptions--;
    const last = topic.subscriptions.pop();
    if (last && last !== subscription) {
      topic.subscriptions[index] = last;
      last.index = index;
    }
    if (topic.subscriptions.length > 0) return;
    this.#topics.get(topic.stream)?.delete(topic.eventName);
    if (topic.stream === USER_STREAM) this.#forgetUserTopic(topic);
  }

  // Streams: called by the features.

  emit(stream: string, eventName: string, args: readonly unknown[], options?: { except?: string }): void {
    if (stream === PRESENCE) {
      const [tuple] = args;
      if (Array.isArray(tuple)) this.presence.publish(eventName, tuple);
      return;
    }
    const topic = this.#topic(stream, eventName);
    if (!topic) return;
    const message = new TextMessage(streamEventText(stream, eventName, encode(args)));
    const except = options?.except;
    for (const { subscriber } of topic.subscriptions) {
      if (except === undefined || subscriber.id !== except) subscriber.deliver(message);
    }
  }

  emitToUsers(uids: Iterable<string>, event: string, args: readonly unknown[]): void {
    const events = this.#userTopics.get(event);
    if (!events) return;
    let messages: SplicedMessages | undefined;
    for (const uid of uids) {
      // Most members of a large room are not connected: skip them before a key is built.
      if (event !== OPEN_USER_EVENT && !this.#byUser.has(uid)) continue;
      const topic = events.get(uid);
      if (!topic) continue;
      messages ??= new SplicedMessages(
        `${streamEventHead(USER_STREAM)}"`,
        `/${JSON.stringify(event).slice(1, -1)}","args":${encode(args)}}}`,
      );
      deliverAll(topic, messages.around(uid));
    }
  }

  emitPerCaller(
    stream: string,
    eventName: string,
    argsFor: (caller: Caller) => readonly unknown[] | undefined,
  ): void {
    const topic = this.#topic(stream, eventName);
    if (!topic) return;
    // Callers get few variants around the same large document: encode each object and each distinct text once.
    const parts = new Map<unknown, string>();
    const messages = new Map<string, Outbound>();
    for (const { subscriber } of topic.subscriptions) {
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
    return this.#topic(stream, eventName) !== undefined;
  }

  dropSubscriptions(uid: string, stream: string, matches: (eventName: string) => boolean): void {
    for (const subscriber of this.#byUser.get(uid) ?? []) {
      const { checking } = subscriber;
      if (checking?.stream === stream && matches(checking.eventName)) checking.stale = true;
      for (const subscription of subscriber.subscriptions.values()) {
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
    const topics = [...(this.#topics.get(stream)?.values() ?? [])].filter((topic) =>
      matches(topic.eventName),
    );
    const all = topics.flatMap((topic) => topic.subscriptions);
    for (const subscription of all) {
      const { subscriber, eventName, args } = subscription;
      const { caller } = subscriber;
      const request = { caller, connection: subscriber, eventName, args };
      const allowed = await this.#stillAllowed(declaration, request);
      // Gone or taken over by another user meanwhile: then its own check decides.
      if (!allowed && subscription.topic && subscriber.caller?.uid === caller?.uid) this.#drop(subscription);
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

  /** Sends a message that is ready to all listeners of a topic. */
  deliverToTopic(stream: string, eventName: string, text: string): void {
    const topic = this.#topic(stream, eventName);
    if (topic) deliverAll(topic, new TextMessage(text));
  }

  counts(): { connections: number; users: number; subscriptions: number } {
    return { connections: this.#open.size, users: this.#byUser.size, subscriptions: this.#subscriptions };
  }

  async #stillAllowed(declaration: StreamDeclaration, request: StreamRequest): Promise<boolean> {
    try {
      return await declaration.mayRead(this.#ctx, request);
    } catch (error) {
      this.#ctx.log.error({ err: error, stream: declaration.name }, 'the access check of a stream failed');
      return false;
    }
  }

  #indexUserTopic(topic: Topic): void {
    const { uid, event } = partsOf(topic);
    const users = this.#userTopics.get(event);
    if (users) users.set(uid, topic);
    else this.#userTopics.set(event, new Map([[uid, topic]]));
  }

  #forgetUserTopic(topic: Topic): void {
    const { uid, event } = partsOf(topic);
    const users = this.#userTopics.get(event);
    users?.delete(uid);
    if (users?.size === 0) this.#userTopics.delete(event);
  }

  #topic(stream: string, eventName: string): Topic | undefined {
    return this.#topics.get(stream)?.get(eventName);
  }

  #drop(subscription: Subscription): void {
    this.detach(subscription);
    subscription.subscriber.subscriptions.delete(subscription.id);
  }
}

/** `<uid>/<event>` of a topic of `notify-user`. */
function partsOf({ eventName }: Topic): { uid: string; event: string } {
  const slash = eventName.indexOf('/');
  return slash === -1
    ? { uid: eventName, event: '' }
    : { uid: eventName.slice(0, slash), event: eventName.slice(slash + 1) };
}

function deliverAll(topic: Topic, message: Outbound): void {
  for (const { subscriber } of topic.subscriptions) subscriber.deliver(message);
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
