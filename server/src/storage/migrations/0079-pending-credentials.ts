import type { Migration } from './index.ts';

/** What other services said of people who have not finished logging in yet. */
export const pendingCredentials: Migration = {
  id: '0079-pending-credentials',
  async up(tx) {
    await tx.schema
      .createTable('pending_credentials')
      .addColumn('token_hash', 'text', (column) => column.primaryKey().notNull())
      .addColumn('secret_hash', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('pending_credentials_expires_at')
      .on('pending_credentials')
      .column('expires_at')
      .execute();
  },
};
