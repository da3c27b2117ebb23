import type { SelectQueryBuilder } from 'kysely';
import type { Db } from '../storage/database.ts';
import { jsonText } from '../storage/json.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { countRows } from '../storage/page-and-total.ts';
import { prepared } from '../storage/prepared.ts';
import type { Schema } from '../storage/schema.ts';
import { reviveMessage, type WireMessage } from './message.ts';
import type { DeletedMessage } from './messages.store.ts';

/** SQL of lists of messages. All stay inside one room or one thread and follow an index; hidden messages never appear. */

export interface Page {
  offset: number;
  /** 0 means no limit. */
  count: number;
}

/** Of one field each, in the order of importance. */
export type MessageSort = readonly (readonly [SortField, 1 | -1])[];
export type SortField = keyof typeof SORT_COLUMNS;
const SORT_COLUMNS = { ts: 'ts', _updatedAt: 'updated_at', tlm: 'tlm', tcount: 'tcount', _id: 'id' } as const;
export const SORT_FIELDS = Object.keys(SORT_COLUMNS) as SortField[];

type MessageQuery = SelectQueryBuilder<Schema, 'messages', unknown>;

const visible = (db: Db): MessageQuery => db.selectFrom('messages').where('hidden', '=', 0);
const visibleIn = (db: Db, rid: string): MessageQuery => visible(db).where('rid', '=', rid);

async function documents(query: MessageQuery): Promise<WireMessage[]> {
  const rows = await query.select('doc').execute();
  return rows.map((row) => reviveMessage(row.doc));
}

function sorted(query: MessageQuery, sort: MessageSort): MessageQuery {
  let result = query;
  for (const [field, direction] of sort)
    result = result.orderBy(SORT_COLUMNS[field], direction === 1 ? 'asc' : 'desc');
  // Equal times would make pages overlap; the id decides, in the direction of the rest.
  return result.orderBy('id', sort.at(-1)?.[1] === 1 ? 'asc' : 'desc');
}

async function page(query: MessageQuery, sort: MessageSort, { offset, count }: Page) {
  const ordered = sorted(query, sort);
  const [messages, total] = await Promise.all([
    documents(count > 0 ? ordered.limit(count).offset(offset) : ordered),
    countRows(query),
  ]);
  return { messages: count > 0 ? messages : messages.slice(offset), total };
}

/** A stretch of a room's history by `ts` (ms). */
export interface Stretch {
  rid: string;
  after?: number;
  before?: number;
  /** Whether the bounds themselves belong to it. */
  inclusive?: boolean;
  withoutTypes?: readonly string[];
  /** Leaves out thread replies that are not shown in the room. */
  mainFlowOnly?: boolean;
}

function stretch(
  db: Db,
  { rid, after, before, inclusive, withoutTypes, mainFlowOnly }: Stretch,
): MessageQuery {
  let query = visibleIn(db, rid);
  if (after !== undefined) query = query.where('ts', inclusive ? '>=' : '>', after);
  if (before !== undefined) query = query.where('ts', inclusive ? '<=' : '<', before);
  query = withoutTheseTypes(query, withoutTypes);
  if (mainFlowOnly) query = query.where((eb) => eb.or([eb('tmid', 'is', null), eb('tshow', '=', 1)]));
  return query;
}

function withoutTheseTypes(query: MessageQuery, types: readonly string[] = []): MessageQuery {
  if (types.length === 0) return query;
  return query.where((eb) => eb.or([eb('t', 'is', null), eb('t', 'not in', [...types])]));
}

export interface HistoryPage {
  order: 'newest-first' | 'oldest-first';
  offset?: number;
  /** 0 means no limit. */
  count: number;
}

/** Costs the page (and what `offset` skips), however long the room's history is. */
export async function historyPage(db: Db, of: Stretch, page: HistoryPage): Promise<WireMessage[]> {
  return (await historyDocuments(db, of, page)).map((doc) => reviveMessage(doc));
}

/** As `historyPage`, the stored documents themselves. */
export async function historyDocuments(db: Db, of: Stretch, page: HistoryPage): Promise<string[]> {
  const { order, offset = 0, count } = page;
  const values = { ...of, offset, count: count > 0 ? count : Number.MAX_SAFE_INTEGER };
  const { rows } = await historyQuery(of, order)(db, values);
  return rows.map((row) => row.doc);
}

type HistoryQuery = (
  db: Db,
  values: Stretch & { offset: number; count: number },
) => Promise<{ rows: { doc: string }[] }>;

/** By what decides the text of the query. Bounded: a workspace rarely hides more than one or two sets of types. */
const historyQueries = new Map<string, HistoryQuery>();
const MAX_HISTORY_QUERIES = 100;

function historyQuery(of: Stretch, order: HistoryPage['order']): HistoryQuery {
  const form = [
    of.after !== undefined,
    of.before !== undefined,
    of.inclusive,
    of.mainFlowOnly,
    order,
    of.withoutTypes,
  ];
  const key = JSON.stringify(form);
  const known = historyQueries.get(key);
  if (known) return known;
  const query: HistoryQuery = prepared<
    Required<Stretch> & { offset: number; count: number },
    { doc: string }
  >((db, parameter) => {
    const { after: _after, before: _before, ...rest } = of;
    const shape: Stretch = { ...rest, rid: parameter('rid') };
    if (of.after !== undefined) shape.after = parameter('after');
    if (of.before !== undefined) shape.before = parameter('before');
    const all = sorted(stretch(db, shape), [['ts', order === 'newest-first' ? -1 : 1]]);
    return all.select('doc').limit(parameter('count')).offset(parameter('offset'));
  }) as HistoryQuery;
  if (historyQueries.size < MAX_HISTORY_QUERIES) historyQueries.set(key, query);
  return query;
}

export const countHistory = (db: Db, of: Stretch): Promise<number> => countRows(stretch(db, of));

export async function newestMessage(
  db: Db,
  rid: string,
  which?: 'for-room-list',
): Promise<WireMessage | undefined> {
  let query = visibleIn(db, rid);
  if (which) {
    // Encrypted messages have a type, but are written by people.
    query = query
      .where((eb) => eb.or([eb('t', 'is', null), eb('t', '=', 'e2e')]))
      .where((eb) => eb.or([eb('tmid', 'is', null), eb('tshow', '=', 1)]));
  }
  const [newest] = await documents(sorted(query, [['ts', -1]]).limit(1));
  return newest;
}

/** `at` in ms. */
export interface TimeBound {
  field: 'ts' | '_updatedAt';
  op: keyof typeof BOUNDS;
  at: number;
}
const BOUNDS = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

export interface MessageFilter {
  ids?: readonly string[];
  times?: readonly TimeBound[];
  /** Mention any of these: user ids, team ids, `all`, `here`. */
  mentionIds?: readonly string[];
  /** Starred by any of these users. */
  starredIds?: readonly string[];
  pinned?: boolean;
  /** The replies of one thread. */
  tmid?: string;
  withoutTypes?: readonly string[];
}

/**
 * All conditions hold together. With mentions or stars the search begins at those, and the messages themselves are not
 * asked for their room: planners take that as an invitation to walk through all of the room's history.
 */
export function filteredPage(db: Db, rid: string, filter: MessageFilter, sort: MessageSort, of: Page) {
  const { ids, times = [], mentionIds, starredIds, pinned, tmid, withoutTypes } = filter;
  let query = mentionIds || starredIds ? visible(db) : visibleIn(db, rid);
  if (mentionIds) {
    query = query.where('id', 'in', (eb) =>
      eb
        .selectFrom('message_mentions')
        .select('mid')
        .where('rid', '=', rid)
        .where('uid', 'in', [...mentionIds]),
    );
  }
  if (starredIds) {
    query = query.where('id', 'in', (eb) =>
      eb
        .selectFrom('message_stars')
        .select('mid')
        .where('rid', '=', rid)
        .where('uid', 'in', [...starredIds]),
    );
  }
  if (ids) query = query.where('id', 'in', [...ids]);
  for (const { field, op, at } of times) query = query.where(SORT_COLUMNS[field], BOUNDS[op], at);
  if (pinned) query = query.where('pinned', '=', 1);
  if (tmid !== undefined) query = query.where('tmid', '=', tmid);
  return page(withoutTheseTypes(query, withoutTypes), sort, of);
}

/** Messages of a room changed after `since` (ms), newest first. */
export function changedSince(
  db: Db,
  rid: string,
  since: number,
  { notBefore, limit }: { notBefore?: number; limit: number },
): Promise<WireMessage[]> {
  let query = visibleIn(db, rid).where('updated_at', '>', since);
  if (notBefore !== undefined) query = query.where('ts', '>=', notBefore);
  return documents(sorted(query, [['ts', -1]]).limit(limit));
}

/** From one moment on forwards, or backwards; the moment itself is excluded. */
export type Cursor = { next: number } | { previous: number };

export function changedBeyond(db: Db, rid: string, cursor: Cursor, limit: number): Promise<WireMessage[]> {
  const query = visibleIn(db, rid);
  return documents(
    'next' in cursor
      ? sorted(query.where('updated_at', '>', cursor.next), [['_updatedAt', 1]]).limit(limit)
      : sorted(query.where('updated_at', '<', cursor.previous), [['_updatedAt', -1]]).limit(limit),
  );
}

export interface Deletion {
  id: string;
  at: number;
  message: DeletedMessage;
}

export async function deletedBeyond(db: Db, rid: string, cursor: Cursor, limit: number): Promise<Deletion[]> {
  const all = db
    .selectFrom('tombstones')
    .select(['id', 'deleted_at', 'doc'])
    .where('kind', '=', 'message')
    .where('scope', '=', rid);
  const query =
    'next' in cursor
      ? all.where('deleted_at', '>', cursor.next).orderBy('deleted_at', 'asc')
      : all.where('deleted_at', '<', cursor.previous).orderBy('deleted_at', 'desc');
  const rows = await query.limit(limit).execute();
  return rows.map((row) => ({
    id: row.id,
    at: row.deleted_at,
    message: JSON.parse(row.doc) as DeletedMessage,
  }));
}

/** The newest deletions since a moment. */
export const deletedSince = (
  db: Db,
  rid: string,
  since: number,
  limit: number,
): Promise<{ id: string; at: number }[]> =>
  db
    .selectFrom('tombstones')
    .select(['id', 'deleted_at as at'])
    .where('kind', '=', 'message')
    .where('scope', '=', rid)
    .where('deleted_at', '>', since)
    .orderBy('deleted_at', 'desc')
    .limit(limit)
    .execute();

export interface ThreadFilter {
  ids?: readonly string[];
  followedBy?: string;
  /** Stands in the first message, whatever its case: every thread that is left is looked at. */
  text?: string;
}

/** Thread parents of a room. With followers the search begins at these, see `filteredPage`. */
function threadParents(db: Db, rid: string, { ids, followedBy, text }: ThreadFilter = {}) {
  let query = (followedBy === undefined ? visibleIn(db, rid) : visible(db)).where('tcount', 'is not', null);
  if (ids) query = query.where('id', 'in', [...ids]);
  if (followedBy !== undefined) {
    query = query.where('id', 'in', (eb) =>
      eb.selectFrom('thread_followers').select('mid').where('rid', '=', rid).where('uid', '=', followedBy),
    );
  }
  if (text !== undefined) {
    const pattern = containsPattern(text);
    query = query.where((eb) => isLike(jsonText(eb.ref('doc'), 'msg'), pattern));
  }
  return query;
}

export const threadsPage = (
  db: Db,
  rid: string,
  which: ThreadFilter,
  sort: MessageSort,
  of: Page,
): Promise<{ messages: WireMessage[]; total: number }> => page(threadParents(db, rid, which), sort, of);

export const threadsChangedSince = (
  db: Db,
  rid: string,
  since: number,
  limit: number,
): Promise<WireMessage[]> =>
  documents(sorted(threadParents(db, rid).where('updated_at', '>', since), [['_updatedAt', 1]]).limit(limit));

export interface Thread {
  /** A reply of another room belongs to another thread: ids can be chosen by clients, also those of deleted messages. */
  rid: string;
  tmid: string;
}

const repliesOf = (db: Db, { rid, tmid }: Thread): MessageQuery =>
  // An expression instead of the column keeps planners from walking through the room.
  visible(db)
    .where('tmid', '=', tmid)
    .where((eb) => eb(eb.fn.coalesce('rid', eb.val('')), '=', rid));

export const repliesPage = (db: Db, thread: Thread, sort: MessageSort, of: Page) =>
  page(repliesOf(db, thread), sort, of);

export const repliesChangedSince = (
  db: Db,
  thread: Thread,
  since: number,
  sort: MessageSort,
  { offset, count }: Page,
): Promise<WireMessage[]> =>
  documents(
    sorted(repliesOf(db, thread).where('updated_at', '>', since), sort)
      .limit(count)
      .offset(offset),
  );

/** Number of visible replies older than the moment. */
export const countRepliesBefore = (db: Db, thread: Thread, ts: number): Promise<number> =>
  countRows(repliesOf(db, thread).where('ts', '<', ts));
