import { sql } from 'kysely';
import type { ConsistencyRule } from '../storage/consistency.ts';

/** What must hold in what the retention policy remembers. */
export const retentionRules: readonly ConsistencyRule[] = [
  {
    broken: 'room that is looked at again for what has been dealt with',
    query: sql`select id as what from rooms where retention_at > 0 and retention_at <= retention_up_to`,
  },
];
