import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { openStorage, type Storage } from './database.ts';
import { silent, storageOnDisk, temporaryDirectory } from './testing/temporary.ts';

/**
 * Power loss: of what was written to the log after the last finished sync, any part may be on the disk and any part not,
 * in any order, and a block may be torn. Everything that was acknowledged must be there all the same.
 * `POWER_LOSSES=500` tries more moments than the suite does.
 */

const MOMENTS = Number(process.env.POWER_LOSSES ?? 6);
/** Different things that one moment may have left on the disk. */
const IMAGES = 4;
const BLOCK = 4096;
const WRITERS = 8;
const TIMEOUT = 30_000 + MOMENTS * 2000;

/** A data directory whose disk can be looked at as a power loss would leave it. */
interface Disk {
  dataDir: string;
  storage: Storage;
  /** Ids of the writes that were acknowledged. */
  acknowledged: Set<string>;
  /** The log as the last finished sync made it durable. */
  durableLog: Buffer;
}

async function openDisk(): Promise<Disk> {
  const dataDir = temporaryDirectory();
  const log = join(dataDir, 'gantry.db-wal');
  const disk = { dataDir, acknowledged: new Set<string>(), durableLog: Buffer.alloc(0) } as Disk;
  disk.storage = await storageOnDisk(dataDir, {
    // A checkpoint syncs the log by itself, which this simulation would not see.
    checkpointAfterMs: 3_600_000,
    async sync() {
      // What was written before the sync began is what it promises.
      const promised = readFileSync(log);
      const file = await open(log, 'r+');
      await file.datasync();
      await file.close();
      disk.durableLog = promised;
    },
  });
  return disk;
}

/** Writes from several callers until `until` writes are acknowledged; a write has two rows, so that half of one would show. */
async function write(disk: Disk, phase: string, until: number): Promise<void> {
  const { storage, acknowledged } = disk;
  let next = 0;
  const writer = async () => {
    while (acknowledged.size < until) {
      const id = `${phase}-${next++}`;
      await storage.transaction(async (tx) => {
        await tx
          .insertInto('settings')
          .values({ id, value: 'x'.repeat(300), updated_at: 1 })
          .execute();
        await tx.insertInto('permissions').values({ id, roles: '[]', updated_at: 1 }).execute();
      });
      await storage.durable();
      acknowledged.add(id);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

/** The log with each block that was written since the last sync there, not there, or torn. */
function logAfterPowerLoss(durable: Buffer, written: Buffer): Buffer {
  const end =
    written.length > durable.length ? randomBetween(durable.length, written.length) : written.length;
  const left = Buffer.alloc(end);
  durable.copy(left);
  for (let start = 0; start < end; start += BLOCK) {
    const chance = Math.random();
    // A third is lost, a third is there, of a third only the beginning.
    const bytes = chance < 1 / 3 ? 0 : chance < 2 / 3 ? BLOCK : randomBetween(1, BLOCK - 1);
    written.copy(left, start, start, Math.min(start + bytes, end));
  }
  return left;
}

const randomBetween = (low: number, high: number): number =>
  low + Math.floor(Math.random() * (high - low + 1));

async function expectKept(dataDir: string, acknowledged: ReadonlySet<string>): Promise<void> {
  const storage = await openStorage({ memory: false, dataDir, log: silent });
  try {
    const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(storage.db);
    expect(rows).toEqual([{ integrity_check: 'ok' }]);
    const idsOf = async (table: 'settings' | 'permissions') =>
      new Set((await storage.db.selectFrom(table).select('id').execute()).map(({ id }) => id));
    const kept = await idsOf('settings');
    expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    expect(await idsOf('permissions')).toEqual(kept);
  } finally {
    await storage.close();
  }
}

describe.each([
  ['in a log that was never moved', false],
  ['in a log that was started afresh', true],
])('%s', (_name, afresh) => {
  test(
    'a power loss at any moment loses nothing that was acknowledged',
    async () => {
      for (let moment = 0; moment < MOMENTS; moment += 1) {
        const disk = await openDisk();
        if (afresh) {
          await write(disk, 'before', randomBetween(20, 150));
          // Everything goes into the database file; what follows overwrites the log from its beginning.
          await disk.storage.checkpoint();
        }
        const writing = write(disk, 'after', disk.acknowledged.size + 400);
        const target = disk.acknowledged.size + randomBetween(1, 300);
        while (disk.acknowledged.size < target) await new Promise((resolve) => setImmediate(resolve));
        // One moment: nothing runs between these lines.
        const [acknowledged, durable] = [new Set(disk.acknowledged), disk.durableLog];
        const written = readFileSync(join(disk.dataDir, 'gantry.db-wal'));
        const images = Array.from({ length: IMAGES }, () => {
          const image = temporaryDirectory();
          copyFileSync(join(disk.dataDir, 'gantry.db'), join(image, 'gantry.db'));
          writeFileSync(join(image, 'gantry.db-wal'), logAfterPowerLoss(durable, written));
          return image;
        });
        await writing;
        for (const image of images) await expectKept(image, acknowledged);
      }
    },
    TIMEOUT,
  );
});

test('the simulation can tell: without waiting for the sync, acknowledged writes are lost', async () => {
  const disk = await openDisk();
  await write(disk, 'durable', 50);
  const durable = disk.durableLog;
  const hasty = Array.from({ length: 50 }, (_, n) => `hasty-${n}`);
  for (const id of hasty) {
    await disk.storage.transaction(async (tx) => {
      await tx.insertInto('settings').values({ id, value: '', updated_at: 1 }).execute();
      await tx.insertInto('permissions').values({ id, roles: '[]', updated_at: 1 }).execute();
    });
    disk.acknowledged.add(id);
  }
  const image = temporaryDirectory();
  copyFileSync(join(disk.dataDir, 'gantry.db'), join(image, 'gantry.db'));
  writeFileSync(join(image, 'gantry.db-wal'), durable);
  await expect(expectKept(image, disk.acknowledged)).rejects.toThrow();
});
