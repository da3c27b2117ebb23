import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Db, Storage } from '../database.ts';
import { foundation } from './0001-foundation.ts';
import { peopleSearch } from './0002-people-search.ts';
import { highlights } from './0003-highlights.ts';
import { threadList } from './0004-thread-list.ts';
import { presenceLists } from './0005-presence-lists.ts';
import { membershipsByTime } from './0006-memberships-by-time.ts';
import { discussions } from './0007-discussions.ts';
import { pushTokens } from './0008-push-tokens.ts';
import { customUserStatuses } from './0009-custom-user-statuses.ts';
import { listKeys } from './0011-list-keys.ts';
import { messageSearch } from './0021-message-search.ts';
import { jobs } from './0030-jobs.ts';
import { integrations } from './0031-integrations.ts';
import { files } from './0040-files.ts';
import { linkPreviews } from './0042-link-previews.ts';
import { teamRooms } from './0050-team-rooms.ts';
import { invites } from './0051-invites.ts';
import { reports } from './0052-reports.ts';
import { conferences } from './0053-conferences.ts';
import { readReceipts } from './0054-read-receipts.ts';
import { secondFactors } from './0070-second-factors.ts';
import { mailTokens } from './0071-mail-tokens.ts';
import { audit } from './0072-audit.ts';
import { customEmojiAndSounds } from './0073-custom-emoji-and-sounds.ts';
import { devices } from './0074-devices.ts';
import { oauth } from './0075-oauth.ts';
import { customAssets } from './0076-custom-assets.ts';
import { e2eKeys } from './0077-e2e-keys.ts';
import { externalIdentities } from './0078-external-identities.ts';
import { pendingCredentials } from './0079-pending-credentials.ts';
import { calendar } from './0082-calendar.ts';
import { retention } from './0086-retention.ts';
import { exportsOfData } from './0087-exports.ts';
import { autoTranslate } from './0092-auto-translate.ts';
import { featuredRooms } from './0093-featured-rooms.ts';
import { threadFollowers } from './0094-thread-followers.ts';
import { imports } from './0102-imports.ts';
import { importFiles } from './0110-import-files.ts';
import { knownDevices } from './0111-known-devices.ts';
import { threadReads } from './0113-thread-reads.ts';
import { toldOfAll } from './0114-told-of-all.ts';
import { authorsByTime } from './0115-authors-by-time.ts';
import { commitOrder } from './0120-commit-order.ts';
import { nodePresence } from './0121-node-presence.ts';
import { nodes } from './0122-nodes.ts';
import { nodeRecords } from './0132-node-records.ts';
import { serverLedLogins } from './0140-server-led-logins.ts';
import { roomsWithSpeakers } from './0141-rooms-with-speakers.ts';
import { signOns } from './0142-sign-ons.ts';
import { webdavAccounts } from './0143-webdav-accounts.ts';
import { commitChanges } from './0144-commit-changes.ts';

export interface Migration {
  /** `<number>-<subject>`; applied in the order of the list below. */
  id: string;
  /** Uses Kysely's schema builder only, so that both dialects understand it. */
  up(tx: Kysely<unknown>): Promise<void>;
}

/** Only ever add at the end; never change one that was released. */
export const MIGRATIONS: readonly Migration[] = [
  foundation,
  peopleSearch,
  highlights,
  threadList,
  presenceLists,
  membershipsByTime,
  discussions,
  pushTokens,
  customUserStatuses,
  listKeys,
  messageSearch,
  jobs,
  integrations,
  files,
  linkPreviews,
  teamRooms,
  invites,
  reports,
  conferences,
  readReceipts,
  secondFactors,
  mailTokens,
  audit,
  customEmojiAndSounds,
  devices,
  oauth,
  customAssets,
  e2eKeys,
  externalIdentities,
  pendingCredentials,
  calendar,
  retention,
  exportsOfData,
  autoTranslate,
  featuredRooms,
  threadFollowers,
  imports,
  importFiles,
  knownDevices,
  threadReads,
  toldOfAll,
  authorsByTime,
  commitOrder,
  nodePresence,
  nodes,
  nodeRecords,
  serverLedLogins,
  roomsWithSpeakers,
  signOns,
  webdavAccounts,
  commitChanges,
];

interface MigrationSchema {
  schema_migrations: { id: string; applied_at: number };
}

/** Which migrations the database still needs. */
export async function missingMigrations(db: Db, migrations = MIGRATIONS): Promise<string[]> {
  const rows = await (db as unknown as Kysely<MigrationSchema>)
    .selectFrom('schema_migrations')
    .select('id')
    .execute();
  const applied = new Set(rows.map((row) => row.id));
  return migrations.map(({ id }) => id).filter((id) => !applied.has(id));
}

/** The newest migration that the database has, by the number at the beginning of its id. */
export async function newestMigration(db: Db): Promise<{ version: number; appliedAt: number }> {
  const row = await (db as unknown as Kysely<MigrationSchema>)
    .selectFrom('schema_migrations')
    .select(['id', 'applied_at'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return { version: Number.parseInt(row.id, 10), appliedAt: row.applied_at };
}

/** Applies what is missing, all in one transaction. Refuses a database that a newer version has written. */
export async function migrate(storage: Storage, log: Logger, migrations = MIGRATIONS): Promise<void> {
  await storage.transaction(async (schemaTx) => {
    const tx = schemaTx as unknown as Kysely<MigrationSchema>;
    await tx.schema
      .createTable('schema_migrations')
      .ifNotExists()
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('applied_at', 'bigint', (column) => column.notNull())
      .execute();
    const rows = await tx.selectFrom('schema_migrations').select('id').orderBy('id').execute();
    const applied = new Set(rows.map((row) => row.id));
    const unknown = rows.filter((row) => !migrations.some((migration) => migration.id === row.id));
    if (unknown.length > 0) {
      const ids = unknown.map((row) => row.id).join(', ');
      throw new Error(
        `The database was written by a newer version of Gantry (it has ${ids}). Start that version, or restore a backup.`,
      );
    }
    for (const migration of migrations) {
      if (applied.has(migration.id)) continue;
      await migration.up(tx as unknown as Kysely<unknown>);
      await tx.insertInto('schema_migrations').values({ id: migration.id, applied_at: Date.now() }).execute();
      log.debug({ migration: migration.id }, 'migration applied');
    }
  });
  await storage.durable();
}
