import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from './index.ts';

/** SQLite would take null as a primary key. */
const key = (column: ColumnDefinitionBuilder) => column.primaryKey().notNull();
const required = (column: ColumnDefinitionBuilder) => column.notNull();
/** A counter or flag that starts at zero. */
const zero = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0);

/** Every table of the first release; `schema.ts` says what the columns mean. */
export const foundation: Migration = {
  id: '0001-foundation',
  async up(tx) {
    await accounts(tx);
    await rooms(tx);
    await memberships(tx);
    await teams(tx);
    await messages(tx);
    await workspace(tx);
  },
};

async function accounts(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('users')
    .addColumn('id', 'text', key)
    .addColumn('username', 'text')
    .addColumn('username_key', 'text')
    .addColumn('name', 'text')
    .addColumn('type', 'text', required)
    .addColumn('active', 'integer', required)
    .addColumn('roles', 'text', required)
    .addColumn('password_hash', 'text')
    .addColumn('status', 'text', required)
    .addColumn('status_connection', 'text', required)
    .addColumn('status_default', 'text', required)
    .addColumn('status_text', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('last_login', 'bigint')
    .addColumn('doc', 'text', required)
    .execute();
  await uniqueIndex(tx, 'users', ['username_key']);
  await index(tx, 'users', ['name']);

  await tx.schema
    .createTable('user_roles')
    .addColumn('uid', 'text', required)
    .addColumn('role', 'text', required)
    .addPrimaryKeyConstraint('user_roles_pk', ['uid', 'role'])
    .execute();
  await index(tx, 'user_roles', ['role', 'uid']);

  await tx.schema
    .createTable('user_emails')
    .addColumn('address_key', 'text', key)
    .addColumn('uid', 'text', required)
    .addColumn('address', 'text', required)
    .addColumn('verified', 'integer', required)
    .addColumn('position', 'integer', required)
    .execute();
  await index(tx, 'user_emails', ['uid']);

  await tx.schema
    .createTable('login_tokens')
    .addColumn('hash', 'text', key)
    .addColumn('uid', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('name', 'text')
    .addColumn('last_part', 'text')
    .addColumn('bypass_two_factor', 'integer', required)
    .addColumn('two_factor_until', 'bigint')
    .addColumn('two_factor_client', 'text')
    .execute();
  // Sessions have no name, and nulls never collide: this serves "all tokens of a user" too.
  await uniqueIndex(tx, 'login_tokens', ['uid', 'name']);

  await tx.schema
    .createTable('login_attempts')
    .addColumn('id', 'text', key)
    .addColumn('at', 'bigint', required)
    .addColumn('ip', 'text', required)
    .addColumn('username', 'text', required)
    .addColumn('succeeded', 'integer', required)
    .execute();
  await index(tx, 'login_attempts', ['ip', 'at']);
  await index(tx, 'login_attempts', ['username', 'at']);
}

async function rooms(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('rooms')
    .addColumn('id', 'text', key)
    .addColumn('t', 'text', required)
    .addColumn('name', 'text')
    .addColumn('fname', 'text')
    .addColumn('creator_id', 'text', required)
    .addColumn('ts', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('msgs', 'integer', required)
    .addColumn('users_count', 'integer', required)
    .addColumn('lm', 'bigint')
    .addColumn('last_message', 'text')
    .addColumn('archived', 'integer', required)
    .addColumn('ro', 'integer', required)
    .addColumn('is_default', 'integer', required)
    .addColumn('team_id', 'text')
    .addColumn('team_main', 'integer', required)
    .addColumn('prid', 'text')
    .addColumn('join_code', 'text')
    .addColumn('activity_seq', 'bigint', zero)
    .addColumn('unread_seq', 'bigint', zero)
    .addColumn('group_seq', 'bigint', zero)
    .addColumn('activity_at', 'bigint', zero)
    .addColumn('doc', 'text', required)
    .execute();
  await uniqueIndex(tx, 'rooms', ['name']);
  await index(tx, 'rooms', ['fname']);
  await index(tx, 'rooms', ['team_id']);
  await index(tx, 'rooms', ['prid']);
  await index(tx, 'rooms', ['t', 'name']);
  await index(tx, 'rooms', ['is_default']);
  await index(tx, 'rooms', ['updated_at']);
}

async function memberships(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('subscriptions')
    .addColumn('id', 'text', key)
    .addColumn('rid', 'text', required)
    .addColumn('uid', 'text', required)
    .addColumn('t', 'text', required)
    .addColumn('ts', 'bigint', required)
    .addColumn('position', 'integer', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('ls', 'bigint')
    .addColumn('lr', 'bigint')
    .addColumn('open', 'integer', required)
    .addColumn('alert', 'integer', required)
    .addColumn('unread', 'integer', required)
    .addColumn('user_mentions', 'integer', required)
    .addColumn('group_mentions', 'integer', required)
    .addColumn('seen_activity_seq', 'bigint', required)
    .addColumn('seen_unread_seq', 'bigint', required)
    .addColumn('seen_group_seq', 'bigint', required)
    .addColumn('favorite', 'integer', required)
    .addColumn('roles', 'text', required)
    .addColumn('status', 'text')
    .addColumn('doc', 'text', required)
    .execute();
  await uniqueIndex(tx, 'subscriptions', ['rid', 'uid']);
  await index(tx, 'subscriptions', ['uid', 't']);
  await index(tx, 'subscriptions', ['uid', 'updated_at']);
  await index(tx, 'subscriptions', ['rid', 'ts', 'position']);

  await tx.schema
    .createTable('room_roles')
    .addColumn('rid', 'text', required)
    .addColumn('uid', 'text', required)
    .addColumn('role', 'text', required)
    .addPrimaryKeyConstraint('room_roles_pk', ['rid', 'uid', 'role'])
    .execute();
  await index(tx, 'room_roles', ['uid']);
  await index(tx, 'room_roles', ['rid', 'role']);
}

async function teams(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('teams')
    .addColumn('id', 'text', key)
    .addColumn('name', 'text', required)
    .addColumn('name_key', 'text', required)
    .addColumn('type', 'integer', required)
    .addColumn('room_id', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .execute();
  await uniqueIndex(tx, 'teams', ['name_key']);
  await uniqueIndex(tx, 'teams', ['room_id']);

  await tx.schema
    .createTable('team_members')
    .addColumn('team_id', 'text', required)
    .addColumn('uid', 'text', required)
    .addColumn('id', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('roles', 'text', required)
    .addPrimaryKeyConstraint('team_members_pk', ['team_id', 'uid'])
    .execute();
  await index(tx, 'team_members', ['uid']);
}

async function messages(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('messages')
    .addColumn('id', 'text', key)
    .addColumn('rid', 'text', required)
    .addColumn('ts', 'bigint', required)
    .addColumn('uid', 'text', required)
    .addColumn('t', 'text')
    .addColumn('tmid', 'text')
    .addColumn('tshow', 'integer', required)
    .addColumn('pinned', 'integer', required)
    .addColumn('hidden', 'integer', required)
    .addColumn('tcount', 'integer')
    .addColumn('tlm', 'bigint')
    .addColumn('updated_at', 'bigint', required)
    .addColumn('doc', 'text', required)
    .execute();
  await index(tx, 'messages', ['rid', 'ts']);
  await index(tx, 'messages', ['rid', 'updated_at']);
  await index(tx, 'messages', ['uid']);
  // Most messages are neither thread replies nor pinned: partial indexes cost those nothing.
  await tx.schema
    .createIndex('messages_tmid_ts')
    .on('messages')
    .columns(['tmid', 'ts'])
    .where(sql.ref('tmid'), 'is not', null)
    .execute();
  await tx.schema
    .createIndex('messages_pinned')
    .on('messages')
    .columns(['rid', 'ts'])
    .where(sql.ref('pinned'), '=', sql.lit(1))
    .execute();

  await tx.schema
    .createTable('message_mentions')
    .addColumn('uid', 'text', required)
    .addColumn('rid', 'text', required)
    .addColumn('ts', 'bigint', required)
    .addColumn('mid', 'text', required)
    .addPrimaryKeyConstraint('message_mentions_pk', ['uid', 'rid', 'ts', 'mid'])
    .execute();
  await index(tx, 'message_mentions', ['mid']);

  await tx.schema
    .createTable('message_stars')
    .addColumn('uid', 'text', required)
    .addColumn('rid', 'text', required)
    .addColumn('mid', 'text', required)
    .addPrimaryKeyConstraint('message_stars_pk', ['uid', 'rid', 'mid'])
    .execute();
  await index(tx, 'message_stars', ['mid']);
}

async function workspace(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('tombstones')
    .addColumn('kind', 'text', required)
    .addColumn('id', 'text', required)
    .addColumn('scope', 'text', required)
    .addColumn('deleted_at', 'bigint', required)
    .addColumn('doc', 'text', required)
    .addPrimaryKeyConstraint('tombstones_pk', ['kind', 'id', 'scope'])
    .execute();
  await index(tx, 'tombstones', ['kind', 'scope', 'deleted_at']);

  await tx.schema
    .createTable('settings')
    .addColumn('id', 'text', key)
    .addColumn('value', 'text', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();

  await tx.schema
    .createTable('permissions')
    .addColumn('id', 'text', key)
    .addColumn('roles', 'text', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();

  await tx.schema
    .createTable('roles')
    .addColumn('id', 'text', key)
    .addColumn('name', 'text', required)
    .addColumn('scope', 'text', required)
    .addColumn('description', 'text', required)
    .addColumn('protected', 'integer', required)
    .addColumn('mandatory2fa', 'integer', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();
}

async function index(tx: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  await tx.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns(columns)
    .execute();
}

async function uniqueIndex(tx: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  await tx.schema
    .createIndex(`${table}_${columns.join('_')}_key`)
    .on(table)
    .columns(columns)
    .unique()
    .execute();
}
