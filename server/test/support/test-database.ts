import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { openStorage } from '../../src/storage/database.ts';
import { command, SUITABLE } from './postgres-server.ts';

/**
 * The database of a test server: in memory, or with `GANTRY_TEST_POSTGRES` (the address of a PostgreSQL server on which
 * databases may be made) one there, which is gone when `drop` has run. So the same tests run on both.
 */
export interface TestDatabase {
  /** Uploaded files are in a folder of their own, which goes with the database. */
  options: { memory: boolean; databaseUrl?: string; dataDir?: string };
  drop(): Promise<void>;
}

export const postgresServer: string | undefined = process.env.GANTRY_TEST_POSTGRES;

export async function testDatabase(): Promise<TestDatabase> {
  if (!postgresServer) return { options: { memory: true }, drop: async () => {} };
  return postgresDatabase();
}

/** With all tables, on the server of `GANTRY_TEST_POSTGRES`, without which it fails. */
export async function postgresDatabase(): Promise<PostgresDatabase> {
  if (!postgresServer) throw new Error('GANTRY_TEST_POSTGRES is not set');
  template ??= makeTemplate(postgresServer);
  return databaseFrom(postgresServer, await template);
}

/** Begins with the run's, so that what is left over can be found at its end (`scripts/before-tests.mjs`). */
const newName = (): string =>
  `gantry_${process.env.GANTRY_TEST_RUN ?? 'test'}_${randomBytes(8).toString('hex')}`;

/** With all tables: a copy of it is there sooner than its migrations have run. One for each process that runs tests. */
let template: Promise<string> | undefined;

async function makeTemplate(server: string): Promise<string> {
  const name = newName();
  await command(server, `create database ${name} ${SUITABLE}`);
  const storage = await openStorage({
    memory: false,
    dataDir: '',
    databaseUrl: `${server}/${name}`,
    log: pino({ level: 'silent' }),
  });
  await storage.close();
  return name;
}

const databaseFrom = (server: string, source: string) => createDatabase(server, `template ${source}`);

/** A database without tables; `how` is what `create database` is told. */
export const emptyDatabase = (how = SUITABLE): Promise<PostgresDatabase> =>
  createDatabase(postgresServer ?? '', how);

export interface PostgresDatabase extends TestDatabase {
  options: { memory: false; databaseUrl: string; dataDir: string };
}

async function createDatabase(server: string, how: string): Promise<PostgresDatabase> {
  const name = newName();
  await command(server, `create database ${name} ${how}`);
  const dataDir = mkdtempSync(join(tmpdir(), 'gantry-test-'));
  return {
    options: { memory: false, databaseUrl: `${server}/${name}`, dataDir },
    async drop() {
      rmSync(dataDir, { recursive: true, force: true });
      // What a test left open is cut off.
      await command(server, `drop database if exists ${name} with (force)`);
    },
  };
}
