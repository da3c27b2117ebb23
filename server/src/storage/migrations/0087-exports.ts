import type { Migration } from './index.ts';

/** Rooms, and what belongs to a person, as archives. */
export const exportsOfData: Migration = {
  id: '0087-exports',
  async up(tx) {
    await tx.schema
      .createTable('exports')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('wish', 'text', (column) => column.notNull())
      .execute();
    const index = (name: string, columns: string[]) =>
      tx.schema.createIndex(`exports_${name}`).on('exports').columns(columns).execute();
    await index('uid', ['uid', 'kind', 'created_at']);
    await index('status', ['status', 'created_at']);
    await index('created_at', ['created_at']);
  },
};
