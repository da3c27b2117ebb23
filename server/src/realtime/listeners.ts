import type { Subscription } from './subscription.ts';

/** Its events are `<uid>/<event>`. */
export const USER_STREAM = 'notify-user';

/**
 * Who listens to which event on this node. The listeners of an event are a chain through their subscriptions, of which only the
 * first is stored here: most events are of one user and have one listener, and a list for each would take more memory than the
 * subscription itself.
 */
export class Listeners {
  /**
   * The first of each chain, by stream and name of the event; those of `notify-user` by event and user, so that an event for
   * many users finds each without building its name.
   */
  readonly #chains = new Map<string, Map<string, Subscription>>();
  #size = 0;

  /** How many subscriptions there are. */
  get size(): number {
    return this.#size;
  }

  /** The first who listens to an event; the others follow as `next`. */
  first(stream: string, eventName: string): Subscription | undefined {
    const { group, key } = placeOf(stream, eventName);
    return this.#chains.get(group)?.get(key);
  }

  /** The first listener of each user to an event of `notify-user`. */
  ofUsers(event: string): ReadonlyMap<string, Subscription> | undefined {
    return this.#chains.get(`${USER_STREAM}/${event}`);
  }

  /** All who listen to any event of a stream now. */
  of(stream: string): Subscription[] {
    const found: Subscription[] = [];
    for (const [group, firsts] of this.#chains) {
      if (group !== stream && !group.startsWith(`${stream}/`)) continue;
      for (const first of firsts.values()) for (const each of chain(first)) found.push(each);
    }
    return found;
  }

  attach(subscription: Subscription): void {
    if (subscription.attached) return;
    const { group, key } = placeOf(subscription.stream, subscription.eventName);
    let firsts = this.#chains.get(group);
    if (!firsts) {
      firsts = new Map();
      this.#chains.set(group, firsts);
    }
    const first = firsts.get(key);
    if (first) {
      // The same text for all: each has sent its own.
      subscription.eventName = first.eventName;
      linkBehind(first, subscription);
    } else {
      const uid = subscription.subscriber.caller?.uid;
      firsts.set(uid === key ? uid : key, subscription);
    }
    subscription.attached = true;
    this.#size++;
  }

  detach(subscription: Subscription): void {
    if (!subscription.attached) return;
    subscription.attached = false;
    this.#size--;
    const { previous, next } = subscription;
    subscription.previous = undefined;
    subscription.next = undefined;
    if (next) next.previous = previous;
    if (previous) previous.next = next;
    else this.#replaceFirst(subscription, next);
  }

  #replaceFirst({ stream, eventName }: Subscription, next: Subscription | undefined): void {
    const { group, key } = placeOf(stream, eventName);
    const firsts = this.#chains.get(group);
    if (next) firsts?.set(key, next);
    else firsts?.delete(key);
    if (firsts?.size === 0) this.#chains.delete(group);
  }
}

/** A subscription and those behind it. */
export function* chain(first: Subscription | undefined): Generator<Subscription> {
  for (let each = first; each; each = each.next) yield each;
}

function linkBehind(first: Subscription, added: Subscription): void {
  added.previous = first;
  added.next = first.next;
  if (first.next) first.next.previous = added;
  first.next = added;
}

function placeOf(stream: string, eventName: string): { group: string; key: string } {
  if (stream !== USER_STREAM) return { group: stream, key: eventName };
  const slash = eventName.indexOf('/');
  return slash === -1
    ? { group: USER_STREAM, key: eventName }
    : { group: `${USER_STREAM}/${eventName.slice(slash + 1)}`, key: eventName.slice(0, slash) };
}
