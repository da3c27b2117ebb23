import type { Migration } from './index.ts';

/** The devices that want push messages. One row for each token of Apple's or Google's service: it moves with its device. */
export const pushTokens: Migration = {
  id: '0008-push-tokens',
  async up(tx) {
    await tx.schema
      .createTable('push_tokens')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('service', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('app_name', 'text', (column) => column.notNull())
      .addColumn('login_hash', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    const index = (name: string, columns: string[]) =>
      tx.schema.createIndex(`push_tokens_${name}`).on('push_tokens').columns(columns);
    await index('value_key', ['value']).unique().execute();
    await index('uid', ['uid']).execute();
    await index('login_hash', ['login_hash']).execute();
  },
};
