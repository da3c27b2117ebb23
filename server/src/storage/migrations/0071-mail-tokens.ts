import type { Migration } from './index.ts';

/** Links in mails that prove an address or set a password, and the passwords that somebody had before. */
export const mailTokens: Migration = {
  id: '0071-mail-tokens',
  async up(tx) {
    await tx.schema
      .createTable('mail_tokens')
      .addColumn('hash', 'text', (column) => column.primaryKey().notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('address', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('mail_tokens_uid').on('mail_tokens').columns(['uid', 'purpose']).execute();
    await tx.schema.createIndex('mail_tokens_created_at').on('mail_tokens').column('created_at').execute();
    await tx.schema
      .createTable('old_passwords')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex('old_passwords_uid')
      .on('old_passwords')
      .columns(['uid', 'created_at'])
      .execute();
  },
};
