import { sql } from 'kysely';
import type { Migration } from './index.ts';

/** From where a session was opened, and what `statistics` answered over time. */
export const devices: Migration = {
  id: '0074-devices',
  async up(tx) {
    for (const column of ['session_id', 'ip', 'device_name', 'os_name', 'device']) {
      await tx.schema.alterTable('login_tokens').addColumn(column, 'text').execute();
    }
    // Of what is open now only the token is known. The start of its hash tells nobody the token.
    await sql`update login_tokens set session_id = substr(hash, 1, 16) where kind = 'session'`.execute(tx);
    await tx.schema
      .createIndex('login_tokens_session_id')
      .on('login_tokens')
      .column('session_id')
      .unique()
      .execute();
    await tx.schema
      .createTable('statistics')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('doc', 'text', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('statistics_created_at').on('statistics').column('created_at').execute();
  },
};
