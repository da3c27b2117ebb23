import type { Migration } from './index.ts';

/** Which rooms have something that is too old, and when that was last looked for (spec 11 §11). */
export const retention: Migration = {
  id: '0086-retention',
  async up(tx) {
    const rooms = tx.schema.alterTable('rooms');
    await rooms.addColumn('retention_at', 'bigint', (column) => column.defaultTo(0)).execute();
    await rooms.addColumn('retention_up_to', 'bigint', (column) => column.notNull().defaultTo(0)).execute();
    await tx.schema.createIndex('rooms_retention_at').on('rooms').columns(['retention_at']).execute();
    await tx.schema
      .createTable('retention_passes')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('policy', 'text', (column) => column.notNull())
      .addColumn('passed_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
