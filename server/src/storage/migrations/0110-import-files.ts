import { sql } from 'kysely';
import type { Migration } from './index.ts';

/** Imports of files: the file, rooms and messages that wait, and files of messages that are yet to be fetched. */
export const importFiles: Migration = {
  id: '0110-import-files',
  async up(tx) {
    await tx.schema.alterTable('import_operations').addColumn('file', 'text').execute();
    await tx.schema.alterTable('import_operations').addColumn('content_type', 'text').execute();
    await tx.schema
      .alterTable('import_records')
      .addColumn('kind', 'text', (column) => column.notNull().defaultTo('user'))
      .execute();
    await tx.schema
      .createIndex('import_records_kind')
      .on('import_records')
      .columns(['operation_id', 'kind', 'position'])
      .execute();
    await tx.schema
      .createTable('pending_message_files')
      .addColumn('message_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('rid', 'text', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('pending_message_files_rid')
      .on('pending_message_files')
      .columns(['rid'])
      .execute();
    // Whose picture is yet to be fetched.
    await tx.schema.alterTable('users').addColumn('pending_avatar', 'text').execute();
    await tx.schema
      .createIndex('users_pending_avatar')
      .on('users')
      .columns(['id'])
      .where(sql.ref('pending_avatar'), 'is not', null)
      .execute();
  },
};
