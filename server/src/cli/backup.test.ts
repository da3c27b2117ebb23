import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GANTRY } from '../../test/support/gantry-command.ts';
import { openStorage, type Storage } from '../storage/database.ts';
import { runCommandLine } from './run.ts';

let folder: string;
let storage: Storage | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-backup-'));
});
afterEach(async () => {
  await storage?.close();
  storage = undefined;
  rmSync(folder, { recursive: true });
});

const log = pino({ level: 'silent' });
const open = async (dataDir: string): Promise<Storage> => {
  storage = await openStorage({ memory: false, dataDir, log });
  return storage;
};
const addRole = (to: Storage, id: string) =>
  to.transaction(async (tx) => {
    const row = {
      id,
      name: id,
      scope: 'Users',
      description: '',
      protected: 0,
      mandatory2fa: 0,
      updated_at: 1,
    };
    await tx.insertInto('roles').values(row).execute();
  });
const roleIds = async (from: Storage) =>
  (await from.db.selectFrom('roles').select('id').execute()).map(({ id }) => id);

/** Runs `gantry backup` and gives the one line it says. */
async function backup(...args: string[]) {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  const terminal = { env: {}, cwd: folder, out: write, err: write, stdin: Readable.from([]) };
  const code = await runCommandLine(['backup', ...args], terminal);
  return { code, line: lines.join('\n') };
}

test('a copy made beside a running server holds what was committed, and the server goes on', async () => {
  const data = join(folder, 'data');
  const running = await open(data);
  await addRole(running, 'before');
  const copy = join(folder, 'copy.db');

  const args = [GANTRY, 'backup', copy, '--data', data];
  const said = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' });
  expect(said).toBe(`Copied the database in ${data} to ${copy}\n`);

  await addRole(running, 'after');
  await running.durable();
  expect(await roleIds(running)).toEqual(expect.arrayContaining(['before', 'after']));
  await running.close();
  expect(readdirSync(folder).sort()).toEqual(['copy.db', 'data']);

  const restored = join(folder, 'restored');
  await mkdir(restored);
  await rename(copy, join(restored, 'gantry.db'));
  const ids = await roleIds(await open(restored));
  expect(ids).toContain('before');
  expect(ids).not.toContain('after');
});

test('a copy of a stopped server leaves a directory that starts again', async () => {
  const data = join(folder, 'data');
  await (await open(data)).close();
  expect(await backup('copy.db')).toMatchObject({ code: 0 });
  await addRole(await open(data), 'later');
});

test('an existing file is never overwritten', async () => {
  await (await open(join(folder, 'data'))).close();
  writeFileSync(join(folder, 'copy.db'), 'precious');
  const line = `gantry: ${join(folder, 'copy.db')} exists already; choose another name`;
  expect(await backup('copy.db')).toEqual({ code: 1, line });
});

test('without a database nothing is created', async () => {
  const line = `gantry: there is no database in ${join(folder, 'data')} (--data)`;
  expect(await backup('copy.db')).toEqual({ code: 1, line });
  expect(existsSync(join(folder, 'data'))).toBe(false);
  expect(existsSync(join(folder, 'copy.db'))).toBe(false);
});

test('a target in a folder that does not exist is named', async () => {
  await (await open(join(folder, 'data'))).close();
  const { code, line } = await backup('none/copy.db');
  expect(code).toBe(1);
  expect(line).toContain(`cannot write ${join(folder, 'none/copy.db')}`);
});
