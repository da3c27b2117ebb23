import type { Migration } from './index.ts';

/**
 * What is known of uploads, avatars and the like; their bytes are elsewhere. `doomed_blobs` names bytes that have to go:
 * of removed files, and of those that are being stored until the moment they belong to a file.
 */
export const files: Migration = {
  id: '0040-files',
  async up(tx) {
    await tx.schema
      .createTable('files')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('rid', 'text')
      .addColumn('uid', 'text')
      .addColumn('message_id', 'text')
      .addColumn('original_id', 'text')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('type_group', 'text', (column) => column.notNull())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('hidden', 'integer', (column) => column.notNull())
      .addColumn('uploaded_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('store', 'text', (column) => column.notNull())
      .addColumn('blob_key', 'text', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    const index = (name: string, columns: string[]) =>
      tx.schema.createIndex(`files_${name}`).on('files').columns(columns).execute();
    await index('rid', ['rid', 'uploaded_at']);
    await index('uid', ['uid', 'kind']);
    await index('message_id', ['message_id']);
    await index('original_id', ['original_id']);
    await index('expires_at', ['expires_at']);
    await tx.schema
      .createTable('doomed_blobs')
      .addColumn('blob_key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('store', 'text', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('doomed_blobs_due_at').on('doomed_blobs').columns(['due_at']).execute();
  },
};
