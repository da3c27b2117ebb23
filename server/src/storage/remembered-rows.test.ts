import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test, vi } from 'vitest';
import { beside, postgresUrl, shareOf, storageOnPostgres } from '../../test/support/postgres-storage.ts';
import { postgresServer } from '../../test/support/test-database.ts';
import { newId } from '../kernel/ids.ts';
import type { Db, Storage, Tx } from './database.ts';
import { LateWrites } from './late-writes.ts';
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

  test('a statement that says which table it reads leaves what waits for others alone', async () => {
    const storage = await filled(await open());
    const roleQuery = prepared<{ id: string }, unknown>(
      (db, parameter) => db.selectFrom('roles').select('id').where('id', '=', parameter('id')),
      'own-table',
    );
    const settingQuery = prepared<{ id: string }, Setting>(
      (db, parameter) => db.selectFrom('settings').select(['id', 'value']).where('id', '=', parameter('id')),
      'own-table',
    );
    const late = vi.spyOn(LateWrites.prototype, 'write');
    await storage.transaction(async (tx) => {
      await setLater(tx, { id: 'a', value: '1' });
      await roleQuery(tx, { id: 'none' });
      expect(late).not.toHaveBeenCalled();
      expect((await settingQuery(tx, { id: 'a' })).rows).toEqual([{ id: 'a', value: '1' }]);
      expect(late).toHaveBeenCalledTimes(1);
    });
    late.mockRestore();
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

describe.skipIf(!postgresServer)('with another server (GANTRY_TEST_POSTGRES)', () => {
  async function twoStorages() {
    const url = await postgresUrl();
    const [storage, other] = [await storageOnPostgres(url, true), await storageOnPostgres(url, true)];
    for (const one of [storage, other]) await shareOf(one);
    await filled(storage);
    const { read, reads } = reader();
    const readBoth = () =>
      storage.transaction(async (tx) => {
        reads.length = 0;
        return [(await read(tx, 'a'))?.value, (await read(tx, 'b'))?.value];
      });
    await readBoth();
    return { url, other, reads, readBoth };
  }

  test.each<[string, (tx: Tx) => Promise<unknown>, string[], string[]]>([
    ['a row', (tx) => setLater(tx, { id: 'a', value: '9' }), ['a'], ['9', '0']],
    ['another table', (tx) => tx.deleteFrom('roles').where('id', '=', newId()).execute(), [], ['0', '0']],
    [
      'some rows',
      (tx: Tx) => tx.updateTable('settings').set({ value: '9' }).execute(),
      ['a', 'b'],
      ['9', '9'],
    ],
    ['whatever', (tx) => sql`update settings set value = '9'`.execute(tx), ['a', 'b'], ['9', '9']],
    [
      'more rows than it counts',
      async (tx) => {
        for (let id = 0; id < 300; id += 1) await set(tx, { id: `none-${id}`, value: '' });
        await set(tx, { id: 'a', value: '9' });
      },
      ['a', 'b'],
      ['9', '0'],
    ],
  ])('what it changes is read anew: %s', async (_what, change, changed, values) => {
    const { other, reads, readBoth } = await twoStorages();
    await other.transaction(change);
    expect(await readBoth()).toEqual(values);
    expect(reads).toEqual(changed);
  });

  test('each of its commits counts, and everything is read anew when there were too many', async () => {
    const { other, reads, readBoth } = await twoStorages();
    const setBoth = async (value: string) => {
      await other.transaction((tx) => set(tx, { id: 'a', value }));
      await other.transaction((tx) => set(tx, { id: 'b', value }));
    };
    await setBoth('1');
    expect(await readBoth()).toEqual(['1', '1']);
    await setBoth('2');
    for (let time = 0; time < 40; time += 1)
      await other.transaction((tx) => tx.deleteFrom('roles').where('id', '=', newId()).execute());
    expect(await readBoth()).toEqual(['2', '2']);
    expect(reads).toEqual(['a', 'b']);
  });

  test('everything is read anew after the commit of a server that does not say what it changed', async () => {
    const { url, other, reads, readBoth } = await twoStorages();
    await other.transaction((tx) => set(tx, { id: 'a', value: '9' }));
    await (await beside(url)).query('delete from commit_changes');
    expect(await readBoth()).toEqual(['9', '0']);
    expect(reads).toEqual(['a', 'b']);
  });

  test('what it took back and wrote all the same is read anew', async () => {
    const { other, reads, readBoth } = await twoStorages();
    const failed = other.transaction(async (tx) => {
      await set(tx, { id: 'b', value: '8' });
      throw new Error('changed its mind');
    });
    await expect(failed).rejects.toThrow('changed its mind');
    await other.transaction((tx) => set(tx, { id: 'a', value: '9' }));
    expect(await readBoth()).toEqual(['9', '0']);
    expect(reads).toContain('a');
  });
});
