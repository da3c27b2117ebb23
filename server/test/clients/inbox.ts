/** What a client heard, in order, with a way to wait for something instead of sleeping. */
export interface Inbox<T> {
  readonly received: readonly T[];
  push(item: T): void;
  /** The first item that matches: one already received, or the next to come. */
  first(matches: (item: T) => boolean): Promise<T>;
  /** Everything that came after `item`. */
  after(item: T): readonly T[];
}

/** Long enough for a busy machine; a wait that ends here is a failure and says what came instead. */
const PATIENCE_MS = 10_000;

export function openInbox<T>(): Inbox<T> {
  const received: T[] = [];
  const waiting = new Set<(item: T) => void>();

  return {
    received,
    push(item) {
      received.push(item);
      for (const look of [...waiting]) look(item);
    },
    after: (item) => received.slice(received.indexOf(item) + 1),
    first(matches) {
      const already = received.find(matches);
      if (already !== undefined) return Promise.resolve(already);
      return new Promise((resolve, reject) => {
        const giveUp = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`Nothing matched ${matches.toString()} in ${JSON.stringify(received, null, 1)}`));
        }, PATIENCE_MS);
        const look = (item: T): void => {
          if (!matches(item)) return;
          waiting.delete(look);
          clearTimeout(giveUp);
          resolve(item);
        };
        waiting.add(look);
      });
    },
  };
}
