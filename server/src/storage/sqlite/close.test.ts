import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { openStorage } from '../database.ts';

test('after closing the database file is whole: nothing is left in the write-ahead log', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'gantry-close-'));
  try {
    const storage = await openStorage({ memory: false, dataDir, log: pino({ level: 'silent' }) });
    await storage.transaction((tx) =>
      tx.insertInto('settings').values({ id: 'x', value: '1', updated_at: 1 }).execute(),
    );
    expect(await storage.db.selectFrom('settings').select('id').execute()).toEqual([{ id: 'x' }]);
    await storage.close();
    const log = statSync(join(dataDir, 'gantry.db-wal'), { throwIfNoEntry: false });
    expect(log?.size ?? 0).toBe(0);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
