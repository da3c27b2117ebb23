import { type Compilable, sql } from 'kysely';
import { expect, test } from 'vitest';
import { type Db, openStorage } from '../database.ts';
import { isUniqueViolation } from '../errors.ts';
import { silent, storageInMemory, temporaryDirectory } from '../testing/temporary.ts';
import { MIGRATIONS, type Migration, migrate } from './index.ts';

const appliedIn = async (db: Db) => {
  const { rows } = await sql<{ id: string; applied_at: number }>`
    select id, applied_at from schema_migrations order by id`.execute(db);
  return rows;
};

test('migrations are numbered in their order', () => {
  const ids = MIGRATIONS.map((migration) => migration.id);
  expect(ids).toEqual([...ids].sort());
  for (const id of ids) expect(id).toMatch(/^\d{4}-[a-z0-9-]+$/);
  // People who work at the same time take numbers from ranges of their own: there are gaps, but no number twice.
  expect(new Set(ids.map((id) => id.slice(0, 4))).size).toBe(ids.length);
});

test('each migration runs once', async () => {
  const dataDir = temporaryDirectory();
  const first = await openStorage({ memory: false, dataDir, log: silent });
  const applied = await appliedIn(first.db);
  expect(applied.map((row) => row.id)).toEqual(MIGRATIONS.map((migration) => migration.id));
  await first.close();
  const second = await openStorage({ memory: false, dataDir, log: silent });
  expect(await appliedIn(second.db)).toEqual(applied);
  await second.close();
});

test('a later version adds what is missing', async () => {
  const storage = await storageInMemory();
  const addition: Migration = {
    id: '9000-colours',
    async up(tx) {
      await tx.schema.createTable('colours').addColumn('id', 'text').execute();
    },
  };
  await migrate(storage, silent, [...MIGRATIONS, addition]);
  expect((await appliedIn(storage.db)).map((row) => row.id)).toContain('9000-colours');
  expect((await sql`select id from colours`.execute(storage.db)).rows).toEqual([]);
});

test('a migration that fails changes nothing', async () => {
  const storage = await storageInMemory();
  const broken: Migration = {
    id: '9000-broken',
    async up(tx) {
      await tx.schema.createTable('colours').addColumn('id', 'text').execute();
      throw new Error('no colours');
    },
  };
  await expect(migrate(storage, silent, [...MIGRATIONS, broken])).rejects.toThrow('no colours');
  await expect(sql`select id from colours`.execute(storage.db)).rejects.toThrow('no such table');
  expect((await appliedIn(storage.db)).map((row) => row.id)).not.toContain('9000-broken');
});

test('a database of a newer version is refused, left as it is, and free for the newer version', async () => {
  const dataDir = temporaryDirectory();
  const newer = await openStorage({ memory: false, dataDir, log: silent });
  await newer.transaction((tx) => sql`insert into schema_migrations values ('9000-future', 1)`.execute(tx));
  await newer.close();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(openStorage({ memory: false, dataDir, log: silent })).rejects.toThrow(
      'The database was written by a newer version of Gantry (it has 9000-future).',
    );
  }
});

/** The indexes that a query goes by, or `SCAN <table>`. */
async function planOf(db: Db, query: Compilable): Promise<string[]> {
  const { sql: text, parameters } = query.compile();
  const values = parameters.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
  const bound = text.replace(/\?/g, () => values.shift() ?? 'null');
  const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(bound)}`.execute(db);
  return rows.map((row) => row.detail.match(/INDEX (\S+)/)?.[1] ?? row.detail);
}

test('the lists that grow are read by index and without sorting', async () => {
  const { db } = await storageInMemory();
  const page = db.selectFrom('messages').select('doc').where('rid', '=', 'r').orderBy('ts', 'desc').limit(50);
  expect(await planOf(db, page)).toEqual(['messages_rid_ts']);
  const replies = db.selectFrom('messages').select('doc').where('tmid', '=', 'm').orderBy('ts').limit(50);
  expect(await planOf(db, replies)).toEqual(['messages_tmid_ts']);
  const pinned = db
    .selectFrom('messages')
    .select('doc')
    .where('rid', '=', 'r')
    .where('pinned', '=', 1)
    .orderBy('ts');
  expect(await planOf(db, pinned.limit(50))).toEqual(['messages_pinned']);
  const changed = db.selectFrom('messages').select('doc').where('rid', '=', 'r').where('updated_at', '>', 5);
  expect(await planOf(db, changed.orderBy('updated_at'))).toEqual(['messages_rid_updated_at']);
  const members = db
    .selectFrom('subscriptions')
    .select('uid')
    .where('rid', '=', 'r')
    .orderBy('ts')
    .orderBy('position');
  expect(await planOf(db, members.limit(50))).toEqual(['subscriptions_rid_ts_position']);
  const deleted = db
    .selectFrom('tombstones')
    .select('id')
    .where('kind', '=', 'message')
    .where('scope', '=', 'r');
  expect(await planOf(db, deleted.where('deleted_at', '>', 5))).toEqual(['tombstones_kind_scope_deleted_at']);
  const listing = db.selectFrom('rooms').select('doc').where('lists_speakers', '=', sql.lit(1));
  expect(await planOf(db, listing)).toEqual(['rooms_lists_speakers']);
  const tokens = db.selectFrom('login_tokens').selectAll().where('uid', '=', 'u');
  expect(await planOf(db, tokens)).toEqual(['login_tokens_uid_name_key']);
  const signedOn = db.selectFrom('login_tokens').select('hash').where('sign_on_key', '=', 'k');
  expect(await planOf(db, signedOn)).toEqual(['login_tokens_sign_on_key']);
});

test('sessions have no name, personal tokens have one per user', async () => {
  const storage = await storageInMemory();
  const token = (hash: string, uid: string, name: string | null) => ({
    hash,
    uid,
    kind: name ? 'personal' : 'session',
    created_at: 1,
    name,
    last_part: null,
    bypass_two_factor: 0,
    two_factor_until: null,
    two_factor_client: null,
    ...{ session_id: null, ip: null, device_name: null, os_name: null, device: null },
  });
  await storage.transaction(async (tx) => {
    const insert = (hash: string, uid: string, name: string | null) =>
      tx
        .insertInto('login_tokens')
        .values(token(hash, uid, name))
        .execute();
    await insert('1', 'alice', null);
    await insert('2', 'alice', null);
    await insert('3', 'alice', 'bot');
    await insert('4', 'bob', 'bot');
    const error: unknown = await insert('5', 'alice', 'bot').catch((reason: unknown) => reason);
    expect(isUniqueViolation(error)).toBe(true);
  });
});
