import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import { isOnPostgres } from '../dialect-functions.ts';
import type { Migration } from './index.ts';

/**
 * What processes that use a PostgreSQL database learn from it (`storage/postgres`, `cluster/`). `commit_order` has one row: a name
 * of the database, a number that changes with each commit, the place of the last commit with events, and the newest time stamp that
 * a transaction gave. `commit_events`: what was emitted, for whoever missed it; kept for some minutes. `commit_marks`: how many
 * commits of a process the database has.
 */
export const commitOrder: Migration = {
  id: '0120-commit-order',
  async up(tx) {
    if (!isOnPostgres(tx)) return;
    await sql`create table commit_order (
      database text not null, version bigint not null, place bigint not null, stamp bigint not null)`.execute(
      tx,
    );
    await sql`insert into commit_order (database, version, place, stamp) values (${newId()}, 0, 0, 0)`.execute(
      tx,
    );
    await sql`create table commit_events (place bigint primary key, node text not null,
      at bigint not null, body bytea not null)`.execute(tx);
    await sql`create table commit_marks (node bigint primary key, number bigint not null)`.execute(tx);
  },
};
