import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { WireMessage } from './message.ts';
import {
  type Cursor,
  changedBeyond,
  changedSince,
  deletedBeyond,
  deletedSince,
} from './message-pages.store.ts';
import { presentMessages } from './present-messages.ts';

/** `chat.syncMessages` and the DDP method `messages/get`. Texts and numbers as the client sent them. */
export interface SyncRequest {
  roomId: string;
  /** ms */
  lastUpdate?: number;
  type?: string;
  next?: string;
  previous?: string;
  count?: number;
  /** ms; only messages that were written then or later. */
  fromTs?: number;
}

export interface DeletedMark {
  _id: string;
  _deletedAt: Date;
}

export interface SyncResult {
  updated: WireMessage[];
  deleted: DeletedMark[];
  cursor?: { next: string | null; previous: string | null };
}

const DETAILS = { method: 'messages/get' };
const DEFAULT_COUNT = 20;
const MAX_COUNT = 1000;
/** Bounds "everything since": a client that is further behind gets the newest and should load the history anew. */
const MAX_CHANGES = 10_000;

/** What changed in a room (spec 30 §7 `chat.syncMessages`); checks in the documented order. */
export async function syncMessages(ctx: Context, caller: Caller, request: SyncRequest): Promise<SyncResult> {
  const { roomId, lastUpdate, type, next, previous } = request;
  if (lastUpdate === undefined && type === undefined) {
    fail('error-param-required', 'The "type" or "lastUpdate" parameters must be provided');
  }
  const room = await getRoom(ctx, roomId);
  if (!room || !(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not allowed', DETAILS);
  const hasCursor = next !== undefined || previous !== undefined;
  if (hasCursor && type === undefined) {
    const reason = 'The "type" parameter is required when using the "next" or "previous" parameters';
    fail('error-type-param-required', reason);
  }
  if (next !== undefined && previous !== undefined) {
    fail('error-cursor-conflict', 'You cannot provide both "next" and "previous" parameters');
  }
  if (hasCursor && lastUpdate !== undefined) {
    const reason = 'The attributes "next", "previous" and "lastUpdate" cannot be used together';
    fail('error-cursor-and-lastUpdate-conflict', reason);
  }
  if (lastUpdate !== undefined) return sinceLastUpdate(ctx, caller, request, lastUpdate);
  if (!hasCursor) return { updated: [], deleted: [] };
  return beyondCursor(ctx, caller, request);
}

async function sinceLastUpdate(
  ctx: Context,
  caller: Caller,
  { roomId, fromTs }: SyncRequest,
  lastUpdate: number,
): Promise<SyncResult> {
  const [updated, deleted] = await Promise.all([
    changedSince(ctx.db, roomId, lastUpdate, {
      ...(fromTs === undefined ? {} : { notBefore: fromTs }),
      limit: MAX_CHANGES,
    }),
    deletedSince(ctx.db, roomId, lastUpdate, MAX_CHANGES),
  ]);
  return { updated: await presentMessages(ctx, caller, updated), deleted: deleted.map(deletedMark) };
}

async function beyondCursor(ctx: Context, caller: Caller, request: SyncRequest): Promise<SyncResult> {
  const { roomId, type, next, previous } = request;
  const count = Math.min(Math.max(1, Math.floor(request.count ?? DEFAULT_COUNT)), MAX_COUNT);
  const cursor: Cursor = next === undefined ? { previous: moment(previous) } : { next: moment(next) };
  if (type === 'DELETED') {
    const { items, more } = await wholeMoments(
      (limit) => deletedBeyond(ctx.db, roomId, cursor, limit),
      (deletion) => deletion.at,
      count,
    );
    const times = items.map((deletion) => deletion.at);
    return { updated: [], deleted: items.map(deletedMark), cursor: cursorsOf(times, cursor, more) };
  }
  if (type !== 'UPDATED') {
    fail('error-type-param-not-supported', 'The "type" parameter must be "UPDATED" or "DELETED"');
  }
  const { items, more } = await wholeMoments(
    (limit) => changedBeyond(ctx.db, roomId, cursor, limit),
    (message) => message._updatedAt.getTime(),
    count,
  );
  const times = items.map((message) => message._updatedAt.getTime());
  const updated = await presentMessages(ctx, caller, items);
  return { updated, deleted: [], cursor: cursorsOf(times, cursor, more) };
}

/**
 * About `count` items, never some of those of one moment without the others: the cursor is a moment, and the client would
 * miss the rest (imports and the deletion of an account stamp many at once).
 */
async function wholeMoments<T>(
  load: (limit: number) => Promise<T[]>,
  timeOf: (item: T) => number,
  count: number,
): Promise<{ items: T[]; more: boolean }> {
  // One more than asked for tells whether there is more.
  const found = await load(count + 1);
  const beyond = found[count];
  if (beyond === undefined) return { items: found, more: false };
  const items = found.slice(0, count).filter((item) => timeOf(item) !== timeOf(beyond));
  const last = found[count - 1];
  if (last !== undefined && timeOf(last) !== timeOf(beyond))
    return { items: found.slice(0, count), more: true };
  return items.length > 0 ? { items, more: true } : wholeMoments(load, timeOf, count * 10);
}

function moment(text: string | undefined): number {
  const ms = Number(text);
  if (!text || !Number.isFinite(ms)) {
    fail('error-invalid-params', 'The "next" and "previous" parameters must be timestamps in milliseconds');
  }
  return ms;
}

/** `times` of the page's items; there is `more` beyond them. */
function cursorsOf(
  times: readonly number[],
  cursor: Cursor,
  more: boolean,
): NonNullable<SyncResult['cursor']> {
  const first = times[0];
  if (first === undefined) return { next: null, previous: null };
  const beyond = more ? String(times.at(-1)) : null;
  return 'next' in cursor
    ? { next: beyond, previous: String(first) }
    : { next: String(first), previous: beyond };
}

export const deletedMark = ({ id, at }: { id: string; at: number }): DeletedMark => ({
  _id: id,
  _deletedAt: new Date(at),
});

/** `chat.getDeletedMessages`: ids of messages deleted after `since` (ms). @throws error-not-allowed */
export async function deletedMessages(
  ctx: Context,
  caller: Caller,
  { roomId, since, offset, count }: { roomId: string; since: number; offset: number; count: number },
) {
  const room = await getRoom(ctx, roomId);
  if (!room || !(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not allowed');
  const all = await deletedBeyond(ctx.db, roomId, { next: since }, MAX_CHANGES);
  const page = all.slice(offset, count > 0 ? offset + count : undefined);
  return { messages: page.map(({ id }) => ({ _id: id })), count: page.length, offset, total: all.length };
}
