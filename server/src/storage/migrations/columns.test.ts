import { type Selectable, sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Schema } from '../schema.ts';
import { storageInMemory } from '../testing/temporary.ts';

/** What a column holds; `?` where it may be null. */
type Kind<V> = null extends V
  ? NonNullable<V> extends number
    ? 'number?'
    : 'text?'
  : V extends number
    ? 'number'
    : 'text';

type Columns = {
  [T in keyof Schema]: { [C in keyof Selectable<Schema[T]>]: Kind<Selectable<Schema[T]>[C]> };
};

/** The compiler compares this list with `schema.ts`, the test compares it with the tables: so these two agree. */
const COLUMNS: Columns = {
  users: {
    id: 'text',
    username: 'text?',
    username_key: 'text?',
    name: 'text?',
    type: 'text',
    active: 'number',
    roles: 'text',
    password_hash: 'text?',
    status: 'text',
    status_connection: 'text',
    status_default: 'text',
    status_text: 'text?',
    created_at: 'number',
    updated_at: 'number',
    last_login: 'number?',
    search_key: 'text?',
    doc: 'text',
  },
  user_roles: { uid: 'text', role: 'text' },
  user_emails: { address_key: 'text', uid: 'text', address: 'text', verified: 'number', position: 'number' },
  login_tokens: {
    hash: 'text',
    uid: 'text',
    kind: 'text',
    created_at: 'number',
    name: 'text?',
    last_part: 'text?',
    bypass_two_factor: 'number',
    two_factor_until: 'number?',
    two_factor_client: 'text?',
  },
  second_factors: {
    uid: 'text',
    totp_secret: 'text?',
    totp_new_secret: 'text?',
    totp_last_step: 'number',
    backup_hashes: 'text',
    email_code: 'text?',
    email_code_attempts: 'number',
    email_code_made: 'number',
    email_code_expires: 'number',
    attempts: 'number',
    attempts_since: 'number',
  },
  mail_tokens: { hash: 'text', uid: 'text', purpose: 'text', address: 'text', created_at: 'number' },
  old_passwords: { id: 'text', uid: 'text', hash: 'text', created_at: 'number' },
  audit_events: {
    id: 'text',
    at: 'number',
    kind: 'text',
    subject: 'text',
    actor_id: 'text?',
    actor_name: 'text?',
    doc: 'text',
  },
  login_attempts: { id: 'text', at: 'number', ip: 'text', username: 'text', succeeded: 'number' },
  rooms: {
    id: 'text',
    t: 'text',
    name: 'text?',
    fname: 'text?',
    creator_id: 'text',
    ts: 'number',
    updated_at: 'number',
    msgs: 'number',
    users_count: 'number',
    lm: 'number?',
    last_message: 'text?',
    archived: 'number',
    ro: 'number',
    is_default: 'number',
    team_id: 'text?',
    team_main: 'number',
    prid: 'text?',
    join_code: 'text?',
    activity_seq: 'number',
    unread_seq: 'number',
    group_seq: 'number',
    activity_at: 'number',
    doc: 'text',
  },
  subscriptions: {
    id: 'text',
    rid: 'text',
    uid: 'text',
    t: 'text',
    ts: 'number',
    position: 'number',
    updated_at: 'number',
    ls: 'number?',
    lr: 'number?',
    open: 'number',
    alert: 'number',
    unread: 'number',
    user_mentions: 'number',
    group_mentions: 'number',
    seen_activity_seq: 'number',
    seen_unread_seq: 'number',
    seen_group_seq: 'number',
    favorite: 'number',
    roles: 'text',
    status: 'text?',
    highlights: 'text?',
    doc: 'text',
  },
  room_roles: { rid: 'text', uid: 'text', role: 'text' },
  teams: {
    id: 'text',
    name: 'text',
    name_key: 'text',
    type: 'number',
    room_id: 'text',
    created_at: 'number',
    updated_at: 'number',
    created_by: 'text',
  },
  team_members: {
    team_id: 'text',
    uid: 'text',
    id: 'text',
    created_at: 'number',
    updated_at: 'number',
    created_by: 'text',
    roles: 'text',
  },
  messages: {
    id: 'text',
    rid: 'text',
    ts: 'number',
    uid: 'text',
    t: 'text?',
    tmid: 'text?',
    tshow: 'number',
    pinned: 'number',
    hidden: 'number',
    tcount: 'number?',
    tlm: 'number?',
    updated_at: 'number',
    doc: 'text',
  },
  message_mentions: { uid: 'text', rid: 'text', ts: 'number', mid: 'text' },
  message_stars: { uid: 'text', rid: 'text', mid: 'text' },
  push_tokens: {
    id: 'text',
    uid: 'text',
    service: 'text',
    value: 'text',
    app_name: 'text',
    login_hash: 'text?',
    created_at: 'number',
    updated_at: 'number',
  },
  integrations: {
    id: 'text',
    type: 'text',
    event: 'text?',
    name: 'text',
    enabled: 'number',
    creator_id: 'text',
    user_id: 'text',
    created_at: 'number',
    updated_at: 'number',
    doc: 'text',
  },
  integration_channels: { channel: 'text', integration_id: 'text' },
  integration_history: {
    id: 'text',
    integration_id: 'text',
    created_at: 'number',
    updated_at: 'number',
    doc: 'text',
  },
  custom_user_statuses: { id: 'text', name: 'text', status_type: 'text', updated_at: 'number' },
  jobs: {
    id: 'text',
    kind: 'text',
    job_key: 'text?',
    payload: 'text',
    run_at: 'number',
    attempts: 'number',
    claim: 'text?',
    last_error: 'text?',
    created_at: 'number',
  },
  discussions: { rid: 'text', parent_rid: 'text', announcement_id: 'text', root_message_id: 'text?' },
  files: {
    id: 'text',
    kind: 'text',
    rid: 'text?',
    uid: 'text?',
    message_id: 'text?',
    original_id: 'text?',
    name: 'text',
    type: 'text',
    type_group: 'text',
    size: 'number',
    hidden: 'number',
    uploaded_at: 'number',
    updated_at: 'number',
    expires_at: 'number?',
    store: 'text',
    blob_key: 'text',
    doc: 'text',
  },
  doomed_blobs: { blob_key: 'text', store: 'text', due_at: 'number' },
  tombstones: { kind: 'text', id: 'text', scope: 'text', deleted_at: 'number', doc: 'text' },
  settings: { id: 'text', value: 'text', updated_at: 'number' },
  permissions: { id: 'text', roles: 'text', updated_at: 'number' },
  roles: {
    id: 'text',
    name: 'text',
    scope: 'text',
    description: 'text',
    protected: 'number',
    mandatory2fa: 'number',
    updated_at: 'number',
  },
};

test('the migrations make the tables that schema.ts describes', async () => {
  const { db } = await storageInMemory();
  const { rows } = await sql<{ table: string; column: string; type: string; required: number }>`
    select m.name as "table", c.name as "column", lower(c.type) as type, c."notnull" as required
    from sqlite_schema m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> 'schema_migrations'`.execute(db);
  const found: Record<string, Record<string, string>> = {};
  for (const { table, column, type, required } of rows) {
    found[table] ??= {};
    found[table][column] = `${type === 'text' ? 'text' : 'number'}${required ? '' : '?'}`;
  }
  expect(found).toEqual(COLUMNS);
});
