import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * `messages.uid` is this author, asked of an index by stretches of 256 messages and author (migration 0115): it costs one look into each
 * stretch, some ten milliseconds with a million messages. For what happens to accounts now and then, not for requests.
 */
export const isAuthor = (uid: string): RawBuilder<SqlBool> => sql<SqlBool>`(
  messages.seq / 256 in (
    with recursive stretches (stretch) as (
      select min(seq) / 256 from messages
      union all
      select stretch + 1 from stretches where stretch < (select max(seq) / 256 from messages)
    )
    select stretch from stretches
  ) and messages.uid = ${uid})`;
