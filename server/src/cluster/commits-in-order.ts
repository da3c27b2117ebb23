import { deserialize, serialize } from 'node:v8';
import type { Logger } from 'pino';
import type { EmittedEvent, EventBus } from '../kernel/events.ts';
import type { SharedDatabase, ToldCommit } from '../storage/database.ts';
import type { CommitFeed } from '../storage/write.ts';

/** A commit that has not come is looked for in the database after this long, and again. */
const LATE_AFTER_MS = 50;
/** How often it is looked whether commits were missed that nothing has followed. */
const LOOK_AGAIN_MS = 1000;
const ROWS_PER_LOOK = 200;

/** A commit that is too large for NATS: the others read it in the database. */
export type UnreadCommit = Omit<ToldCommit, 'body'> & { body?: undefined };

export interface CommitsInOrderOptions {
  log: Logger;
  database: SharedDatabase;
  events: EventBus;
  /** Tells the other nodes of a commit that is durable. It may be lost: then they find it in the database. */
  announce(commit: ToldCommit): void;
  /** This node has missed something for good: it must be started anew. */
  lost(error: Error): void;
}

/**
 * Publishes the events of all nodes' commits on this node's bus, each once and in the order of commits, so that what nodes
 * keep in memory and send to their sockets is the same everywhere. Commits come over NATS; one that does not come in time is read
 * from the database, where it was stored in its own transaction: nothing depends on NATS but how soon it is known.
 *
 * Until `open` nothing of other nodes is published, and of this node everything at once: parts that read the database at
 * their start hear afterwards of everything that may have come meanwhile, some of it a second time.
 */
export class CommitsInOrder implements CommitFeed {
  readonly #options: CommitsInOrderOptions;
  /** What waits for its turn, by place. */
  readonly #waiting = new Map<number, () => void>();
  /** The last place that was published; undefined before `open`. */
  #published: number | undefined;
  /** What of this node was published before `open`, to be heard again in its turn. */
  readonly #early = new Map<number, readonly EmittedEvent[]>();
  #late: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #closed = false;
  /** Those who wait until their own commit is published here. */
  readonly #unheard = new Set<() => void>();

  constructor(options: CommitsInOrderOptions) {
    this.#options = options;
  }

  /** One call for all events of a commit: what several of them hold is there once. */
  encode(events: readonly EmittedEvent[]): Uint8Array {
    return serialize(events);
  }

  async publish({
    place,
    body,
    events,
  }: {
    place: number;
    body: Uint8Array;
    events: readonly EmittedEvent[];
  }): Promise<void> {
    this.#options.announce({ place, node: this.#options.database.node, body });
    const bus = this.#options.events;
    const run = () => {
      for (const [name, payload] of events) bus.publish(name, payload);
    };
    if (this.#published === undefined) {
      this.#early.set(place, events);
      return run();
    }
    // A node that ends publishes nothing more; the commit is there for all that.
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#unheard.add(resolve);
      this.#add(place, () => {
        run();
        this.#unheard.delete(resolve);
        resolve();
      });
    });
  }

  /** A commit of another node, from NATS or the database. */
  receive({ place, node, body }: ToldCommit | UnreadCommit): void {
    if (node === this.#options.database.node || this.#waiting.has(place)) return;
    if (!body) return void this.#read();
    this.#add(place, () => this.#publishForeign(deserialize(body) as EmittedEvent[]));
  }

  /** Goes on with everything after `place`, which was read before anything else was. */
  async open(place: number): Promise<void> {
    this.#published = place;
    for (const [own, events] of this.#early) this.#add(own, () => this.#publishForeign(events));
    this.#early.clear();
    for (const known of this.#waiting.keys()) if (known <= place) this.#waiting.delete(known);
    await this.#read();
    this.#looking = setInterval(() => void this.#lookForMissed(), LOOK_AGAIN_MS).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#late);
    clearInterval(this.#looking);
    for (const resolve of this.#unheard) resolve();
    this.#unheard.clear();
  }

  #publishForeign(events: readonly EmittedEvent[]): void {
    for (const [name, payload] of events) this.#options.events.publishForeign(name, payload);
  }

  #add(place: number, publish: () => void): void {
    if (this.#published !== undefined && place <= this.#published) return;
    this.#waiting.set(place, publish);
    this.#publishWhatIsDue();
  }

  #publishWhatIsDue(): void {
    if (this.#published === undefined || this.#closed) return;
    let next: number = this.#published + 1;
    for (let publish = this.#waiting.get(next); publish; publish = this.#waiting.get(next)) {
      this.#waiting.delete(next);
      this.#published = next;
      next += 1;
      try {
        publish();
      } catch (error) {
        return this.#lose(new Error('what another node told cannot be read', { cause: error }));
      }
    }
    if (this.#waiting.size > 0) this.#late ??= setTimeout(() => this.#readLate(), LATE_AFTER_MS);
  }

  #readLate(): void {
    this.#late = undefined;
    void this.#read();
  }

  async #lookForMissed(): Promise<void> {
    try {
      const last = await this.#options.database.lastPlace();
      if (this.#published !== undefined && last > this.#published) await this.#read();
    } catch (error) {
      this.#report(error);
    }
  }

  /** Fetches what lies between what is published and what has come. */
  #read(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
      this.#publishWhatIsDue();
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      let after = this.#published ?? 0;
      for (;;) {
        const rows = await this.#options.database.commitsAfter(after, ROWS_PER_LOOK);
        if (this.#closed) return;
        const [first] = rows;
        if (first && first.place > after + 1 && first.place > (this.#published ?? 0) + 1)
          return this.#lose(new Error('this node was away for so long that commits of other nodes are gone'));
        for (const row of rows) this.receive(row);
        if (rows.length < ROWS_PER_LOOK) return;
        after = rows.at(-1)?.place ?? after;
      }
    } catch (error) {
      this.#report(error);
    }
  }

  #lose(error: Error): void {
    this.close();
    this.#options.lost(error);
  }

  #report(error: unknown): void {
    if (!this.#closed) this.#options.log.error({ err: error }, 'commits of other nodes could not be read');
  }
}
