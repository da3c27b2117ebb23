import type { Caller } from '../kernel/caller.ts';
import type { SmallSet } from '../kernel/small-set.ts';
import type { Connection } from './declarations.ts';
import type { Outbound } from './frames.ts';

/** One event of one stream and all who listen to it on this node. */
export class Topic {
  readonly stream: string;
  readonly eventName: string;
  readonly subscriptions: Subscription[];

  constructor(first: Subscription) {
    this.stream = first.stream;
    this.eventName = first.eventName;
    // Most topics are events of one user and keep one listener: an array that is pushed to has room for 17.
    this.subscriptions = [first];
  }
}

/**
 * A running subscription. There are many (some dozens a socket), so it is a small object in two indexes and owns no
 * closure: its topic's array, at `index`, and its subscriber's map by id.
 */
export class Subscription {
  readonly id: string;
  readonly subscriber: Subscriber;
  readonly stream: string;
  readonly eventName: string;
  /** What `mayRead` is asked with again on a recheck. */
  readonly args: readonly unknown[];
  topic: Topic | undefined;
  index = -1;

  constructor(
    id: string,
    subscriber: Subscriber,
    stream: string,
    eventName: string,
    args: readonly unknown[],
  ) {
    this.id = id;
    this.subscriber = subscriber;
    this.stream = stream;
    this.eventName = eventName;
    this.args = args;
  }
}

/** An access check that is still running; `stale` when access may have changed meanwhile, so that it is asked again. */
export interface PendingCheck {
  stream: string;
  eventName: string;
  stale: boolean;
}

/** What the hub knows of a session. */
export interface Subscriber extends Connection {
  caller: Caller | null;
  readonly subscriptions: Map<string, Subscription>;
  readonly checking: PendingCheck | undefined;
  /** User ids whose presence it follows; undefined without a `stream-user-presence` subscription. */
  readonly watched: SmallSet<string> | undefined;
  deliver(message: Outbound): void;
}
