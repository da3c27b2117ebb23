import type { Db, SharedDatabase } from './database.ts';

/**
 * Whether no other process uses the database; `database` is undefined where none can. Inside a transaction it stays true until the
 * commit, but for a process that is starting.
 */
export async function isAlone(
  database: Pick<SharedDatabase, 'node' | 'liveNodes'> | undefined,
  db: Db,
): Promise<boolean> {
  if (!database) return true;
  const live = await database.liveNodes(db);
  return [...live].every((node) => node === database.node);
}
