import { sql } from 'kysely';
import { isOnPostgres } from '../dialect-functions.ts';
import type { Migration } from './index.ts';

/**
 * What several nodes need to clear up after each other: the few jobs that are claimed, which each node looks at every few
 * seconds, and since when the bytes of a removed file were looked for in vain.
 */
export const nodes: Migration = {
  id: '0122-nodes',
  async up(tx) {
    await tx.schema.alterTable('doomed_blobs').addColumn('missing_since', 'bigint').execute();
    if (!isOnPostgres(tx)) return;
    await sql`create index jobs_claim on jobs (claim) where claim is not null`.execute(tx);
  },
};
