import type { Migration } from './index.ts';

/** Links by which people come into a room, and who used one before they had a username (spec 11 §10). */
export const invites: Migration = {
  id: '0051-invites',
  async up(tx) {
    await tx.schema
      .createTable('invites')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('rid', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('days', 'integer', (column) => column.notNull())
      .addColumn('max_uses', 'integer', (column) => column.notNull())
      .addColumn('uses', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('invites_rid_uid').on('invites').columns(['rid', 'uid']).execute();
    await tx.schema.createIndex('invites_uid').on('invites').columns(['uid']).execute();
    await tx.schema
      .createTable('pending_invites')
      .addColumn('uid', 'text', (column) => column.primaryKey().notNull())
      .addColumn('invite_id', 'text', (column) => column.notNull())
      .execute();
  },
};
