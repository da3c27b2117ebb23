import { type Kysely, sql } from 'kysely';
import { createWordIndex } from '../word-index.ts';
import type { Migration } from './index.ts';

/**
 * The search for messages. A message gets a number of its own, in the order of time, by which the index of words names it: the
 * numbers of rows that SQLite gives by itself change when a backup is made. The words of messages that exist already are indexed
 * after the start (`messages/search/index-messages.ts`).
 */
export const messageSearch: Migration = {
  id: '0021-message-search',
  async up(tx) {
    await numberMessages(tx);
    await createWordIndex(tx);
    await tx.schema
      .createTable('indexed_messages')
      .addColumn('up_to', 'bigint', (column) => column.notNull())
      .execute();
    await sql`insert into indexed_messages (up_to) values (0)`.execute(tx);
  },
};

const COLUMNS = [
  'id',
  'rid',
  'ts',
  'uid',
  't',
  'tmid',
  'tshow',
  'pinned',
  'hidden',
  'tcount',
  'tlm',
  'updated_at',
  'doc',
];

/** SQLite adds no primary key to a table, so the table is made anew. No number is ever given twice. */
async function numberMessages(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('numbered_messages')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement().notNull())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('rid', 'text', (column) => column.notNull())
    .addColumn('ts', 'bigint', (column) => column.notNull())
    .addColumn('uid', 'text', (column) => column.notNull())
    .addColumn('t', 'text')
    .addColumn('tmid', 'text')
    .addColumn('tshow', 'integer', (column) => column.notNull())
    .addColumn('pinned', 'integer', (column) => column.notNull())
    .addColumn('hidden', 'integer', (column) => column.notNull())
    .addColumn('tcount', 'integer')
    .addColumn('tlm', 'bigint')
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('doc', 'text', (column) => column.notNull())
    .execute();
  const columns = sql.join(COLUMNS.map((column) => sql.ref(column)));
  await sql`insert into numbered_messages (${columns}) select ${columns} from messages order by ts, id`.execute(
    tx,
  );
  await tx.schema.dropTable('messages').execute();
  await tx.schema.alterTable('numbered_messages').renameTo('messages').execute();
  await indexMessages(tx);
}

/** As they were (0001, 0004). */
async function indexMessages(tx: Kysely<unknown>): Promise<void> {
  for (const columns of [['rid', 'ts'], ['rid', 'updated_at'], ['uid']])
    await tx.schema
      .createIndex(`messages_${columns.join('_')}`)
      .on('messages')
      .columns(columns)
      .execute();
  const partial = [
    ['messages_tmid_ts', ['tmid', 'ts'], sql<boolean>`tmid is not null`],
    ['messages_pinned', ['rid', 'ts'], sql<boolean>`pinned = 1`],
    ['messages_threads', ['rid', 'tlm'], sql<boolean>`tcount is not null`],
  ] as const;
  for (const [name, columns, condition] of partial)
    await tx.schema
      .createIndex(name)
      .on('messages')
      .columns([...columns])
      .where(condition)
      .execute();
}
