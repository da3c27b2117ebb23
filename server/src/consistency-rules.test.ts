import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consistencyRules } from './consistency-rules.ts';
import { findInconsistencies } from './storage/consistency.ts';
import { openStorage, type Storage } from './storage/database.ts';

/** That every column which names a row of another table is looked at, and that what is broken is found. */

let storage: Storage;

beforeEach(async () => {
  storage = await openStorage({ memory: true, dataDir: '', log: pino({ level: 'silent' }) });
});
afterEach(() => storage.close());

/** Names of columns that hold ids of other rows. */
const NAMES_A_ROW =
  /^(uid|rid|mid|tmid|prid|parent_rid|role|\w+_id|login_hash|subject|scope|until|actor_id|created_by|updated_by)$/;

/** Columns that need not name anything that is there, and why. */
const MAY_BE_GONE: Readonly<Record<string, string>> = {
  'audit_events.actor_id': 'the trail outlives people',
  'audit_events.subject': 'the trail outlives what was changed',
  'custom_emoji_names.name': 'no id',
  'import_operations.uid': 'an import outlives who began it',
  'integrations.creator_id': 'an integration outlives who made it; it is switched off with whom it posts as',
  'login_tokens.session_id': 'its own id',
  'message_mentions.uid': '`all` and `here` besides people; found by person only',
  'messages.tmid': 'replies outlive a message that went with its author',
  'messages.uid': 'messages may outlive their author (`Message_ErasureType`)',
  'calendar_events.external_id': 'of another calendar',
  'oauth_apps.client_id': 'its own name',
  'oauth_apps.created_by': 'a copy of names',
  'oauth_apps.updated_by': 'a copy of names',
  'pending_invites.invite_id': 'looked up when it is used, and then it may be over',
  'read_marks.uid': '`` for everybody; those of people who are gone are never read',
  'read_receipts.uid': 'receipts show the readers who are there',
  'reports.message_id': 'a report outlives the message',
  'reports.uid': 'a report outlives the person',
  'roles.scope': 'a word',
  'rooms.creator_id': 'a room outlives its creator',
  'team_members.created_by': 'a copy of names',
  'teams.created_by': 'a copy of names',
  'thread_followers.uid': 'the index of what messages say',
  'thread_reads.uid': 'as `read_receipts.uid`',
  'tombstones.scope': 'what is gone, for those who were away',
  'external_identities.service_uid': 'of another service',
};

interface Column {
  table: string;
  column: string;
  type: string;
}

async function columns(): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select tables.name as "table", columns.name as "column", columns.type as type
    from sqlite_master as tables, pragma_table_info(tables.name) as columns
    where tables.type = 'table' and tables.name not like 'sqlite_%' and tables.sql not like '%virtual%'`.execute(
    storage.db,
  );
  return [...rows];
}

test('every column that names a row of another table has a rule, or a reason to have none', async () => {
  const ruled = new Set(consistencyRules.map(({ broken }) => broken.split(' ')[0]));
  const without = (await columns())
    .filter(({ column, type }) => NAMES_A_ROW.test(column) && /text/i.test(type))
    .map(({ table, column }) => `${table}.${column}`)
    .filter((name) => !ruled.has(name) && !(name in MAY_BE_GONE));
  expect(without).toEqual([]);
});

/** Rows that lead nowhere: one in each table, with what its rules ask for. */
const VARIANTS: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  files: ['avatar', 'export', 'import', 'emoji', 'sound', 'asset'].map((kind) => ({
    kind,
    id: kind,
    blob_key: kind,
  })),
  integrations: [{ enabled: 1 }],
};
/** Columns of JSON. */
const LISTS = new Set(['roles', 'aliases', 'backup_hashes', 'highlights']);
const OBJECTS = new Set(['doc', 'wish', 'counts', 'payload', 'moderation', 'device', 'last_message']);

function nowhere(column: string, type: string): unknown {
  if (LISTS.has(column)) return '[]';
  if (OBJECTS.has(column)) return '{}';
  // So that a row which names another one of its table does not name itself.
  if (column === 'id' && /text/i.test(type)) return 'itself';
  return /text/i.test(type) ? 'nowhere' : 0;
}

test('a row that leads nowhere is found, whichever column leads there', async () => {
  const all = await columns();
  const references = consistencyRules.filter(({ broken }) => /^\w+\.\w+ without its \w+$/.test(broken));
  expect(references.length).toBeGreaterThan(55);
  const missed: string[] = [];
  // One by one: a row that leads nowhere in one table may be what one of another table asks for.
  for (const rule of references) {
    const [table = ''] = rule.broken.split('.');
    const of = all.filter((column) => column.table === table);
    await storage.transaction(async (tx) => {
      for (const variant of VARIANTS[table] ?? [{}]) {
        const row = Object.fromEntries(of.map(({ column, type }) => [column, nowhere(column, type)]));
        await tx
          .insertInto(table as 'settings')
          .values({ ...row, ...variant } as never)
          .execute();
      }
    });
    const found = await findInconsistencies(storage.db, [rule]);
    if (found.length === 0) missed.push(rule.broken);
    await storage.transaction((tx) => tx.deleteFrom(table as 'settings').execute());
  }
  expect(missed).toEqual([]);
});

test('what contradicts itself inside of documents is found', async () => {
  const room = { id: 'r', t: 'd', creator_id: 'u', ts: 0, updated_at: 0 };
  const doc = { uids: ['gone'], usersWaitingForE2EKeys: [{ userId: 'gone', ts: 'x' }] };
  const all = await columns();
  await storage.transaction(async (tx) => {
    const fill = async (table: 'rooms' | 'subscriptions' | 'files' | 'permissions', row: object) => {
      const of = all.filter((column) => column.table === table);
      const base = Object.fromEntries(of.map(({ column, type }) => [column, nowhere(column, type)]));
      await tx
        .insertInto(table)
        .values({ ...base, ...row } as never)
        .execute();
    };
    await fill('rooms', { ...room, doc: JSON.stringify(doc) });
    const tunread = JSON.stringify({ tunread: ['lost'] });
    await fill('subscriptions', { id: 's', rid: 'r', uid: 'u', t: 'd', status: null, doc: tunread });
    await fill('files', {
      ...{ id: 'f', kind: 'upload', rid: 'r', uid: 'u' },
      ...{ message_id: null, original_id: null, expires_at: null },
    });
    await fill('permissions', { id: 'leave-c', roles: '["lost"]' });
  });
  const found = await findInconsistencies(storage.db, consistencyRules);
  const examples = new Map(found.map(({ broken, examples }) => [broken, examples]));
  expect(examples.get('direct room with somebody who is gone')).toEqual(['r gone']);
  expect(examples.get('somebody who waits for the key of a room without being in it')).toEqual(['r gone']);
  expect(examples.get('unread thread that is gone')).toEqual(['r u lost']);
  expect(examples.get('upload that no message shows and that nobody will remove')).toEqual(['f']);
  expect(examples.get('permission of a role that is gone')).toEqual(['leave-c lost']);
});
