import { randomBytes } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { openStorage } from '../../src/storage/database.ts';

/**
 * The database of a test server: in memory, or with `GANTRY_TEST_POSTGRES` (the address of a PostgreSQL server on which
 * databases may be made) one there, which is gone when `drop` has run. So the same tests run on both.
 */
export interface TestDatabase {
  options: { memory: boolean; databaseUrl?: string };
  drop(): Promise<void>;
}

export const postgresServer: string | undefined = process.env.GANTRY_TEST_POSTGRES;

export async function testDatabase(): Promise<TestDatabase> {
  if (!postgresServer) return { options: { memory: true }, drop: async () => {} };
  template ??= makeTemplate(postgresServer);
  return databaseFrom(postgresServer, await template);
}

/** With all tables: a copy of it is there sooner than its migrations have run. One for each process that runs tests. */
let template: Promise<string> | undefined;

async function makeTemplate(server: string): Promise<string> {
  const name = `gantry_template_${randomBytes(6).toString('hex')}`;
  await command(
    server,
    `create database ${name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'`,
  );
  const storage = await openStorage({
    memory: false,
    dataDir: '',
    databaseUrl: `${server}/${name}`,
    log: pino({ level: 'silent' }),
  });
  await storage.close();
  return name;
}

async function databaseFrom(server: string, source: string): Promise<TestDatabase> {
  const name = `gantry_${randomBytes(8).toString('hex')}`;
  await command(server, `create database ${name} template ${source}`);
  return {
    options: { memory: false, databaseUrl: `${server}/${name}` },
    // What a test left open is cut off.
    drop: () => command(server, `drop database if exists ${name} with (force)`),
  };
}

async function command(server: string, text: string): Promise<void> {
  const client = new pg.Client(`${server}/postgres`);
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
