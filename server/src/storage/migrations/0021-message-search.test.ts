import { expect, test } from 'vitest';
import { openSqliteStorage } from '../sqlite/sqlite-storage.ts';
import { silent, temporaryDirectory } from '../testing/temporary.ts';
import { MIGRATIONS, migrate } from './index.ts';

const message = (id: string, ts: number) => ({
  id,
  rid: 'r',
  ts,
  uid: 'u',
  t: null,
  tmid: id === 'b' ? 'a' : null,
  tshow: 0,
  pinned: 0,
  hidden: 0,
  tcount: null,
  tlm: null,
  updated_at: ts + 1,
  doc: JSON.stringify({ _id: id }),
});

test('messages that exist are kept, numbered by time, and wait to be indexed', async () => {
  const storage = await openSqliteStorage({ memory: false, dataDir: temporaryDirectory(), log: silent });
  const earlier = MIGRATIONS.filter(({ id }) => id < '0021');
  await migrate(storage, silent, earlier);
  await storage.transaction((tx) =>
    tx
      .insertInto('messages')
      .values([message('c', 3), message('a', 1), message('b', 2)])
      .execute(),
  );
  await migrate(storage, silent);
  const rows = await storage.db.selectFrom('messages').selectAll().orderBy('seq').execute();
  expect(rows).toEqual(['a', 'b', 'c'].map((id, index) => ({ seq: index + 1, ...message(id, index + 1) })));
  expect(await storage.db.selectFrom('indexed_messages').selectAll().execute()).toEqual([{ up_to: 0 }]);
  await storage.close();
});

test('no number is given twice', async () => {
  const storage = await openSqliteStorage({ memory: false, dataDir: temporaryDirectory(), log: silent });
  await migrate(storage, silent);
  const seqs = await storage.transaction(async (tx) => {
    const add = (id: string) => tx.insertInto('messages').values(message(id, 1)).returning('seq').execute();
    const first = await add('a');
    await tx.deleteFrom('messages').where('id', '=', 'a').execute();
    return [...first, ...(await add('b'))].map((row) => row.seq);
  });
  expect(seqs).toEqual([1, 2]);
  await storage.close();
});
