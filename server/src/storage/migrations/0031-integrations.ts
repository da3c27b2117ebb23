import type { Migration } from './index.ts';

/** Webhooks, the rooms and people they are bound to, and what happened when outgoing ones ran. */
export const integrations: Migration = {
  id: '0031-integrations',
  async up(tx) {
    await tx.schema
      .createTable('integrations')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('event', 'text')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('enabled', 'integer', (column) => column.notNull())
      .addColumn('creator_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('integrations_user_id').on('integrations').column('user_id').execute();
    await tx.schema
      .createIndex('integrations_type_enabled')
      .on('integrations')
      .columns(['type', 'enabled', 'created_at'])
      .execute();
    await tx.schema
      .createTable('integration_channels')
      .addColumn('channel', 'text', (column) => column.notNull())
      .addColumn('integration_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('integration_channels_pk', ['channel', 'integration_id'])
      .execute();
    await tx.schema
      .createIndex('integration_channels_integration_id')
      .on('integration_channels')
      .column('integration_id')
      .execute();
    await tx.schema
      .createTable('integration_history')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('integration_id', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('integration_history_integration_id_updated_at')
      .on('integration_history')
      .columns(['integration_id', 'updated_at'])
      .execute();
  },
};
