import { SmallSet } from '../kernel/small-set.ts';
import { presenceText } from './ddp-messages.ts';
import { TextMessage } from './frames.ts';
import type { Subscriber } from './subscription.ts';

/** Somebody who is followed. Most people are by few connections, so a single follower is stored without a set around it. */
interface Followed {
  readonly uid: string;
  by: Subscriber | SmallSet<Subscriber>;
}

/** Who follows whose presence: the index of `stream-user-presence` from user id to connections (spec 40 §8.6). */
export class PresenceWatch {
  readonly #followed = new Map<string, Followed>();
  readonly #limit: number;

  /** A connection may follow `limit` people; the rest of a longer list is left out. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Edits a connection's set. Entries of `added` and `removed` that are no texts are skipped. */
  edit(subscriber: Subscriber, watched: SmallSet<string>, added: unknown, removed: unknown): void {
    for (const uid of texts(added)) {
      if (watched.size >= this.#limit || watched.has(uid)) continue;
      // The same text for all who follow somebody: each has sent its own.
      watched.add(this.#follow(uid, subscriber).uid);
    }
    for (const uid of texts(removed)) {
      if (watched.delete(uid)) this.#unfollow(uid, subscriber);
    }
  }

  clear(subscriber: Subscriber): void {
    for (const uid of subscriber.watched ?? []) this.#unfollow(uid, subscriber);
    subscriber.watched?.clear();
  }

  hasFollowers(uid: string): boolean {
    return this.#followed.has(uid);
  }

  /** Sends `[username, statusCode, statusText?, statusSource?, statusExpiresAt?]` to all who follow the user. */
  publish(uid: string, tuple: readonly unknown[]): void {
    const followers = this.#followed.get(uid)?.by;
    if (!followers) return;
    let length = tuple.length;
    while (length > 0 && tuple[length - 1] === undefined) length--;
    const message = new TextMessage(presenceText(uid, tuple.slice(0, length)));
    if (followers instanceof SmallSet) {
      for (const follower of followers) follower.deliver(message);
    } else {
      followers.deliver(message);
    }
  }

  #follow(uid: string, subscriber: Subscriber): Followed {
    const known = this.#followed.get(uid);
    if (!known) {
      const followed = { uid, by: subscriber };
      this.#followed.set(uid, followed);
      return followed;
    }
    if (!(known.by instanceof SmallSet)) {
      const first = known.by;
      known.by = new SmallSet();
      known.by.add(first);
    }
    known.by.add(subscriber);
    return known;
  }

  #unfollow(uid: string, subscriber: Subscriber): void {
    const by = this.#followed.get(uid)?.by;
    if (by instanceof SmallSet) {
      by.delete(subscriber);
      if (by.size === 0) this.#followed.delete(uid);
    } else if (by === subscriber) {
      this.#followed.delete(uid);
    }
  }
}

function texts(list: unknown): string[] {
  return Array.isArray(list)
    ? list.filter((item) => typeof item === 'string' && item !== '' && item.length <= 64)
    : [];
}
