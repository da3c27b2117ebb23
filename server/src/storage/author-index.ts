import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * `messages.uid` is this author, asked of an index by stretches of 256 messages and author (migration 0115): it costs one look into each
 * stretch, some ten milliseconds with a million messages. For what happens to accounts now and then, not for requests.
 * With `after` only the stretches from this `seq` on are looked at.
 */
export const isAuthor = (uid: string, after?: number): RawBuilder<SqlBool> => sql<SqlBool>`(
  messages.seq / 256 in (
    with recursive stretches (stretch) as (
      ${after === undefined ? sql`select min(seq) / 256 from messages` : sql`select cast(${Math.floor(after / 256)} as integer)`}
      union all
      select stretch + 1 from stretches where stretch < (select max(seq) / 256 from messages)
    )
    select stretch from stretches
  ) and messages.uid = ${uid})`;
