import type { Db } from '../database.ts';
import { clientConfig, execute } from './connection.ts';
import { readerOver } from './dialect.ts';

/** Runs `work` on the stored data as it is at this moment, whatever is written meanwhile. Gives undefined where no tables are. */
export async function withPostgresSnapshot<T>(
  url: string,
  work: (db: Db) => Promise<T>,
): Promise<{ result: T } | undefined> {
  const { pg } = await import('../../kernel/packages/pg.ts');
  const client = new pg.Client(clientConfig(url));
  // Whoever waits for a query hears of it too.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('begin transaction isolation level repeatable read read only');
    const { rows } = await client.query("select to_regclass('schema_migrations') is not null as made");
    if (!rows[0]?.made) return undefined;
    return { result: await work(readerOver((compiled) => execute(client, compiled))) };
  } finally {
    await client.end();
  }
}
