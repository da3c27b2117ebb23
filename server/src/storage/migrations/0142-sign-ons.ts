import { sql } from 'kysely';
import type { Migration } from './index.ts';

/**
 * The session at an identity provider that a login came by, so that the provider can end it: null for the many logins by other
 * ways, which the partial index costs nothing. What was opened before is not known.
 */
export const signOns: Migration = {
  id: '0142-sign-ons',
  async up(tx) {
    for (const column of ['sign_on_key', 'sign_on'])
      await tx.schema.alterTable('login_tokens').addColumn(column, 'text').execute();
    await tx.schema
      .createIndex('login_tokens_sign_on_key')
      .on('login_tokens')
      .column('sign_on_key')
      .where(sql.ref('sign_on_key'), 'is not', null)
      .execute();
  },
};
