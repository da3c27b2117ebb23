import { sql } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import { jsonFlag, parseDoc, stringify } from '../storage/json.ts';
import { newestMigration } from '../storage/migrations/index.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';

/** SQL of statistics: figures over the tables of every feature, counted by the database alone. */

export interface StoredStatistics {
  id: string;
  /** ms */
  createdAt: number;
  figures: Record<string, unknown>;
}

const n = sql<number>`count(*)`.as('n');

export const usersByState = (db: Db) =>
  db
    .selectFrom('users')
    .select(['type', 'active', 'status', n])
    .groupBy(['type', 'active', 'status'])
    .execute();

/** Discussions are counted with the type they have, and on their own. */
export const roomsByType = (db: Db) =>
  db
    .selectFrom('rooms')
    .select((eb) => [
      't',
      eb('prid', 'is not', null).as('discussion'),
      eb('team_id', 'is not', null).as('of_team'),
      n,
      sql<number>`coalesce(sum(msgs), 0)`.as('msgs'),
    ])
    .groupBy(['t', 'discussion', 'of_team'])
    .execute();

export async function countsOfMore(db: Db) {
  const [threads, pinned, stars, uploads, teams, times, seen, roles, factors] = await Promise.all([
    db.selectFrom('messages').select(n).where('tcount', 'is not', null).executeTakeFirstOrThrow(),
    db.selectFrom('messages').select(n).where('pinned', '=', 1).executeTakeFirstOrThrow(),
    db.selectFrom('message_stars').select(n).executeTakeFirstOrThrow(),
    db
      .selectFrom('files')
      .select([n, sql<number>`coalesce(sum(size), 0)`.as('size')])
      .where('kind', '=', 'upload')
      .executeTakeFirstOrThrow(),
    db.selectFrom('teams').select(n).executeTakeFirstOrThrow(),
    db
      .selectFrom('rooms')
      .select((eb) => [eb.fn.max('lm').as('sent'), eb.fn.min('ts').as('installed')])
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('subscriptions')
      .select((eb) => eb.fn.max('ls').as('at'))
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('users')
      .select((eb) => [eb.fn.max('last_login').as('login'), eb.fn.min('created_at').as('first')])
      .executeTakeFirstOrThrow(),
    db.selectFrom('second_factors').select(n).where('totp_secret', 'is not', null).executeTakeFirstOrThrow(),
  ]);
  return {
    threads: Number(threads.n),
    pinned: Number(pinned.n),
    starred: Number(stars.n),
    uploads: { count: Number(uploads.n), size: Number(uploads.size) },
    teams: Number(teams.n),
    lastMessage: times.sent,
    lastSeen: seen.at,
    lastLogin: roles.login,
    installed: Math.min(times.installed ?? Number.POSITIVE_INFINITY, roles.first),
    totp: Number(factors.n),
  };
}

/** How many people came by which service. */
export async function peopleByService(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom('external_identities').select(['service', n]).groupBy('service').execute();
  return new Map(rows.map((row) => [row.service, Number(row.n)]));
}

/** What was made of the parts that a workspace may do without. */
export async function countsOfUse(db: Db) {
  const [integrations, calls, invites, tokens, roles, rooms, withPins, withStars, inTeams, migration] =
    await Promise.all([
      db
        .selectFrom('integrations')
        .select((eb) => [
          'type',
          'enabled',
          sql<number>`coalesce(${jsonFlag(eb.ref('doc'), 'scriptEnabled')}, 0)`.as('script'),
          n,
        ])
        .groupBy(['type', 'enabled', 'script'])
        .execute(),
      db.selectFrom('conferences').select(['type', 'status', n]).groupBy(['type', 'status']).execute(),
      db
        .selectFrom('invites')
        .select([n, sql<number>`coalesce(sum(uses), 0)`.as('uses')])
        .executeTakeFirstOrThrow(),
      db.selectFrom('push_tokens').select(n).executeTakeFirstOrThrow(),
      db.selectFrom('roles').select(['scope', n]).where('protected', '=', 0).groupBy('scope').execute(),
      db
        .selectFrom('rooms')
        .select((eb) => [
          sql<number>`coalesce(sum(${jsonFlag(eb.ref('doc'), 'broadcast')}), 0)`.as('broadcast'),
          sql<number>`coalesce(sum(${jsonFlag(eb.ref('doc'), 'encrypted')}), 0)`.as('encrypted'),
        ])
        .executeTakeFirstOrThrow(),
      db
        .selectFrom('messages')
        .select((eb) => eb.fn.count('rid').distinct().as('n'))
        .where('pinned', '=', 1)
        .executeTakeFirstOrThrow(),
      db
        .selectFrom('message_stars')
        .select((eb) => eb.fn.count('rid').distinct().as('n'))
        .executeTakeFirstOrThrow(),
      db.selectFrom('rooms').select(n).where('team_default', '=', 1).executeTakeFirstOrThrow(),
      newestMigration(db),
    ]);
  return {
    integrations: integrations.map((row) => ({ ...row, n: Number(row.n) })),
    calls: calls.map((row) => ({ ...row, n: Number(row.n) })),
    invites: { made: Number(invites.n), used: Number(invites.uses) },
    pushTokens: Number(tokens.n),
    customRoles: roles.map((row) => ({ scope: row.scope, n: Number(row.n) })),
    broadcastRooms: Number(rooms.broadcast),
    encryptedRooms: Number(rooms.encrypted),
    roomsWithPins: Number(withPins.n),
    roomsWithStars: Number(withStars.n),
    defaultRoomsOfTeams: Number(inTeams.n),
    migration,
  };
}

export async function insertStatistics(tx: Tx, { id, createdAt, figures }: StoredStatistics): Promise<void> {
  await tx
    .insertInto('statistics')
    .values({ id, created_at: createdAt, doc: stringify(figures) })
    .execute();
}

/** Keeps the `max` newest. */
export async function deleteOldStatistics(tx: Tx, max: number): Promise<void> {
  const kept = tx
    .selectFrom('statistics')
    .select('id')
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(max);
  await tx.deleteFrom('statistics').where('id', 'not in', kept).execute();
}

export async function statisticsPage(
  db: Db,
  page: { offset: number; count: number; direction: 'asc' | 'desc' },
): Promise<{ statistics: StoredStatistics[]; total: number }> {
  const all = db.selectFrom('statistics');
  const sorted = all.selectAll().orderBy('created_at', page.direction).orderBy('id');
  const { rows, total } = await pageAndTotal(all, sorted, page);
  const statistics = rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    figures: parseDoc<Record<string, unknown>>(row.doc),
  }));
  return { statistics, total };
}
