import type { Emit, EmittedEvent, EventBus, EventName, Events } from '../kernel/events.ts';
import type { Storage, Tx } from './database.ts';

/** `ctx.write`; see there for what it promises. */
export type Write = <T>(work: (tx: Tx, emit: Emit) => Promise<T>) => Promise<T>;

/** What a part of the product adds to the transactions of others. */
export type BeforeCommit<N extends EventName> = (
  payload: Events[N],
  scope: { tx: Tx; emit: Emit },
) => Promise<void> | undefined;

/**
 * Work that belongs into the transaction in which an event was emitted, such as a job that must exist if and only if the
 * change does. It runs when the work of the transaction is done; when it throws, nothing of all is stored. Returns undefined
 * where there is nothing to do: most events of most workspaces cost nothing here.
 */
export class CommitHooks {
  readonly #hooks = new Map<string, BeforeCommit<EventName>[]>();

  on<N extends EventName>(name: N, hook: BeforeCommit<N>): void {
    const hooks = this.#hooks.get(name) ?? [];
    hooks.push(hook as BeforeCommit<EventName>);
    this.#hooks.set(name, hooks);
  }

  of(name: EventName): readonly BeforeCommit<EventName>[] | undefined {
    return this.#hooks.get(name);
  }
}

/** Where commits are told to the other nodes that share the database (`cluster/`). */
export interface CommitFeed {
  /** What is stored with the commit. */
  encode(events: readonly EmittedEvent[]): Uint8Array;
  /**
   * To be called when the commit is durable. Resolves when the events of every earlier commit, of whichever node, and then
   * its own are published here.
   */
  publish(commit: { place: number; body: Uint8Array; events: readonly EmittedEvent[] }): Promise<void>;
}

export interface WriterOptions {
  hooks?: CommitHooks;
  /** Undefined where one process has the database for itself. */
  feed?: CommitFeed | undefined;
}

interface Batch {
  events: EmittedEvent[];
  /** `open` while the work runs, `committed` until its events went out. */
  state: 'open' | 'committed' | 'published';
  place?: number | undefined;
  body?: Uint8Array;
}

/**
 * Makes `ctx.write`: a transaction whose events are published once it is durable, in commit order.
 *
 * A sync covers every commit before it, so whoever first learns that its own commit is durable also publishes what
 * committed earlier; nobody can overtake.
 */
export function createWriter(
  storage: Storage,
  events: EventBus,
  { hooks = new CommitHooks(), feed }: WriterOptions = {},
): Write {
  const waiting: Batch[] = [];

  function publishUpTo(batch: Batch): void {
    while (batch.state !== 'published') {
      const first = waiting.shift();
      if (!first) return;
      first.state = 'published';
      for (const [name, payload] of first.events) events.publish(name, payload);
    }
  }

  async function tell(batch: Batch, feed: CommitFeed): Promise<void> {
    const { events, place, body } = batch;
    if (place !== undefined && body) await feed.publish({ place, body, events });
  }

  return async (work) => {
    const batch: Batch = { events: [], state: 'open' };
    const hooked: ((tx: Tx) => Promise<void> | undefined)[] = [];
    const emit: Emit = (name, payload) => {
      if (batch.state !== 'open') throw new Error(`event ${name} was emitted after its transaction`);
      batch.events.push([name, payload] as unknown as EmittedEvent);
      const added = hooks.of(name);
      if (added) for (const hook of added) hooked.push((tx) => hook(payload, { tx, emit }));
    };
    const result = await storage.transaction(
      async (tx) => {
        const done = await work(tx, emit);
        // A hook may emit, too.
        for (let next = hooked.shift(); next; next = hooked.shift()) {
          const work = next(tx);
          if (work) await work;
        }
        return done;
      },
      {
        told() {
          if (!feed || batch.events.length === 0) return undefined;
          batch.body = feed.encode(batch.events);
          return batch.body;
        },
        committed(place) {
          batch.state = 'committed';
          batch.place = place;
          if (batch.events.length > 0 && !feed) waiting.push(batch);
        },
      },
    );
    try {
      await storage.durable();
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
    if (feed) await tell(batch, feed);
    else if (batch.events.length > 0) publishUpTo(batch);
    return result;
  };
}
