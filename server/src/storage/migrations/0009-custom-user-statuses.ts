import type { Migration } from './index.ts';

/** Statuses that a workspace offers beside online, away, busy and offline. */
export const customUserStatuses: Migration = {
  id: '0009-custom-user-statuses',
  async up(tx) {
    await tx.schema
      .createTable('custom_user_statuses')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('status_type', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('custom_user_statuses_name_key')
      .on('custom_user_statuses')
      .columns(['name'])
      .unique()
      .execute();
  },
};
