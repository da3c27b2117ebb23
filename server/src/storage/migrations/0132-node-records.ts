import type { Migration } from './index.ts';

/** What each of several nodes says of itself when it starts. Empty where one process has the database for itself. */
export const nodeRecords: Migration = {
  id: '0132-node-records',
  async up(tx) {
    await tx.schema
      .createTable('node_records')
      .addColumn('node', 'text', (column) => column.primaryKey().notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
  },
};
