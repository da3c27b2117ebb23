import { sql } from 'kysely';
import type { Migration } from './index.ts';

/**
 * The text in which people are searched, in one lower-case column: searching several columns with lower() takes most of
 * a second with 100,000 people, and nothing else is answered meanwhile. Nickname and biography follow at the next
 * change of a user.
 */
export const peopleSearch: Migration = {
  id: '0002-people-search',
  async up(tx) {
    await tx.schema.alterTable('users').addColumn('search_key', 'text').execute();
    await sql`update users set search_key = lower(coalesce(username, '') || ' ' || coalesce(name, ''))`.execute(
      tx,
    );
  },
};
