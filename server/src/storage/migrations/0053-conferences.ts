import type { Migration } from './index.ts';

/** Calls of rooms, which happen elsewhere (spec 11 §15). */
export const conferences: Migration = {
  id: '0053-conferences',
  async up(tx) {
    await tx.schema
      .createTable('conferences')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('rid', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('status', 'integer', (column) => column.notNull())
      .addColumn('provider', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('conferences_rid').on('conferences').columns(['rid', 'created_at']).execute();
  },
};
