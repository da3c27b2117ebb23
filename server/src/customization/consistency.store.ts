import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';
import { jsonItems } from '../storage/json.ts';

/** What must hold in the tables of what a workspace adds. */
export const customizationRules: readonly ConsistencyRule[] = [
  ...(
    [
      ['emoji', 'custom_emoji'],
      ['sound', 'custom_sounds'],
      ['asset', 'custom_assets'],
    ] as const
  ).map(([kind, table]) =>
    reference('files', 'id', table, { key: 'file_id', where: sql`files.kind = ${kind}` }),
  ),
  reference('custom_emoji', 'file_id', 'files'),
  reference('custom_sounds', 'file_id', 'files'),
  reference('custom_assets', 'file_id', 'files'),
  reference('custom_emoji_names', 'emoji_id', 'custom_emoji'),
  {
    broken: 'name or alias of an emoji that is missing among the names',
    query: sql`select called.emoji_id || ' ' || called.name as what from (
        select id as emoji_id, name from custom_emoji
        union all
        select custom_emoji.id, item.value from custom_emoji, ${jsonItems(sql.ref('custom_emoji.aliases'))}
      ) as called
      where not exists (
        select 1 from custom_emoji_names
        where custom_emoji_names.name = called.name and custom_emoji_names.emoji_id = called.emoji_id)`,
  },
];
