import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the tables of imports. Who began an operation may be gone. */
export const importRules: readonly ConsistencyRule[] = [
  reference('import_records', 'operation_id', 'import_operations'),
  {
    broken: 'import that goes on beside a newer one',
    query: sql`select id as what from import_operations where valid = 1
      and exists (select 1 from import_operations as newer where newer.created_at > import_operations.created_at)`,
  },
];
