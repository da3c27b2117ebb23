import { sql } from 'kysely';
import { jsonText } from '../json.ts';
import type { Migration } from './index.ts';

/**
 * Rooms that list who may not speak, or who may all the same (spec 10 §7), by their usernames: whoever is renamed or goes
 * may be listed where they are no members any more. There are few such rooms, and the partial index finds them.
 */
export const roomsWithSpeakers: Migration = {
  id: '0141-rooms-with-speakers',
  async up(tx) {
    await tx.schema
      .alterTable('rooms')
      .addColumn('lists_speakers', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    const listed = (member: string) => sql`coalesce(${jsonText(sql.ref('doc'), member)}, '[]') <> '[]'`;
    await sql`update rooms set lists_speakers = 1 where ${listed('muted')} or ${listed('unmuted')}`.execute(
      tx,
    );
    await tx.schema
      .createIndex('rooms_lists_speakers')
      .on('rooms')
      .columns(['id'])
      .where(sql.ref('lists_speakers'), '=', sql.lit(1))
      .execute();
  },
};
