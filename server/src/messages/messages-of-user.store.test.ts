import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { isAuthor } from '../storage/author-index.ts';
import { storageInMemory } from '../storage/testing/temporary.ts';
import { countByRoom, deleteMessagesBy, pageOfAuthor } from './messages-of-user.store.ts';

/** More than one stretch of the index by author holds. */
const COUNT = 600;

const message = (number: number) => ({
  ...{
    id: `m${number}`,
    rid: `r${number % 2}`,
    ts: number,
    uid: number % 3 === 0 ? 'ann' : 'ben',
    t: null,
    tmid: null,
  },
  ...{ tshow: 0, pinned: 0, hidden: 0, tcount: null, tlm: null, updated_at: number },
  doc: JSON.stringify({ _id: `m${number}`, msg: 'x', ts: new Date(number), _updatedAt: new Date(number) }),
});

async function storageWithMessages() {
  const storage = await storageInMemory();
  await storage.transaction(async (tx) => {
    for (let number = 1; number <= COUNT; number += 1)
      await tx.insertInto('messages').values(message(number)).execute();
  });
  return storage;
}

test('the messages of an author are found and removed wherever they stand', async () => {
  const storage = await storageWithMessages();
  expect(await countByRoom(storage.db, 'ann')).toEqual([
    { rid: 'r0', visible: 100 },
    { rid: 'r1', visible: 100 },
  ]);
  await storage.transaction(async (tx) => {
    // The first stretch and a part of the second are gone.
    await tx.deleteFrom('messages').where('ts', '<=', 300).execute();
    expect(await pageOfAuthor(tx, 'ann', { type: undefined, limit: 1000 })).toHaveLength(100);
    await deleteMessagesBy(tx, 'ann', 1);
    expect(await pageOfAuthor(tx, 'ann', { type: undefined, limit: 1000 })).toEqual([]);
    expect(await pageOfAuthor(tx, 'ben', { type: undefined, limit: 1000 })).toHaveLength(200);
    await tx.deleteFrom('messages').execute();
    expect(await countByRoom(tx, 'ben')).toEqual([]);
  });
});

test('they are looked up in an index', async () => {
  const storage = await storageWithMessages();
  const query = storage.db.selectFrom('messages').select('doc').where(isAuthor('ann')).compile();
  const plan = await sql<{
    detail: string;
  }>`explain query plan ${sql.raw(query.sql.replace('?', "'ann'"))}`.execute(storage.db);
  expect(plan.rows.map(({ detail }) => detail)).toContain(
    'SEARCH messages USING INDEX messages_stretch_uid (<expr>=? AND uid=?)',
  );
});
