import type { Migration } from './index.ts';

/** Programs that log people in through this workspace, and what they may use. */
export const oauth: Migration = {
  id: '0075-oauth',
  async up(tx) {
    await tx.schema
      .createTable('oauth_apps')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('active', 'integer', (column) => column.notNull())
      .addColumn('client_id', 'text', (column) => column.notNull().unique())
      .addColumn('client_secret', 'text', (column) => column.notNull())
      .addColumn('redirect_uri', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('updated_by', 'text')
      .execute();
    await tx.schema
      .createTable('oauth_tokens')
      .addColumn('hash', 'text', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('redirect_uri', 'text')
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute();
    for (const column of ['uid', 'client_id', 'expires_at']) {
      await tx.schema.createIndex(`oauth_tokens_${column}`).on('oauth_tokens').column(column).execute();
    }
  },
};
