import type { Migration } from './index.ts';

/** Work that outlives the process. Found by kind and time; a key keeps a second job for the same thing away. */
export const jobs: Migration = {
  id: '0030-jobs',
  async up(tx) {
    await tx.schema
      .createTable('jobs')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('job_key', 'text')
      .addColumn('payload', 'text', (column) => column.notNull())
      .addColumn('run_at', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('claim', 'text')
      .addColumn('last_error', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('jobs_kind_run_at').on('jobs').columns(['kind', 'run_at']).execute();
    await tx.schema.createIndex('jobs_kind_key').on('jobs').columns(['kind', 'job_key']).unique().execute();
  },
};
