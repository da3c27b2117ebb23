import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PATIENCE } from '../../../test/support/patience.ts';
import { storageOnDisk, temporaryDirectory } from '../testing/temporary.ts';
import { Maintenance } from './maintenance.ts';

async function setUp() {
  const dataDir = temporaryDirectory();
  const storage = await storageOnDisk(dataDir);
  const maintenance = new Maintenance(join(dataDir, 'gantry.db'));
  onTestFinished(() => maintenance.close());
  const write = (id: string) =>
    storage.transaction((tx) => tx.insertInto('settings').values({ id, value: '', updated_at: 1 }).execute());
  return { dataDir, storage, maintenance, write };
}

test('a checkpoint moves the whole log, also while a transaction is open', async () => {
  const { storage, maintenance, write } = await setUp();
  await write('a');
  const result = await storage.transaction(async (tx) => {
    await tx.insertInto('settings').values({ id: 'b', value: '', updated_at: 1 }).execute();
    return await maintenance.checkpoint();
  });
  expect(result.log).toBeGreaterThan(0);
  expect(result.checkpointed).toBe(result.log);
});

test('after a complete checkpoint the log starts afresh', async () => {
  const { maintenance, write } = await setUp();
  const before = await maintenance.checkpoint();
  await write('a');
  const after = await maintenance.checkpoint();
  expect(after.log).toBeLessThan(before.log);
});

test('a backup that fails says why, and the thread goes on', async () => {
  const { dataDir, maintenance } = await setUp();
  const taken = join(dataDir, 'taken');
  writeFileSync(taken, 'something');
  const failing = maintenance.backup(taken);
  expect(maintenance.backingUp).toBe(true);
  await expect(failing).rejects.toThrow();
  await expect(maintenance.backup(join(dataDir, 'no', 'such', 'directory'))).rejects.toThrow(
    'unable to open database',
  );
  expect(maintenance.backingUp).toBe(false);
  await expect(maintenance.checkpoint()).resolves.toMatchObject({ busy: 0 });
});

test('the thread ends when nothing is asked of it, and the next one does what is asked then', async () => {
  const { dataDir, write } = await setUp();
  const maintenance = new Maintenance(join(dataDir, 'gantry.db'), 1);
  onTestFinished(() => maintenance.close());
  await maintenance.checkpoint();
  expect(maintenance.running).toBe(true);
  await vi.waitFor(() => expect(maintenance.running).toBe(false), PATIENCE);
  await write('a');
  const { log, checkpointed } = await maintenance.checkpoint();
  expect(log).toBeGreaterThan(0);
  expect(checkpointed).toBe(log);
});

test('a thread that cannot start rejects what it was asked for', async () => {
  const maintenance = new Maintenance(join(temporaryDirectory(), 'no', 'such', 'gantry.db'));
  await expect(maintenance.checkpoint()).rejects.toThrow('unable to open database');
  await maintenance.close();
});
