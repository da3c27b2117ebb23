import { expect, test } from 'vitest';
import { containsPattern, isLike, startsWithPattern } from './like.ts';
import { storageInMemory } from './testing/temporary.ts';

test('a search for text finds it as it is, whatever its case, and nothing else', async () => {
  const { db } = await namedSettings([
    '100% sure',
    '100 sure',
    'a_b',
    'axb',
    'back\\slash',
    'Özil',
    'Strand',
  ]);
  const find = async (pattern: string) => {
    const rows = await db
      .selectFrom('settings')
      .select('id')
      .where((eb) => isLike(eb.ref('id'), pattern))
      .orderBy('id')
      .execute();
    return rows.map((row) => row.id);
  };
  expect(await find(containsPattern('100%'))).toEqual(['100% sure']);
  expect(await find(containsPattern('_'))).toEqual(['a_b']);
  expect(await find(containsPattern('\\'))).toEqual(['back\\slash']);
  expect(await find(containsPattern('özi'))).toEqual(['Özil']);
  expect(await find(containsPattern('ÖZI'))).toEqual(['Özil']);
  expect(await find(startsWithPattern('s'))).toEqual(['Strand']);
  expect(await find(startsWithPattern('rand'))).toEqual([]);
  // The longest that SQLite could take, and beyond.
  for (const length of [31_990, 60_000]) expect(await find(containsPattern('x'.repeat(length)))).toEqual([]);
});

async function namedSettings(ids: string[]) {
  const storage = await storageInMemory();
  await storage.transaction(async (tx) => {
    await tx
      .insertInto('settings')
      .values(ids.map((id) => ({ id, value: '', updated_at: 1 })))
      .execute();
  });
  return storage;
}
