import { sql } from 'kysely';
import type { Migration } from './index.ts';

/**
 * The language into which messages are translated for a member, null for the many who want none. The partial index finds
 * the few of a room without looking at the others (spec 31 §5).
 */
export const autoTranslate: Migration = {
  id: '0092-auto-translate',
  async up(tx) {
    await tx.schema.alterTable('subscriptions').addColumn('translate_to', 'text').execute();
    await tx.schema
      .createIndex('subscriptions_translate_to')
      .on('subscriptions')
      .column('rid')
      .where(sql.ref('translate_to'), 'is not', null)
      .execute();
  },
};
