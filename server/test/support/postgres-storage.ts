import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { openStorage, type SharedDatabase, type Storage, type Tx } from '../../src/storage/database.ts';
import { silent } from '../../src/storage/testing/temporary.ts';
import { postgresDatabase } from './test-database.ts';

/** For the tests of the storage on PostgreSQL, which is at `GANTRY_TEST_POSTGRES`. */

/** The address of a database with all tables. */
export async function postgresUrl(): Promise<string> {
  const made = await postgresDatabase();
  onTestFinished(() => made.drop());
  return made.options.databaseUrl;
}

export async function storageOnPostgres(databaseUrl: string, shared = false): Promise<Storage> {
  const storage = await openStorage({ memory: false, dataDir: '', databaseUrl, shared, log: silent });
  onTestFinished(() => storage.close());
  return storage;
}

/** A connection beside the storage's own. */
export async function beside(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Adds a setting. */
export const add = (tx: Tx, id: string, value = '') =>
  tx.insertInto('settings').values({ id, value, updated_at: 1 }).execute();

/** Of all settings. */
export const ids = async (storage: Storage): Promise<string[]> =>
  (await storage.db.selectFrom('settings').select('id').orderBy('id').execute()).map(({ id }) => id);

/** Ends the connections of storages. */
export const cutOff = (client: pg.Client) =>
  client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'gantry'",
  );

export const shareOf = (storage: Storage): Promise<SharedDatabase> => {
  if (!storage.share) throw new Error('it cannot be shared');
  return storage.share(systemClock());
};

export interface Line {
  url: string;
  /** Whether the next `commit` is lost on its way, or its answer; undefined when that has happened. */
  cut: 'commit' | 'answer' | undefined;
}

/** A way to the server that breaks at the worst moment. */
export async function cuttable(url: string): Promise<Line> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const line: Line = { url, cut: undefined };
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    let isDeaf = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    near.on('data', (bytes) => {
      const isCommit = bytes.includes('commit\0');
      const { cut } = line;
      if (isCommit) line.cut = undefined;
      if (isCommit && cut === 'commit') {
        near.destroy();
        far.destroy();
        return;
      }
      isDeaf = isCommit && cut === 'answer';
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!isDeaf) return near.write(bytes);
      near.destroy();
      far.destroy();
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const through = new URL(url);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  line.url = through.href;
  return line;
}
