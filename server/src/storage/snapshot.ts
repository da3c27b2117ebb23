import type { Db } from './database.ts';

/** Where the data of a server is: `databaseUrl` wins, as in `StorageOptions`. */
export interface StoragePlace {
  dataDir: string;
  databaseUrl?: string | undefined;
}

/**
 * Runs `work` on the stored data as it is at this moment, beside a server that goes on writing. Gives undefined where there are
 * none. `damages` are what the embedded database finds wrong with its file; PostgreSQL sees to that itself.
 */
export async function withSnapshot<T>(
  { dataDir, databaseUrl }: StoragePlace,
  work: (db: Db, damages: () => Promise<string[]>) => Promise<T>,
): Promise<{ result: T } | undefined> {
  if (databaseUrl !== undefined) {
    const { withPostgresSnapshot } = await import('./postgres/snapshot.ts');
    return withPostgresSnapshot(databaseUrl, (db) => work(db, async () => []));
  }
  const { damages, withSqliteSnapshot } = await import('./sqlite/snapshot.ts');
  return withSqliteSnapshot(dataDir, (db) => work(db, () => damages(db)));
}
