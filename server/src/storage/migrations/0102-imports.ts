import type { Migration } from './index.ts';

/** People from other systems: the operations that bring them in, and who waits for it. */
export const imports: Migration = {
  id: '0102-imports',
  async up(tx) {
    await tx.schema
      .createTable('import_operations')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('importer_key', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('valid', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('counts', 'text', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('import_operations_created_at')
      .on('import_operations')
      .columns(['created_at'])
      .execute();
    await tx.schema
      .createTable('import_records')
      .addColumn('operation_id', 'text', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .addColumn('error', 'text')
      .addPrimaryKeyConstraint('import_records_key', ['operation_id', 'position'])
      .execute();
  },
};
