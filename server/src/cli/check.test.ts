import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStorage, type Storage } from '../storage/database.ts';
import { runCommandLine } from './run.ts';

let data: string;
let storage: Storage;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'gantry-check-'));
  storage = await openStorage({ memory: false, dataDir: data, log: pino({ level: 'silent' }) });
});
afterEach(async () => {
  await storage.close();
  rmSync(data, { recursive: true });
});

async function check(dataDir = data) {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  const terminal = { env: {}, cwd: data, out: write, err: write, stdin: Readable.from([]) };
  return { code: await runCommandLine(['check', '--data', dataDir], terminal), lines };
}

test('a sound database beside a running server', async () => {
  const { code, lines } = await check();
  expect(lines).toEqual([expect.stringMatching(/is whole: \d+ rules hold\.$/)]);
  expect(code).toBe(0);
});

test('what contradicts itself is named with its rows', async () => {
  await storage.transaction(async (tx) => {
    await tx.insertInto('user_roles').values({ uid: 'nobody', role: 'owner' }).execute();
    const stars = Array.from({ length: 21 }, (_, index) => ({ uid: 'nobody', rid: 'r', mid: `m${index}` }));
    await tx.insertInto('message_stars').values(stars).execute();
  });
  const { code, lines } = await check();
  expect(code).toBe(1);
  expect(lines).toContain('user_roles.uid without its users: nobody');
  const missing = lines.find((line) => line.startsWith('message_stars.mid'));
  expect(missing).toMatch(/^message_stars\.mid without its messages: m0, m1, .*, and more$/);
});

test('neither a missing nor an older database is taken for a sound one', async () => {
  expect(await check(join(data, 'nowhere'))).toMatchObject({
    code: 1,
    lines: [expect.stringContaining('there is no database')],
  });
  await storage.transaction(async (tx) => {
    const applied = tx.deleteFrom('schema_migrations' as 'settings').where('id', '=', '0001-foundation');
    await applied.execute();
  });
  expect(await check()).toEqual({
    code: 1,
    lines: ['gantry: the database is of an older version; run gantry migrate first'],
  });
});
