import { sql } from 'kysely';
import { jsonItems, jsonText } from '../json.ts';
import type { Migration } from './index.ts';

/** Who follows which thread (spec 30 §5), as the first messages say it: finds the threads of one person in a room. */
export const threadFollowers: Migration = {
  id: '0094-thread-followers',
  async up(tx) {
    await tx.schema
      .createTable('thread_followers')
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('rid', 'text', (column) => column.notNull())
      .addColumn('mid', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('thread_followers_pk', ['uid', 'rid', 'mid'])
      .execute();
    await tx.schema.createIndex('thread_followers_mid').on('thread_followers').columns(['mid']).execute();
    const followers = jsonItems(jsonText(sql.ref('messages.doc'), 'replies'));
    await sql`insert into thread_followers (uid, rid, mid)
      select distinct item.value, messages.rid, messages.id from messages, ${followers}
      where ${jsonText(sql.ref('messages.doc'), 'replies')} is not null`.execute(tx);
  },
};
