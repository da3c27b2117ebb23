import { sql } from 'kysely';
import { jsonText } from '../json.ts';
import type { Migration } from './index.ts';

/**
 * Members who said that they want pushes or mails of all messages of a room. The partial index finds the few of a large room
 * without looking at the others (spec 30 §4.11).
 */
export const toldOfAll: Migration = {
  id: '0114-told-of-all',
  async up(tx) {
    await tx.schema
      .alterTable('subscriptions')
      .addColumn('told_of_all', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    const doc = sql.ref<string>('doc');
    await sql`update subscriptions set told_of_all = 1
      where ${jsonText(doc, 'mobilePushNotifications')} = 'all' or ${jsonText(doc, 'emailNotifications')} = 'all'`.execute(
      tx,
    );
    await tx.schema
      .createIndex('subscriptions_told_of_all')
      .on('subscriptions')
      .column('rid')
      .where(sql.ref('told_of_all'), '=', sql.lit(1))
      .execute();
  },
};
