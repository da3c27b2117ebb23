import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStorage } from './database.ts';
import { silent, temporaryDirectory } from './testing/temporary.ts';

test('kill -9 in the middle of a burst loses no acknowledged write and leaves no half one', async () => {
  const dataDir = temporaryDirectory();
  const script = join(import.meta.dirname, 'testing/burst-of-writes.ts');
  const acknowledged = new Set<string>();
  // Again and again on the same directory: the later rounds start from what a killed server left behind.
  for (let round = 1; round <= 2; round += 1) {
    const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of child.stdout) {
      text += chunk;
      if (text.length > 3000) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    for (const id of text.slice(0, text.lastIndexOf('\n')).split('\n')) acknowledged.add(id);

    const storage = await openStorage({ memory: false, dataDir, log: silent });
    const settings = await storage.db.selectFrom('settings').select('id').execute();
    const permissions = await storage.db.selectFrom('permissions').select('id').execute();
    await storage.close();
    const kept = new Set(settings.map((row) => row.id));
    expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    expect(new Set(permissions.map((row) => row.id))).toEqual(kept);
  }
  expect(acknowledged.size).toBeGreaterThan(500);
}, 60_000);
