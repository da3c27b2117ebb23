import type { Migration } from './index.ts';

/** What people reported to the moderators: messages, and each other (spec 11 §13). */
export const reports: Migration = {
  id: '0052-reports',
  async up(tx) {
    await tx.schema
      .createTable('reports')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('message_id', 'text')
      .addColumn('ts', 'bigint', (column) => column.notNull())
      .addColumn('hidden', 'integer', (column) => column.notNull())
      .addColumn('search_key', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('moderation', 'text')
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('reports_kind_uid')
      .on('reports')
      .columns(['kind', 'hidden', 'uid'])
      .execute();
    await tx.schema.createIndex('reports_message_id').on('reports').columns(['message_id']).execute();
  },
};
