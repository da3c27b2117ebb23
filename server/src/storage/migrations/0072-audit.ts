import type { Migration } from './index.ts';

/** What administrators did: rows are only ever added. */
export const audit: Migration = {
  id: '0072-audit',
  async up(tx) {
    await tx.schema
      .createTable('audit_events')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('actor_id', 'text')
      .addColumn('actor_name', 'text')
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('audit_events_at').on('audit_events').columns(['at', 'id']).execute();
    await tx.schema.createIndex('audit_events_kind').on('audit_events').columns(['kind', 'at']).execute();
    await tx.schema
      .createIndex('audit_events_subject')
      .on('audit_events')
      .columns(['subject', 'at'])
      .execute();
  },
};
