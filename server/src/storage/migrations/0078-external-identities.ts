import type { Migration } from './index.ts';

/** Whom other services know people as. */
export const externalIdentities: Migration = {
  id: '0078-external-identities',
  async up(tx) {
    await tx.schema
      .createTable('external_identities')
      .addColumn('service', 'text', (column) => column.notNull())
      .addColumn('service_uid', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('external_identities_pk', ['service', 'service_uid'])
      .execute();
    await tx.schema.createIndex('external_identities_uid').on('external_identities').column('uid').execute();
  },
};
