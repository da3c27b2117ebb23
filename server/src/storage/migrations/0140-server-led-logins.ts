import type { Migration } from './index.ts';

/** Logins by other services in which the server leads the browser: begun at the service, and not finished by the client. */
export const serverLedLogins: Migration = {
  id: '0140-server-led-logins',
  async up(tx) {
    await tx.schema
      .createTable('begun_logins')
      .addColumn('state_hash', 'text', (column) => column.primaryKey().notNull())
      .addColumn('secret_hash', 'text', (column) => column.notNull())
      .addColumn('service', 'text', (column) => column.notNull())
      .addColumn('redirect_url', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('begun_logins_expires_at').on('begun_logins').column('expires_at').execute();
    await tx.schema
      .createTable('pending_logins')
      .addColumn('hash', 'text', (column) => column.primaryKey().notNull())
      .addColumn('uid', 'text')
      .addColumn('factor', 'text')
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('pending_logins_uid').on('pending_logins').column('uid').execute();
    await tx.schema
      .createIndex('pending_logins_expires_at')
      .on('pending_logins')
      .column('expires_at')
      .execute();
  },
};
