import type { Migration } from './index.ts';

/** Who has read a thread up to where, where the workspace wants read receipts (spec 30 §5 `readThread`, spec 11 §12). */
export const threadReads: Migration = {
  id: '0113-thread-reads',
  async up(tx) {
    // Of one reader; of all followers where there is no reader.
    await tx.schema
      .createTable('thread_reads')
      .addColumn('tmid', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('rid', 'text', (column) => column.notNull())
      .addColumn('seen', 'bigint', (column) => column.notNull())
      .addColumn('stored', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('thread_reads_pk', ['tmid', 'uid'])
      .execute();
    await tx.schema.createIndex('thread_reads_rid').on('thread_reads').columns(['rid']).execute();
  },
};
