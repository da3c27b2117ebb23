import type { Migration } from './index.ts';

/** What proves a second factor: secrets and codes, apart from the users so that nothing that lists people reads them. */
export const secondFactors: Migration = {
  id: '0070-second-factors',
  async up(tx) {
    await tx.schema
      .createTable('second_factors')
      .addColumn('uid', 'text', (column) => column.primaryKey().notNull())
      .addColumn('totp_secret', 'text')
      .addColumn('totp_new_secret', 'text')
      .addColumn('totp_last_step', 'bigint', (column) => column.notNull())
      .addColumn('backup_hashes', 'text', (column) => column.notNull())
      .addColumn('email_code', 'text')
      .addColumn('email_code_attempts', 'bigint', (column) => column.notNull())
      .addColumn('email_code_made', 'bigint', (column) => column.notNull())
      .addColumn('email_code_expires', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'bigint', (column) => column.notNull())
      .addColumn('attempts_since', 'bigint', (column) => column.notNull())
      .execute();
  },
};
