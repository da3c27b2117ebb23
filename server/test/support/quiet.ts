import { setImmediate as turn } from 'node:timers/promises';
import type { Db } from '../../src/storage/database.ts';

const watched = new WeakMap<Db, { running: number }>();

/**
 * Counts the reads of a server outside of transactions, from the first call on. What is returned resolves when none runs: then
 * whatever the server had to read before it could send it has been sent. On the embedded database that is at once.
 */
export function watchReads(db: Db): () => Promise<void> {
  const known = watched.get(db);
  const reads = known ?? { running: 0 };
  if (!known) {
    watched.set(db, reads);
    const executor = db.getExecutor();
    const execute = executor.executeQuery.bind(executor);
    executor.executeQuery = async (compiled) => {
      reads.running += 1;
      try {
        return await execute(compiled);
      } finally {
        reads.running -= 1;
      }
    };
  }
  return async () => {
    // Who goes on to read after a read does so before the turn is over.
    do await turn();
    while (reads.running > 0);
  };
}
