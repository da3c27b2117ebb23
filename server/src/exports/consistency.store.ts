import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the table of exports. */
export const exportRules: readonly ConsistencyRule[] = [
  reference('exports', 'uid', 'users'),
  reference('files', 'id', 'exports', { where: sql`files.kind = 'export'` }),
  {
    broken: 'archive of somebody else than who asked for it',
    query: sql`select files.id as what from files join exports on exports.id = files.id
      where files.kind = 'export' and (files.uid is null or files.uid <> exports.uid)`,
  },
];
