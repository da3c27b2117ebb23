import type { Migration } from './index.ts';

/** Emoji and sounds that a workspace adds. */
export const customEmojiAndSounds: Migration = {
  id: '0073-custom-emoji-and-sounds',
  async up(tx) {
    await tx.schema
      .createTable('custom_emoji')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('aliases', 'text', (column) => column.notNull())
      .addColumn('extension', 'text', (column) => column.notNull())
      .addColumn('file_id', 'text', (column) => column.notNull())
      .addColumn('etag', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema
      .createTable('custom_emoji_names')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('emoji_id', 'text', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('custom_emoji_names_emoji_id')
      .on('custom_emoji_names')
      .column('emoji_id')
      .execute();
    await tx.schema
      .createTable('custom_sounds')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('extension', 'text', (column) => column.notNull())
      .addColumn('file_id', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
