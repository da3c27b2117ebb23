import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the tables of imports. Who began an operation may be gone. */
export const importRules: readonly ConsistencyRule[] = [
  reference('import_records', 'operation_id', 'import_operations'),
  reference('files', 'id', 'import_operations', { where: sql`files.kind = 'import'` }),
  {
    broken: 'file of an import that has none any more',
    query: sql`select files.id as what from files join import_operations on import_operations.id = files.id
      where files.kind = 'import' and (import_operations.valid = 0 or import_operations.status in
        ('importer_user_selection', 'importer_done', 'importer_import_failed'))`,
  },
  {
    broken: 'import that goes on beside a newer one',
    query: sql`select id as what from import_operations where valid = 1
      and exists (select 1 from import_operations as newer where newer.created_at > import_operations.created_at)`,
  },
];
