import type { Migration } from './index.ts';

/** What is known of pages that messages link to, so that a page is not asked for by every message anew. */
export const linkPreviews: Migration = {
  id: '0042-link-previews',
  async up(tx) {
    await tx.schema
      .createTable('link_previews')
      .addColumn('url', 'text', (column) => column.primaryKey().notNull())
      .addColumn('fetched_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('link_previews_fetched_at')
      .on('link_previews')
      .columns(['fetched_at'])
      .execute();
  },
};
