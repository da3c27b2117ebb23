import { sql } from 'kysely';
import type { Migration } from './index.ts';

/**
 * The words that a member wants to be alerted by, as JSON text, null for the many who have none. The partial index finds
 * the few members of a room who have some without looking at the others (spec 10 §12.2).
 */
export const highlights: Migration = {
  id: '0003-highlights',
  async up(tx) {
    await tx.schema.alterTable('subscriptions').addColumn('highlights', 'text').execute();
    await tx.schema
      .createIndex('subscriptions_highlights')
      .on('subscriptions')
      .column('rid')
      .where(sql.ref('highlights'), 'is not', null)
      .execute();
  },
};
