import { sql } from 'kysely';
import type { Migration } from './index.ts';

/**
 * What lists of people and rooms sort by and search in, in lower case and in an index: without, a page of them reads and
 * sorts the whole table, a tenth of a second with 100,000 people, and nothing else is answered meanwhile.
 */
export const listKeys: Migration = {
  id: '0011-list-keys',
  async up(tx) {
    await tx.schema.alterTable('users').addColumn('name_key', 'text').execute();
    await sql`update users set name_key = lower(name)`.execute(tx);
    await tx.schema.dropIndex('users_name').execute();
    await tx.schema.createIndex('users_name_key').on('users').columns(['name_key', 'id']).execute();
    await tx.schema
      .createIndex('users_active_name_key')
      .on('users')
      .columns(['active', 'name_key', 'id'])
      .execute();
    // Everything that a search compares, so that it reads no documents of those who do not match.
    await tx.schema
      .createIndex('users_search')
      .on('users')
      .columns(['active', 'username_key', 'search_key', 'id'])
      .execute();
    await tx.schema.alterTable('rooms').addColumn('search_key', 'text').execute();
    await sql`update rooms set search_key = lower(coalesce(name, '') || '\n' || coalesce(fname, ''))`.execute(
      tx,
    );
    await tx.schema
      .createIndex('rooms_search')
      .on('rooms')
      .columns(['t', 'team_id', 'team_main', 'prid', 'name', 'search_key', 'id'])
      .execute();
  },
};
