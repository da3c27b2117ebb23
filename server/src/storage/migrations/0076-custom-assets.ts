import type { Migration } from './index.ts';

/** Logos and icons of the workspace in the place of ours. */
export const customAssets: Migration = {
  id: '0076-custom-assets',
  async up(tx) {
    await tx.schema
      .createTable('custom_assets')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('file_id', 'text', (column) => column.notNull())
      .execute();
  },
};
