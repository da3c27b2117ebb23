import type { Migration } from './index.ts';

/** Which message announces a discussion in its parent room, and from which message it was started. */
export const discussions: Migration = {
  id: '0007-discussions',
  async up(tx) {
    await tx.schema
      .createTable('discussions')
      .addColumn('rid', 'text', (column) => column.primaryKey().notNull())
      .addColumn('parent_rid', 'text', (column) => column.notNull())
      .addColumn('announcement_id', 'text', (column) => column.notNull())
      .addColumn('root_message_id', 'text')
      .execute();
    await tx.schema.createIndex('discussions_parent_rid').on('discussions').columns(['parent_rid']).execute();
    await tx.schema
      .createIndex('discussions_root_message_id_key')
      .on('discussions')
      .columns(['root_message_id'])
      .unique()
      .execute();
  },
};
