import type { Migration } from './index.ts';

/** Who has read which message, and up to where that is worked out (spec 11 §12). */
export const readReceipts: Migration = {
  id: '0054-read-receipts',
  async up(tx) {
    await tx.schema
      .createTable('read_receipts')
      .addColumn('message_id', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('rid', 'text', (column) => column.notNull())
      .addColumn('ts', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('read_receipts_pk', ['message_id', 'uid'])
      .execute();
    await tx.schema.createIndex('read_receipts_rid').on('read_receipts').columns(['rid']).execute();
    // Of one member; of everybody where there is no member.
    await tx.schema
      .createTable('read_marks')
      .addColumn('rid', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('until', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('read_marks_pk', ['rid', 'uid'])
      .execute();
  },
};
