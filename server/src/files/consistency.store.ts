import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the table of files. Whether the bytes are there is not looked at. */
export const fileRules: readonly ConsistencyRule[] = [
  reference('files', 'rid', 'rooms'),
  reference('files', 'message_id', 'messages'),
  reference('files', 'original_id', 'files'),
  {
    broken: 'upload that no message shows and that nobody will remove',
    query: sql`select id as what from files where kind = 'upload'
      and message_id is null and original_id is null and expires_at is null`,
  },
  reference('files', 'uid', 'users', { where: sql`files.kind in ('avatar', 'export')` }),
];
