import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid } from '../kernel/errors.ts';
import type { RawJson } from '../kernel/raw-json.ts';
import { canAccessRoom, mayPreview } from '../rooms/access.ts';
import { getMembership } from '../rooms/get-room.ts';
import { isActiveMember } from '../rooms/membership.ts';
import type { Room } from '../rooms/room.ts';
import { reviveMessage, type WireMessage } from './message.ts';
import { countHistory, historyDocuments, historyPage, type Stretch } from './message-pages.store.ts';
import { presentDocuments, presentMessages } from './present-messages.ts';
import { hiddenInRoom } from './system-types.ts';

export interface HistoryOptions {
  /** ms; default: no upper bound, so that messages of a fast clock are not missed. */
  latest?: number;
  /** ms */
  oldest?: number;
  /** Whether messages exactly at the bounds belong to the result. */
  inclusive?: boolean;
  offset?: number;
  /** 0 means no limit. */
  count: number;
  /** Also says what lies between `oldest` and the page. */
  unreads?: boolean;
  showThreadMessages?: boolean;
}

export interface History<Messages = WireMessage[]> {
  /** Newest first. */
  messages: Messages;
  /** With `unreads` only. */
  firstUnread?: WireMessage;
  unreadNotLoaded?: number;
}

/** A page with "no limit" is bounded all the same. */
const MAX_PAGE = 10_000;

/**
 * A page of a room's history (spec 10 §10.4): without hidden messages and hidden system message types. Costs the page,
 * whose documents are passed on as they are stored. 403 for callers without access, and in channels for non-members
 * without `preview-c-room`; what they ask for is read after that, so that they hear of nothing else that is wrong.
 */
export async function roomHistory(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  asked: () => HistoryOptions,
): Promise<History<RawJson>> {
  if (!(await mayReadHistory(ctx, caller, room))) forbid();
  const options = asked();
  const of = stretchOf(ctx, room, options);
  const docs = await historyDocuments(ctx.db, of, pageOf(options));
  const history = { messages: await presentDocuments(ctx, caller, docs) };
  const oldest = docs.at(-1);
  return options.unreads
    ? { ...history, ...(await notLoaded(ctx, caller, of, oldest ? reviveMessage(oldest) : undefined)) }
    : history;
}

/** Access, and in channels either membership or `preview-c-room`. */
export async function mayReadHistory(ctx: Context, caller: Caller | null, room: Room): Promise<boolean> {
  const membership = caller ? await getMembership(ctx, room.id, caller.uid) : undefined;
  if (!(await canAccessRoom(ctx, caller, room, { membership }))) return false;
  return room.type !== 'c' || isActiveMember(membership) || mayPreview(ctx, caller);
}

/** As `roomHistory`, for callers who were checked, as messages with dates. */
export async function historyOf(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  options: HistoryOptions,
): Promise<History> {
  const of = stretchOf(ctx, room, options);
  const messages = await historyPage(ctx.db, of, pageOf(options));
  const history: History = { messages: await presentMessages(ctx, caller, messages) };
  return options.unreads ? { ...history, ...(await notLoaded(ctx, caller, of, messages.at(-1))) } : history;
}

function stretchOf(ctx: Context, room: Room, options: HistoryOptions): Stretch {
  const { latest, oldest, inclusive = false, showThreadMessages } = options;
  const of: Stretch = { ...historyStretch(ctx, room, showThreadMessages ?? false), inclusive };
  if (latest !== undefined) of.before = latest;
  if (oldest !== undefined) of.after = oldest;
  return of;
}

const pageOf = ({ offset = 0, count }: HistoryOptions) => ({
  order: 'newest-first' as const,
  offset,
  count: count > 0 ? Math.min(count, MAX_PAGE) : MAX_PAGE,
});

/** What lies between the lower bound and the oldest message of the page. */
async function notLoaded(ctx: Context, caller: Caller | null, of: Stretch, oldest: WireMessage | undefined) {
  if (!oldest || of.after === undefined) return { unreadNotLoaded: 0 };
  const between = { ...of, before: oldest.ts.getTime(), inclusive: false };
  const [unreadNotLoaded, first] = await Promise.all([
    countHistory(ctx.db, between),
    historyPage(ctx.db, between, { order: 'oldest-first', count: 1 }),
  ]);
  const [firstUnread] = await presentMessages(ctx, caller, first);
  return { ...(firstUnread ? { firstUnread } : {}), unreadNotLoaded };
}

/** What history reads of a room leave out. */
export function historyStretch(ctx: Context, room: Room, showThreadMessages: boolean): Stretch {
  return {
    rid: room.id,
    withoutTypes: hiddenInRoom(ctx.settings, room.details.sysMes),
    mainFlowOnly: !showThreadMessages,
  };
}
