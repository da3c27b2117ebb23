import type { Emit, EventBus } from '../kernel/events.ts';
import type { Storage, Tx } from './database.ts';

/** `ctx.write`; see there for what it promises. */
export type Write = <T>(work: (tx: Tx, emit: Emit) => Promise<T>) => Promise<T>;

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
export function createWriter(storage: Storage, events: EventBus): Write {
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
    const emit: Emit = (name, payload) => {
      if (batch.state !== 'open') throw new Error(`event ${name} was emitted after its transaction`);
      batch.publish.push(() => events.publish(name, payload));
    };
    const result = await storage.transaction(
      (tx) => work(tx, emit),
      () => {
        batch.state = 'committed';
        if (batch.publish.length > 0) waiting.push(batch);
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
