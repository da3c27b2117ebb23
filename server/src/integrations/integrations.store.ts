import { type SelectQueryBuilder, sql } from 'kysely';
import type { Filter } from '../kernel/filter.ts';
import type { Db, Tx } from '../storage/database.ts';
import { type FilterColumn, filterColumn, filterSql } from '../storage/filter-sql.ts';
import { jsonAt, stringify } from '../storage/json.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import { lockingRows } from '../storage/row-locks.ts';
import type { Schema } from '../storage/schema.ts';
import { type AnyIntegration, type Outgoing, reviveIntegration } from './integration.ts';

/** SQL of webhooks. The document is the truth; columns are what is searched and sorted. */

export async function insertIntegration(tx: Tx, integration: AnyIntegration): Promise<void> {
  await tx.insertInto('integrations').values(rowOf(integration)).execute();
  await insertChannels(tx, integration);
}

export async function replaceIntegration(tx: Tx, integration: AnyIntegration): Promise<void> {
  const { id, ...changes } = rowOf(integration);
  await tx.updateTable('integrations').set(changes).where('id', '=', id).execute();
  await tx.deleteFrom('integration_channels').where('integration_id', '=', id).execute();
  await insertChannels(tx, integration);
}

export async function deleteIntegration(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('integration_channels').where('integration_id', '=', id).execute();
  await tx.deleteFrom('integration_history').where('integration_id', '=', id).execute();
  await tx.deleteFrom('integrations').where('id', '=', id).execute();
}

function rowOf(integration: AnyIntegration): Schema['integrations'] {
  return {
    id: integration._id,
    type: integration.type,
    event: integration.type === 'webhook-outgoing' ? integration.event : null,
    name: integration.name,
    enabled: Number(integration.enabled),
    creator_id: integration._createdBy._id,
    user_id: integration.userId,
    created_at: integration._createdAt.getTime(),
    updated_at: integration._updatedAt.getTime(),
    doc: stringify(integration),
  };
}

async function insertChannels(tx: Tx, { _id, channel }: AnyIntegration): Promise<void> {
  const rows = [...new Set(channel)].map((name) => ({ channel: name, integration_id: _id }));
  if (rows.length > 0) await tx.insertInto('integration_channels').values(rows).execute();
}

export async function integrationById(db: Db, id: string): Promise<AnyIntegration | undefined> {
  const row = await db.selectFrom('integrations').select('doc').where('id', '=', id).executeTakeFirst();
  return row && reviveIntegration(row.doc);
}

/** Read before it is changed, in the transaction that changes it. */
export async function lockIntegration(tx: Tx, id: string): Promise<AnyIntegration | undefined> {
  const query = tx.selectFrom('integrations').select('doc').where('id', '=', id);
  const row = await lockingRows(tx, query).executeTakeFirst();
  return row && reviveIntegration(row.doc);
}

/** Those that are switched on, for the table that is kept in memory. */
export async function enabledOutgoing(db: Db): Promise<Outgoing[]> {
  const rows = await db
    .selectFrom('integrations')
    .select('doc')
    .where('type', '=', 'webhook-outgoing')
    .where('enabled', '=', 1)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => reviveIntegration(row.doc) as Outgoing);
}

/** Old clients name an outgoing webhook by one of its addresses. */
export async function outgoingByUrl(db: Db, url: string): Promise<Outgoing | undefined> {
  const rows = await db
    .selectFrom('integrations')
    .select('doc')
    .where('type', '=', 'webhook-outgoing')
    .orderBy('created_at')
    .execute();
  return rows.map((row) => reviveIntegration(row.doc) as Outgoing).find(({ urls }) => urls.includes(url));
}

export const integrationsOfUser = (tx: Tx, uid: string): Promise<AnyIntegration[]> =>
  documents(tx.selectFrom('integrations').select('integrations.doc').where('user_id', '=', uid));

export const integrationsOfChannel = (tx: Tx, channel: string): Promise<AnyIntegration[]> =>
  documents(
    tx
      .selectFrom('integration_channels')
      .innerJoin('integrations', 'integrations.id', 'integration_channels.integration_id')
      .select('integrations.doc')
      .where('integration_channels.channel', '=', channel),
  );

async function documents<T extends keyof Schema>(
  query: SelectQueryBuilder<Schema, T, { doc: string }>,
): Promise<AnyIntegration[]> {
  return (await query.execute()).map((row) => reviveIntegration(row.doc));
}

/** Which webhooks a caller may see: for each type all, those the caller made, or none. */
export type Visible = Readonly<
  Record<AnyIntegration['type'], { all: true } | { creatorId: string } | undefined>
>;

export interface IntegrationFilter {
  visible: Visible;
  name?: string | undefined;
  type?: string | undefined;
  /** Any of them. */
  channels?: readonly string[] | undefined;
  /** A caller's own condition, over `INTEGRATION_FILTER_PATHS`. */
  filter?: Filter | undefined;
}

const inDocument = (kind: FilterColumn['kind'], member: string): FilterColumn =>
  filterColumn(kind, jsonAt(kind, sql.ref('integrations.doc'), [member]));

const FILTER_COLUMNS: Readonly<Record<string, FilterColumn>> = {
  _id: filterColumn('text', sql.ref('integrations.id')),
  name: filterColumn('text', sql.ref('integrations.name')),
  type: filterColumn('text', sql.ref('integrations.type')),
  event: filterColumn('text', sql.ref('integrations.event')),
  enabled: filterColumn('flag', sql.ref('integrations.enabled')),
  userId: filterColumn('text', sql.ref('integrations.user_id')),
  '_createdBy._id': filterColumn('text', sql.ref('integrations.creator_id')),
  _createdAt: filterColumn('time', sql.ref('integrations.created_at')),
  _updatedAt: filterColumn('time', sql.ref('integrations.updated_at')),
  username: inDocument('text', 'username'),
  alias: inDocument('text', 'alias'),
  scriptEnabled: inDocument('flag', 'scriptEnabled'),
  channel: {
    kind: 'text',
    some: (condition) =>
      sql`exists (select 1 from integration_channels
        where integration_id = integrations.id and ${condition(sql.ref('channel'))})`,
  },
};

/** What a caller's condition may be about. */
export const INTEGRATION_FILTER_PATHS: readonly string[] = Object.keys(FILTER_COLUMNS);

export const INTEGRATION_SORT = {
  _id: 'integrations.id',
  name: 'integrations.name',
  type: 'integrations.type',
  enabled: 'integrations.enabled',
  _createdAt: 'integrations.created_at',
  _updatedAt: 'integrations.updated_at',
} as const;

export type IntegrationColumn = (typeof INTEGRATION_SORT)[keyof typeof INTEGRATION_SORT];

export async function integrationsPage(
  db: Db,
  filter: IntegrationFilter,
  order: readonly { column: IntegrationColumn; direction: 'asc' | 'desc' }[],
  page: { offset: number; count: number },
): Promise<{ integrations: AnyIntegration[]; total: number }> {
  let query = db.selectFrom('integrations').where((eb) =>
    eb.or(
      (['webhook-incoming', 'webhook-outgoing'] as const).flatMap((type) => {
        const which = filter.visible[type];
        if (!which) return [];
        const ofType = eb('integrations.type', '=', type);
        return 'all' in which ? ofType : ofType.and('integrations.creator_id', '=', which.creatorId);
      }),
    ),
  );
  const { name, type, channels } = filter;
  if (filter.filter) query = query.where(filterSql(filter.filter, (path) => FILTER_COLUMNS[path]));
  if (name) query = query.where((eb) => isLike(eb.ref('integrations.name'), containsPattern(name)));
  if (type) query = query.where('integrations.type', '=', type);
  if (channels) {
    query = query.where('integrations.id', 'in', (eb) =>
      eb.selectFrom('integration_channels').select('integration_id').where('channel', 'in', channels),
    );
  }
  let sorted = query.select('integrations.doc');
  for (const { column, direction } of order) sorted = sorted.orderBy(column, direction);
  const { rows, total } = await pageAndTotal(query, sorted.orderBy('integrations.id'), page);
  return { integrations: rows.map((row) => reviveIntegration(row.doc)), total };
}
