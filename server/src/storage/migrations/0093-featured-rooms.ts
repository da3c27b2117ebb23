import { sql } from 'kysely';
import { jsonFlag } from '../json.ts';
import type { Migration } from './index.ts';

/** Featured rooms come first in the directory (spec 11 §9): there are few, and the partial index finds them. */
export const featuredRooms: Migration = {
  id: '0093-featured-rooms',
  async up(tx) {
    await tx.schema
      .alterTable('rooms')
      .addColumn('featured', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await sql`update rooms set featured = 1 where ${jsonFlag(sql.ref('doc'), 'featured')} = 1`.execute(tx);
    await tx.schema
      .createIndex('rooms_featured')
      .on('rooms')
      .columns(['team_main', 'id'])
      .where(sql.ref('featured'), '=', sql.lit(1))
      .execute();
  },
};
