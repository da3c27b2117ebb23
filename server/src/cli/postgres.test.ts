import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  emptyDatabase,
  type PostgresDatabase,
  postgresDatabase,
  postgresServer,
} from '../../test/support/test-database.ts';
import { openStorage } from '../storage/database.ts';
import { silent } from '../storage/testing/temporary.ts';
import { runCommandLine } from './run.ts';

/** With a password that the server does not ask for. */
function withPassword(url: string): string {
  const given = new URL(url);
  given.password = 'secret-word';
  return given.href;
}

async function gantry(databaseUrl: string, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  const env = { GANTRY_DATABASE_URL: withPassword(databaseUrl) };
  const terminal = { env, cwd: folder, out: write, err: write, stdin: Readable.from([]) };
  const code = await runCommandLine(args, terminal);
  const text = lines.join('\n');
  expect(text).not.toContain('secret-word');
  return { code, text, files: readdirSync(folder) };
}

async function made(making: Promise<PostgresDatabase>): Promise<string> {
  const database = await making;
  onTestFinished(() => database.drop());
  return database.options.databaseUrl;
}

// A server has to be there: PostgreSQL is what these are about.
describe.skipIf(!postgresServer)('commands on PostgreSQL (GANTRY_TEST_POSTGRES)', () => {
  test('migrate makes the tables, names the database, and finds nothing to do the second time', async () => {
    const url = await made(emptyDatabase());
    expect(await gantry(url, 'check')).toMatchObject({
      code: 1,
      text: `gantry: the database at ${url} is empty; run gantry migrate first`,
    });
    for (let times = 0; times < 2; times += 1) {
      const { code, text } = await gantry(url, 'migrate');
      expect(text.split('\n').at(-1)).toBe(`The database at ${url} is up to date.`);
      expect(code).toBe(0);
    }
    expect((await gantry(url, 'check')).code).toBe(0);
    // Two whole starts.
  }, 60_000);

  test('check finds a sound database whole, and names what contradicts itself, beside a running server', async () => {
    const url = await made(postgresDatabase());
    const storage = await openStorage({ memory: false, dataDir: '', databaseUrl: url, log: silent });
    onTestFinished(() => storage.close());
    expect(await gantry(url, 'check')).toEqual({
      code: 0,
      text: expect.stringMatching(/^The database at \S+ is whole: \d+ rules hold\.$/),
      files: [],
    });
    await storage.transaction((tx) =>
      tx.insertInto('user_roles').values({ uid: 'nobody', role: 'owner' }).execute(),
    );
    expect(await gantry(url, 'check')).toMatchObject({
      code: 1,
      text: expect.stringContaining('user_roles.uid without its users: nobody'),
    });
    await storage.transaction(async (tx) => {
      const applied = tx.deleteFrom('schema_migrations' as 'settings').where('id', '=', '0001-foundation');
      await applied.execute();
    });
    expect(await gantry(url, 'check')).toMatchObject({
      code: 1,
      text: 'gantry: the database is of an older version; run gantry migrate first',
    });
  });

  test('backup refuses and says what to use', async () => {
    const url = await made(postgresDatabase());
    const { code, text, files } = await gantry(url, 'backup', 'copy.db');
    expect([code, files]).toEqual([1, []]);
    expect(text).toContain(`the database is at ${url}: back it up with pg_dump`);
  });

  test('a server that is not there is said so', async () => {
    const { code, text } = await gantry('postgres://gantry@127.0.0.1:1/gantry', 'check');
    expect(code).toBe(1);
    expect(text).toContain('ECONNREFUSED');
  });
});
