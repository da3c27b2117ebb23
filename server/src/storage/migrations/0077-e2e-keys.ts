import type { Migration } from './index.ts';

/** The keys with which people encrypt end to end; the private one is encrypted by their own password. */
export const e2eKeys: Migration = {
  id: '0077-e2e-keys',
  async up(tx) {
    await tx.schema
      .createTable('e2e_keys')
      .addColumn('uid', 'text', (column) => column.primaryKey().notNull())
      .addColumn('public_key', 'text', (column) => column.notNull())
      .addColumn('private_key', 'text', (column) => column.notNull())
      .execute();
  },
};
