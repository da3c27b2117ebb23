import { expect, test } from 'vitest';
import { prepared } from './prepared.ts';
import { storageInMemory } from './testing/temporary.ts';

interface Setting {
  id: string;
  value: string;
}

const insertSetting = prepared<Setting & { at: number }, unknown>((db, parameter) =>
  db
    .insertInto('settings')
    .values({ id: parameter('id'), value: parameter('value'), updated_at: parameter('at') })
    .onConflict((conflict) => conflict.column('id').doNothing()),
);
const settingsAfter = prepared<{ at: number }, Setting>((db, parameter) =>
  db
    .selectFrom('settings')
    .select(['id', 'value'])
    .where('updated_at', '>', parameter('at'))
    .where('value', '!=', 'never')
    .orderBy('id'),
);

test('a prepared query takes its values at each run, and keeps those that never change', async () => {
  const storage = await storageInMemory();
  await storage.transaction(async (tx) => {
    for (const [id, value, at] of [
      ['a', 'x', 1],
      ['b', 'y', 2],
      ['c', 'never', 3],
    ] as const)
      await insertSetting(tx, { id, value, at });
  });
  expect((await settingsAfter(storage.db, { at: 0 })).rows).toEqual([
    { id: 'a', value: 'x' },
    { id: 'b', value: 'y' },
  ]);
  expect((await settingsAfter(storage.db, { at: 1 })).rows).toEqual([{ id: 'b', value: 'y' }]);
});

test('it tells how many rows it wrote, and what an operation may not store is refused as ever', async () => {
  const storage = await storageInMemory();
  const insert = (id: string) => storage.transaction((tx) => insertSetting(tx, { id, value: 'x', at: 1 }));
  expect((await insert('a')).numAffectedRows).toBe(1n);
  expect((await insert('a')).numAffectedRows).toBe(0n);
  await expect(insert(true as unknown as string)).rejects.toThrow('cannot bind a value of type boolean');
});
