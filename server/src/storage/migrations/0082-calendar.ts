import type { Migration } from './index.ts';

/** Calendars of people (spec 11 §14). */
export const calendar: Migration = {
  id: '0082-calendar',
  async up(tx) {
    await tx.schema
      .createTable('calendar_events')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('start_at', 'bigint', (column) => column.notNull())
      .addColumn('end_at', 'bigint')
      .addColumn('reminder_at', 'bigint')
      .addColumn('reminded', 'integer', (column) => column.notNull())
      .addColumn('external_id', 'text')
      .addColumn('busy', 'integer', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('calendar_events_uid_start')
      .on('calendar_events')
      .columns(['uid', 'start_at'])
      .execute();
    // Databases do not take two NULLs for the same.
    await tx.schema
      .createIndex('calendar_events_external')
      .unique()
      .on('calendar_events')
      .columns(['uid', 'external_id'])
      .execute();
  },
};
