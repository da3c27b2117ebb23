import { sql } from 'kysely';
import type { Migration } from './index.ts';

/**
 * The messages of an author, by stretches of 256 messages: in an index by author alone each sender has a page of their own, so that
 * messages of many senders that share a commit write as many pages, for nothing but the deletion of an account. Here all of
 * them stand in the few pages of the newest stretch (`storage/author-index.ts`).
 */
export const authorsByTime: Migration = {
  id: '0115-authors-by-time',
  async up(tx) {
    await tx.schema.dropIndex('messages_uid').execute();
    await sql`create index messages_stretch_uid on messages ((seq / 256), uid)`.execute(tx);
  },
};
