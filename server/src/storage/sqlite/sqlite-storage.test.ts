import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { openStorage, type Storage, type Tx } from '../database.ts';
import { isStorageFull, isUniqueViolation, StorageFailed } from '../errors.ts';
import {
  gate,
  settle,
  silent,
  storageInMemory,
  storageOnDisk,
  temporaryDirectory,
} from '../testing/temporary.ts';

const setting = (id: string, value = '1') => ({ id, value, updated_at: 1 });

const insert = (tx: Tx, id: string, value?: string) =>
  tx.insertInto('settings').values(setting(id, value)).execute();

const settingsIn = async (storage: Storage) =>
  (await storage.db.selectFrom('settings').select('id').orderBy('id').execute()).map((row) => row.id);

describe.each([
  ['in memory', storageInMemory],
  ['on disk', () => storageOnDisk()],
])('%s', (_place, open) => {
  test('transactions run one after the other, in the order of asking', async () => {
    const storage = await open();
    const steps: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        storage.transaction(async (tx) => {
          steps.push(`${name} begins`);
          await settle();
          await insert(tx, name);
          steps.push(`${name} ends`);
        }),
      ),
    );
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  test('memory can be given back at any time: an open transaction keeps what it has written', async () => {
    const storage = await open();
    await storage.transaction(async (tx) => {
      await insert(tx, 'a', '"x"'.repeat(10_000));
      storage.releaseMemory?.();
      await insert(tx, 'b');
    });
    storage.releaseMemory?.();
    expect(await settingsIn(storage)).toEqual(['a', 'b']);
    await storage.close();
    expect(() => storage.releaseMemory?.()).not.toThrow();
  });

  test('a read never sees an open transaction, and sees it right after its commit', async () => {
    const storage = await open();
    const halfway = gate();
    const writing = storage.transaction(async (tx) => {
      await insert(tx, 'a');
      await halfway.opened;
    });
    await settle();
    const during = settingsIn(storage);
    await settle();
    halfway.open();
    await writing;
    const after = await settingsIn(storage);
    // In memory the read waits for the transaction, on disk it goes past it.
    expect([[], ['a']]).toContainEqual(await during);
    expect(after).toEqual(['a']);
  });

  test('a transaction that throws is rolled back, and the next one works', async () => {
    const storage = await open();
    await expect(
      storage.transaction(async (tx) => {
        await insert(tx, 'a');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await storage.transaction((tx) => insert(tx, 'b'));
    expect(await settingsIn(storage)).toEqual(['b']);
  });

  test('of transactions that share a commit, one that throws takes back only its own changes', async () => {
    const storage = await open();
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((id) =>
        storage.transaction(async (tx) => {
          await insert(tx, id);
          if (id === 'b') throw new Error('no');
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await settingsIn(storage)).toEqual(['a', 'c']);
  });

  test('a read that was begun in a transaction that is over by now is refused', async () => {
    const storage = await open();
    let escaped: Tx | undefined;
    await storage.transaction(async (tx) => {
      escaped = tx;
    });
    await expect(escaped?.selectFrom('settings').select('id').execute()).rejects.toThrow(
      'the transaction is over',
    );
  });

  test('a write outside a transaction is refused', async () => {
    const storage = await open();
    await expect(storage.db.insertInto('settings').values(setting('a')).execute()).rejects.toThrow(
      'for reads only',
    );
    await expect(sql`delete from settings`.execute(storage.db)).rejects.toThrow('for reads only');
    await expect(storage.db.transaction().execute(async () => {})).rejects.toThrow('storage.transaction');
  });

  test('counts of changed rows, RETURNING and conflicts work as Kysely has them', async () => {
    const storage = await open();
    await storage.transaction(async (tx) => {
      await tx
        .insertInto('settings')
        .values([setting('a'), setting('b')])
        .execute();
      const updated = await tx.updateTable('settings').set({ value: '2' }).executeTakeFirst();
      expect(updated.numUpdatedRows).toBe(2n);
      const returned = await tx
        .deleteFrom('settings')
        .where('id', '=', 'a')
        .returningAll()
        .executeTakeFirst();
      expect({ ...returned }).toEqual({ id: 'a', value: '2', updated_at: 1 });
      const ignored = await tx
        .insertInto('settings')
        .values(setting('b'))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      expect(ignored.numInsertedOrUpdatedRows).toBe(0n);
      const raw = await sql<{
        n: number;
      }>`with s as (select id from settings) select count(*) as n from s`.execute(tx);
      expect(raw.rows[0]?.n).toBe(1);
    });
  });

  test('a unique violation is told apart and leaves the transaction usable', async () => {
    const storage = await open();
    await storage.transaction(async (tx) => {
      await insert(tx, 'a');
      const error: unknown = await insert(tx, 'a').catch((reason: unknown) => reason);
      expect(isUniqueViolation(error)).toBe(true);
      expect(isStorageFull(error)).toBe(false);
      await insert(tx, 'b');
    });
    expect(await settingsIn(storage)).toEqual(['a', 'b']);
  });

  test('values that the dialects would store differently are refused', async () => {
    const storage = await open();
    const wrong: [unknown, string][] = [
      [true, 'boolean (store 0 or 1)'],
      [new Date(0), 'Date (store its milliseconds)'],
      [{ a: 1 }, 'object'],
      [Number.NaN, 'NaN'],
      [Number.POSITIVE_INFINITY, 'Infinity'],
    ];
    for (const [value, text] of wrong) {
      await expect(sql`select ${value} as x`.execute(storage.db)).rejects.toThrow(text);
    }
    const fine = await sql<{
      a: null;
      b: string;
      c: number;
    }>`select ${null} as a, ${'ü'} as b, ${2} as c`.execute(storage.db);
    expect({ ...fine.rows[0] }).toEqual({ a: null, b: 'ü', c: 2 });
  });

  test('a full database rejects and rolls back, and works on when there is room', async () => {
    const storage = await open();
    await storage.transaction(async (tx) => {
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(tx);
      await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + 4)}`.execute(tx);
    });
    let caught: unknown;
    const filling = storage.transaction(async (tx) => {
      await insert(tx, 'small');
      caught = await insert(tx, 'large', 'x'.repeat(100_000)).catch((error: unknown) => error);
      // Whoever swallows the error must not go on in a transaction that SQLite may have ended.
      await insert(tx, 'after').catch(() => {});
    });
    const error: unknown = await filling.catch((reason: unknown) => reason);
    expect(isStorageFull(error)).toBe(true);
    expect(caught).toBe(error);
    expect(await settingsIn(storage)).toEqual([]);
    await storage.transaction((tx) => insert(tx, 'a'));
    expect(await settingsIn(storage)).toEqual(['a']);
  });

  test('errors tell what they mean whether or not the statement returns rows', async () => {
    const storage = await open();
    await storage.transaction((tx) => insert(tx, 'a'));
    const again = (tx: Tx) =>
      tx.insertInto('settings').values({ id: 'a', value: '', updated_at: 1 }).returning('id').execute();
    const twice: unknown = await storage.transaction(again).catch((reason: unknown) => reason);
    expect(isUniqueViolation(twice)).toBe(true);
    await storage.transaction(async (tx) => {
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(tx);
      await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 0)}`.execute(tx);
    });
    const grow = (tx: Tx) =>
      tx
        .updateTable('settings')
        .set({ value: 'x'.repeat(100_000) })
        .returning('id')
        .execute();
    const full: unknown = await storage.transaction(grow).catch((reason: unknown) => reason);
    expect(isStorageFull(full)).toBe(true);
  });

  test('a backup is a consistent, private copy, made while writes go on', async () => {
    const storage = await open();
    const directory = temporaryDirectory();
    const path = join(directory, 'gantry.db');
    const pair = (n: number) =>
      storage.transaction(async (tx) => {
        await insert(tx, `left ${n}`);
        await settle();
        await insert(tx, `right ${n}`);
      });
    await pair(0);
    const writes = Promise.all([1, 2, 3, 4, 5].map(pair));
    await Promise.all([storage.backup(path), writes]);
    expect(await settingsIn(storage)).toHaveLength(12);

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(existsSync(`${path}.partial`)).toBe(false);
    await expect(storage.backup(path)).rejects.toThrow('exists already');
    const copy = await openStorage({ memory: false, dataDir: directory, log: silent });
    const ids = await settingsIn(copy);
    await copy.close();
    const lefts = ids.filter((id) => id.startsWith('left'));
    expect(ids).toContain('right 0');
    expect(ids.filter((id) => id.startsWith('right'))).toEqual(
      lefts.map((id) => id.replace('left', 'right')),
    );
  });

  test('closing waits for what was begun and refuses the rest', async () => {
    const storage = await open();
    const order: string[] = [];
    const begun = storage.transaction(async (tx) => {
      await settle();
      await insert(tx, 'a');
      order.push('written');
    });
    const closing = storage.close().then(() => order.push('closed'));
    await expect(storage.transaction((tx) => insert(tx, 'b'))).rejects.toBeInstanceOf(StorageFailed);
    await Promise.all([begun, closing, storage.close()]);
    expect(order).toEqual(['written', 'closed']);
  });

  test('lower() knows every script', async () => {
    const storage = await open();
    const { rows } = await sql<{
      x: string;
      y: null;
    }>`select lower('ÄÖÜ ÇŞ ЖЯ') as x, lower(null) as y`.execute(storage.db);
    expect({ ...rows[0] }).toEqual({ x: 'äöü çş жя', y: null });
  });
});

test('on disk a read does not wait for an open transaction', async () => {
  const storage = await storageOnDisk();
  const halfway = gate();
  const writing = storage.transaction(async (tx) => {
    await insert(tx, 'a');
    await halfway.opened;
  });
  await settle();
  expect(await settingsIn(storage)).toEqual([]);
  halfway.open();
  await writing;
  expect(await settingsIn(storage)).toEqual(['a']);
});

test('a failed read leaves no old snapshot behind', async () => {
  const storage = await storageOnDisk();
  await storage.transaction(async (tx) => {
    await insert(tx, 'a');
    await sql`insert into settings values ('b', '1', 9007199254740993)`.execute(tx);
  });
  // The number does not fit into a JavaScript one: the driver gives up in the middle of the rows.
  await expect(storage.db.selectFrom('settings').selectAll().execute()).rejects.toThrow('too large');
  await storage.transaction((tx) => insert(tx, 'c'));
  expect(await settingsIn(storage)).toEqual(['a', 'b', 'c']);
});

test('in memory, code that would wait for itself is told so', async () => {
  const storage = await storageInMemory();
  await storage.transaction(async () => {
    await expect(settingsIn(storage)).rejects.toThrow('use the `tx`');
    await expect(storage.transaction(async () => {})).rejects.toThrow('pass the `tx` on');
  });
  expect(await settingsIn(storage)).toEqual([]);
});

test('what was written is there after closing and opening again', async () => {
  const dataDir = join(temporaryDirectory(), 'made', 'on', 'demand');
  const first = await openStorage({ memory: false, dataDir, log: silent });
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, 'gantry.db')).mode & 0o777).toBe(0o600);
  await first.transaction((tx) => insert(tx, 'a'));
  await first.checkpoint();
  await first.transaction((tx) => insert(tx, 'b'));
  await first.close();
  const second = await openStorage({ memory: false, dataDir, log: silent });
  expect(await settingsIn(second)).toEqual(['a', 'b']);
  await second.close();
});

test('the write-ahead log keeps its file over checkpoints, so that the right file is synced', async () => {
  const dataDir = temporaryDirectory();
  const storage = await storageOnDisk(dataDir);
  const wal = join(dataDir, 'gantry.db-wal');
  await storage.transaction((tx) => insert(tx, 'a'));
  await storage.durable();
  const { ino } = statSync(wal);
  for (const name of ['b', 'c', 'd']) {
    await storage.checkpoint();
    await storage.transaction((tx) => insert(tx, name));
    await storage.durable();
  }
  expect(statSync(wal).ino).toBe(ino);
});

test('transactions of one turn share a commit and a sync; their callbacks come in order after it', async () => {
  let syncs = 0;
  const storage = await storageOnDisk(temporaryDirectory(), {
    sync: async () => {
      syncs += 1;
    },
  });
  await storage.durable();
  syncs = 0;
  const log: string[] = [];
  const committed = ['a', 'b', 'c'].map((id) =>
    storage.transaction(
      async (tx) => {
        await insert(tx, id);
        log.push(`${id} written`);
      },
      { committed: () => log.push(`${id} committed`) },
    ),
  );
  await Promise.all(committed);
  await Promise.all(['a', 'b', 'c'].map(() => storage.durable()));
  expect(log).toEqual(['a written', 'b written', 'c written', 'a committed', 'b committed', 'c committed']);
  expect(syncs).toBe(1);
});
