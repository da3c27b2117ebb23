import { sql } from 'kysely';
import type { Migration } from './index.ts';

/** The threads of a room by their latest reply (spec 30 §5), without walking through all of its messages. */
export const threadList: Migration = {
  id: '0004-thread-list',
  async up(tx) {
    await tx.schema
      .createIndex('messages_threads')
      .on('messages')
      .columns(['rid', 'tlm'])
      .where(sql.ref('tcount'), 'is not', null)
      .execute();
  },
};
