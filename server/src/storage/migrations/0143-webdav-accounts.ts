import type { Migration } from './index.ts';

/** What people log in with at their WebDAV servers. */
export const webdavAccounts: Migration = {
  id: '0143-webdav-accounts',
  async up(tx) {
    await tx.schema
      .createTable('webdav_accounts')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('server_url', 'text', (column) => column.notNull())
      .addColumn('username', 'text', (column) => column.notNull())
      .addColumn('password', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('webdav_accounts_uid')
      .unique()
      .on('webdav_accounts')
      .columns(['uid', 'server_url', 'username'])
      .execute();
  },
};
