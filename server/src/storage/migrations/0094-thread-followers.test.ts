import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { storageInMemory } from '../testing/temporary.ts';
import { threadFollowers } from './0094-thread-followers.ts';

test('the followers of threads that there are already are taken up', async () => {
  const storage = await storageInMemory();
  const message = (id: string, replies: string[] | undefined) => ({
    ...{ id, rid: 'r', ts: 1, uid: 'u', t: null, tmid: null, tshow: 0, pinned: 0, hidden: 0 },
    ...{ tcount: null, tlm: null, updated_at: 1, doc: JSON.stringify({ _id: id, msg: 'x', replies }) },
  });
  await storage.transaction(async (tx) => {
    await sql`drop table thread_followers`.execute(tx);
    const rows = [message('a', ['u', 'v', 'u']), message('b', undefined), message('c', [])];
    await tx.insertInto('messages').values(rows).execute();
    await threadFollowers.up(tx as never);
    expect(await tx.selectFrom('thread_followers').selectAll().orderBy('uid').execute()).toEqual([
      { uid: 'u', rid: 'r', mid: 'a' },
      { uid: 'v', rid: 'r', mid: 'a' },
    ]);
  });
});
