import { presenceText } from './ddp-messages.ts';
import { TextMessage } from './frames.ts';
import type { Subscriber } from './subscription.ts';

/**
 * Who follows whose presence: the index of `stream-user-presence` from user id to connections (spec 40 §8.6). Most
 * people are followed by few connections, so a single follower is stored without a set around it.
 */
export class PresenceWatch {
  readonly #followers = new Map<string, Subscriber | Set<Subscriber>>();
  readonly #limit: number;

  /** A connection may follow `limit` people; the rest of a longer list is left out. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Edits a connection's set. Entries of `added` and `removed` that are no texts are skipped. */
  edit(subscriber: Subscriber, watched: Set<string>, added: unknown, removed: unknown): void {
    for (const uid of texts(added)) {
      if (watched.size >= this.#limit || watched.has(uid)) continue;
      watched.add(uid);
      this.#follow(uid, subscriber);
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
    return this.#followers.has(uid);
  }

  /** Sends `[username, statusCode, statusText?, statusSource?, statusExpiresAt?]` to all who follow the user. */
  publish(uid: string, tuple: readonly unknown[]): void {
    const followers = this.#followers.get(uid);
    if (!followers) return;
    let length = tuple.length;
    while (length > 0 && tuple[length - 1] === undefined) length--;
    const message = new TextMessage(presenceText(uid, tuple.slice(0, length)));
    if (followers instanceof Set) {
      for (const follower of followers) follower.deliver(message);
    } else {
      followers.deliver(message);
    }
  }

  #follow(uid: string, subscriber: Subscriber): void {
    const present = this.#followers.get(uid);
    if (!present) this.#followers.set(uid, subscriber);
    else if (present instanceof Set) present.add(subscriber);
    else this.#followers.set(uid, new Set([present, subscriber]));
  }

  #unfollow(uid: string, subscriber: Subscriber): void {
    const present = this.#followers.get(uid);
    if (!(present instanceof Set)) {
      if (present === subscriber) this.#followers.delete(uid);
      return;
    }
    present.delete(subscriber);
    if (present.size === 0) this.#followers.delete(uid);
  }
}

function texts(list: unknown): string[] {
  return Array.isArray(list)
    ? list.filter((item) => typeof item === 'string' && item !== '' && item.length <= 64)
    : [];
}
