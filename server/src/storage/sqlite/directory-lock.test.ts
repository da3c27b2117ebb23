import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStorage } from '../database.ts';
import { silent, temporaryDirectory } from '../testing/temporary.ts';
import { lockDirectory } from './directory-lock.ts';

test('a second server on the same directory is refused, and told who has it', async () => {
  const dataDir = temporaryDirectory();
  const options = { memory: false, dataDir, log: silent };
  const first = await openStorage(options);
  await expect(openStorage(options)).rejects.toThrow(
    `The data directory ${dataDir} is in use by the process ${process.pid}. Only one server may use it at a time.`,
  );
  // The refused one must not have taken the first one's lock away.
  await expect(openStorage(options)).rejects.toThrow('is in use by');
  await first.close();
  expect(existsSync(join(dataDir, 'gantry.pid'))).toBe(false);
  await (await openStorage(options)).close();
});

test('the lock of a process that was killed is taken over', async () => {
  const dataDir = temporaryDirectory();
  const script = join(import.meta.dirname, '../testing/hold-lock.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await expect(lockDirectory(dataDir)).rejects.toThrow(`in use by the process ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(readFileSync(join(dataDir, 'gantry.pid'), 'utf8')).toBe(`${child.pid}\n`);
  const lock = await lockDirectory(dataDir);
  expect(readFileSync(join(dataDir, 'gantry.pid'), 'utf8')).toBe(`${process.pid}\n`);
  await lock.release();
});

test('a pid file alone, even of a living process, keeps nobody out', async () => {
  const dataDir = temporaryDirectory();
  writeFileSync(join(dataDir, 'gantry.pid'), `${process.ppid}\n`);
  const lock = await lockDirectory(dataDir);
  await lock.release();
});
