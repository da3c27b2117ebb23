import type { Emit, EventBus, EventName, Events } from '../kernel/events.ts';
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

interface Batch {
  publish: (() => void)[];
  /** `open` while the work runs, `committed` until its events went out. */
  state: 'open' | 'committed' | 'published';
}

/**
 * Makes `ctx.write`: a transaction whose events are published once it is durable, in commit order.
 *
 * A sync covers every commit before it, so whoever first learns that its own commit is durable also publishes what
 * committed earlier; nobody can overtake.
 */
export function createWriter(storage: Storage, events: EventBus, hooks = new CommitHooks()): Write {
  const waiting: Batch[] = [];

  function publishUpTo(batch: Batch): void {
    while (batch.state !== 'published') {
      const first = waiting.shift();
      if (!first) return;
      first.state = 'published';
      for (const publish of first.publish) publish();
    }
  }

  return async (work) => {
    const batch: Batch = { publish: [], state: 'open' };
    const hooked: ((tx: Tx) => Promise<void> | undefined)[] = [];
    const emit: Emit = (name, payload) => {
      if (batch.state !== 'open') throw new Error(`event ${name} was emitted after its transaction`);
      batch.publish.push(() => events.publish(name, payload));
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
        committed: () => {
          batch.state = 'committed';
          if (batch.publish.length > 0) waiting.push(batch);
        },
      },
    );
    try {
      await storage.durable();
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
    if (batch.publish.length > 0) publishUpTo(batch);
    return result;
  };
}
