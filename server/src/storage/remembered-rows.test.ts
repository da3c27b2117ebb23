import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { postgresUrl, shareOf, storageOnPostgres } from '../../test/support/postgres-storage.ts';
import { postgresServer } from '../../test/support/test-database.ts';
import { newId } from '../kernel/ids.ts';
import type { Db, Storage, Tx } from './database.ts';
import { prepared } from './prepared.ts';
import { rememberedRow } from './remembered-rows.ts';
import { openSqlite } from './sqlite/driver.ts';
import { storageInMemory, storageOnDisk, temporaryDirectory } from './testing/temporary.ts';

interface Setting {
  id: string;
  value: string;
}

/** Reads a setting as messages read their room; says each time it really does. */
function reader() {
  const reads: string[] = [];
  const read = (tx: Tx, id: string) =>
    rememberedRow(tx, 'settings', id, async () => {
      reads.push(id);
      return tx.selectFrom('settings').select(['id', 'value']).where('id', '=', id).executeTakeFirst();
    });
  return { reads, read };
}

const setQuery = prepared<Setting, unknown>((db, parameter) =>
  db
    .updateTable('settings')
    .set({ value: parameter('value') })
    .where('id', '=', parameter('id')),
);

/** Changes a setting as messages change their room. */
async function set(tx: Tx, setting: Setting): Promise<void> {
  await setQuery(tx, setting, { key: setting.id, row: setting });
}

const setLaterQuery = prepared<Setting, unknown>(
  (db, parameter) =>
    db
      .updateTable('settings')
      .set({ value: parameter('value') })
      .where('id', '=', parameter('id')),
  'replaces',
);

/** As `set`, but written with the commit. */
async function setLater(tx: Tx, setting: Setting): Promise<void> {
  await setLaterQuery(tx, setting, { key: setting.id, row: setting });
}

const onPostgres: [string, () => Promise<Storage>] = [
  'on PostgreSQL',
  async () => storageOnPostgres(await postgresUrl()),
];

const stored = (db: Db) => db.selectFrom('settings').select(['id', 'value']).orderBy('id').execute();

async function filled(storage: Storage): Promise<Storage> {
  await storage.transaction(async (tx) => {
    for (const id of ['a', 'b'])
      await tx.insertInto('settings').values({ id, value: '0', updated_at: 1 }).execute();
  });
  return storage;
}

describe.each([
  ['in memory', storageInMemory],
  ['on disk', () => storageOnDisk()],
  ...(postgresServer ? [onPostgres] : []),
])('%s', (_place, open) => {
  test('a row is read once, whatever happens to others by name and in other tables', async () => {
    const storage = await filled(await open());
    const { read, reads } = reader();
    await storage.transaction((tx) => read(tx, 'a'));
    await storage.transaction(async (tx) => {
      await read(tx, 'b');
      await set(tx, { id: 'b', value: '1' });
      await tx.deleteFrom('roles').where('id', '=', newId()).execute();
    });
    expect(await storage.transaction((tx) => read(tx, 'a'))).toEqual({ id: 'a', value: '0' });
    expect(await storage.transaction((tx) => read(tx, 'b'))).toEqual({ id: 'b', value: '1' });
    expect(reads).toEqual(['a', 'b']);
  });

  test.each([
    ['an update', (tx: Tx) => tx.updateTable('settings').set({ value: '2' }).execute()],
    ['raw SQL', (tx: Tx) => sql`update settings set value = '2'`.execute(tx)],
  ])('%s without a name makes all rows of its table be read again', async (_what, change) => {
    const storage = await filled(await open());
    const { read } = reader();
    await storage.transaction(async (tx) => {
      await read(tx, 'a');
      await change(tx);
      expect(await read(tx, 'a')).toEqual({ id: 'a', value: '2' });
    });
  });

  test('what was read before a write of the same transaction is not remembered after it', async () => {
    const storage = await filled(await open());
    const { read } = reader();
    await storage.transaction(async (tx) => {
      await Promise.all([read(tx, 'a'), tx.updateTable('settings').set({ value: '2' }).execute()]);
      expect(await read(tx, 'a')).toEqual({ id: 'a', value: '2' });
    });
  });

  test('what is deleted or was never there is not remembered', async () => {
    const storage = await filled(await open());
    const { read, reads } = reader();
    await storage.transaction(async (tx) => {
      await read(tx, 'a');
      await tx.deleteFrom('settings').where('id', '=', 'a').execute();
      expect(await read(tx, 'a')).toBeUndefined();
      expect(await read(tx, 'a')).toBeUndefined();
    });
    expect(reads).toEqual(['a', 'a', 'a']);
  });

  test.each([
    ['at once', set],
    ['with the commit', setLater],
  ])(
    'of transactions that share a commit the one that throws leaves nothing for the others, written %s',
    async (_when, change) => {
      const storage = await filled(await open());
      const { read } = reader();
      const add = (fails: boolean) =>
        storage.transaction(async (tx) => {
          const before = await read(tx, 'a');
          await change(tx, { id: 'a', value: String(Number(before?.value) + 1) });
          if (fails) throw new Error('changed its mind');
        });
      const ends = await Promise.allSettled([false, true, false, true, false].map(add));
      expect(ends.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, false, true]);
      expect((await stored(storage.db))[0]).toEqual({ id: 'a', value: '3' });
    },
  );

  test('a write that waits for the commit is there for whatever else looks at its table', async () => {
    const storage = await filled(await open());
    await storage.transaction(async (tx) => {
      await setLater(tx, { id: 'a', value: '1' });
      await setLater(tx, { id: 'b', value: '1' });
      expect(await stored(tx)).toEqual([
        { id: 'a', value: '1' },
        { id: 'b', value: '1' },
      ]);
      await setLater(tx, { id: 'a', value: '2' });
      await set(tx, { id: 'a', value: '3' });
      await setLater(tx, { id: 'b', value: '4' });
      await tx.deleteFrom('settings').where('value', '=', '4').execute();
    });
    expect(await stored(storage.db)).toEqual([{ id: 'a', value: '3' }]);
  });

  test('who writes what waits of others and then throws takes it back for itself only', async () => {
    const storage = await filled(await open());
    const first = storage.transaction((tx) => setLater(tx, { id: 'a', value: '1' }));
    const second = storage.transaction(async (tx) => {
      await setLater(tx, { id: 'b', value: '9' });
      expect(await stored(tx)).toHaveLength(2);
      await setLater(tx, { id: 'a', value: '9' });
      throw new Error('changed its mind');
    });
    const third = storage.transaction((tx) => setLater(tx, { id: 'b', value: '2' }));
    await expect(second).rejects.toThrow('changed its mind');
    await Promise.all([first, third]);
    expect(await stored(storage.db)).toEqual([
      { id: 'a', value: '1' },
      { id: 'b', value: '2' },
    ]);
  });
});

test('what another connection commits is seen', async () => {
  const directory = temporaryDirectory();
  const storage = await filled(await storageOnDisk(directory));
  const { read } = reader();
  await storage.transaction((tx) => read(tx, 'a'));
  const other = openSqlite(join(directory, 'gantry.db'));
  other.exec("update settings set value = '9' where id = 'a'");
  other.close();
  expect(await storage.transaction((tx) => read(tx, 'a'))).toEqual({ id: 'a', value: '9' });
});

test.skipIf(!postgresServer)('what another server commits is seen (GANTRY_TEST_POSTGRES)', async () => {
  const url = await postgresUrl();
  const [storage, other] = [await storageOnPostgres(url, true), await storageOnPostgres(url, true)];
  for (const one of [storage, other]) await shareOf(one);
  await filled(storage);
  const { read } = reader();
  await storage.transaction((tx) => read(tx, 'a'));
  await other.transaction((tx) => setLater(tx, { id: 'a', value: '9' }));
  expect(await storage.transaction((tx) => read(tx, 'a'))).toEqual({ id: 'a', value: '9' });
});

test('in memory, where tests are, nobody can change in place what is remembered', async () => {
  const storage = await filled(await storageInMemory());
  const { read } = reader();
  const row = await storage.transaction((tx) => read(tx, 'a'));
  expect(() => Object.assign(row ?? {}, { value: '1' })).toThrow(TypeError);
});
