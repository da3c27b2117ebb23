import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { createEventBus } from '../../kernel/events.ts';
import { openStorage } from '../database.ts';
import { createWriter } from '../write.ts';

/**
 * Run by a test in a process of its own: writes without end from many callers, and tells each id on the standard output
 * once its write is acknowledged. A transaction has two rows, so that half of one would show.
 */
const storage = await openStorage({
  memory: false,
  dataDir: process.argv[2] ?? '',
  log: pino({ level: 'silent' }),
});
const write = createWriter(storage, createEventBus(console.error));
let last = 0;

async function writeForEver(): Promise<never> {
  for (;;) {
    last += 1;
    const id = `${process.argv[3]}-${last}`;
    await write(async (tx) => {
      await tx
        .insertInto('settings')
        .values({ id, value: 'x'.repeat(500), updated_at: 1 })
        .execute();
      await tx.insertInto('permissions').values({ id, roles: '[]', updated_at: 1 }).execute();
    });
    writeSync(1, `${id}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, writeForEver));
