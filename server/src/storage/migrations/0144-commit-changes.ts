import { sql } from 'kysely';
import { isOnPostgres } from '../dialect-functions.ts';
import type { Migration } from './index.ts';

/**
 * Which rows the last commits of all nodes changed, for nodes that remember rows (`storage/changed-rows.ts`): a ring, so that there is
 * nothing to clear away, and without an index of the versions, so that its rows are replaced in their place.
 */
export const commitChanges: Migration = {
  id: '0144-commit-changes',
  async up(tx) {
    if (!isOnPostgres(tx)) return;
    await sql`create table commit_changes (slot int primary key, version bigint not null, changes text not null)`.execute(
      tx,
    );
  },
};
