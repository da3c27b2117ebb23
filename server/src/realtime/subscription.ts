import type { Caller } from '../kernel/caller.ts';
import type { SmallIndex } from '../kernel/small-index.ts';
import type { SmallSet } from '../kernel/small-set.ts';
import type { Connection } from './declarations.ts';
import type { Outbound } from './frames.ts';

/**
 * A running subscription. There are many (some dozens a socket), so it is a small object in two indexes and owns no
 * closure: it is a link in the chain of those who listen to the same event, and in its subscriber's index by id.
 */
export class Subscription {
  readonly id: string;
  readonly subscriber: Subscriber;
  readonly stream: string;
  eventName: string;
  /** What `mayRead` is asked with again on a recheck. */
  readonly args: readonly unknown[];
  /** Whether events reach it. */
  attached = false;
  previous: Subscription | undefined = undefined;
  next: Subscription | undefined = undefined;

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
  readonly subscriptions: SmallIndex<Subscription>;
  readonly checking: PendingCheck | undefined;
  /** User ids whose presence it follows; undefined without a `stream-user-presence` subscription. */
  readonly watched: SmallSet<string> | undefined;
  deliver(message: Outbound): void;
}
