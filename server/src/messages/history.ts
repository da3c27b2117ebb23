import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid } from '../kernel/errors.ts';
import { canAccessRoom, mayPreview } from '../rooms/access.ts';
import { getMembership } from '../rooms/get-room.ts';
import { isActiveMember } from '../rooms/membership.ts';
import type { Room } from '../rooms/room.ts';
import type { WireMessage } from './message.ts';
import { countHistory, historyPage, type Stretch } from './message-pages.store.ts';
import { presentMessages } from './present-messages.ts';
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

export interface History {
  /** Newest first. */
  messages: WireMessage[];
  /** With `unreads` only. */
  firstUnread?: WireMessage;
  unreadNotLoaded?: number;
}

/** A page with "no limit" is bounded all the same. */
const MAX_PAGE = 10_000;

/**
 * A page of a room's history (spec 10 §10.4): without hidden messages and hidden system message types. Costs the page.
 * 403 for callers without access, and in channels for non-members without `preview-c-room`.
 */
export async function roomHistory(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  options: HistoryOptions,
): Promise<History> {
  if (!(await mayReadHistory(ctx, caller, room))) forbid();
  return historyOf(ctx, caller, room, options);
}

/** Access, and in channels either membership or `preview-c-room`. */
export async function mayReadHistory(ctx: Context, caller: Caller | null, room: Room): Promise<boolean> {
  const membership = caller ? await getMembership(ctx, room.id, caller.uid) : undefined;
  if (!(await canAccessRoom(ctx, caller, room, { membership }))) return false;
  return room.type !== 'c' || isActiveMember(membership) || mayPreview(ctx, caller);
}

/** As `roomHistory`, for callers who were checked. */
export async function historyOf(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  options: HistoryOptions,
): Promise<History> {
  const { latest, oldest, inclusive = false, offset = 0, unreads, showThreadMessages } = options;
  const count = options.count > 0 ? Math.min(options.count, MAX_PAGE) : MAX_PAGE;
  const of: Stretch = {
    ...historyStretch(ctx, room, showThreadMessages ?? false),
    ...(latest === undefined ? {} : { before: latest }),
    ...(oldest === undefined ? {} : { after: oldest }),
    inclusive,
  };
  const messages = await historyPage(ctx.db, of, { order: 'newest-first', offset, count });
  const history: History = { messages: await presentMessages(ctx, caller, messages) };
  if (!unreads) return history;
  const before = messages.at(-1)?.ts.getTime();
  const unread =
    before === undefined || oldest === undefined ? undefined : { ...of, before, inclusive: false };
  return { ...history, ...(await notLoaded(ctx, caller, unread)) };
}

async function notLoaded(ctx: Context, caller: Caller | null, of: Stretch | undefined) {
  if (!of) return { unreadNotLoaded: 0 };
  const [unreadNotLoaded, first] = await Promise.all([
    countHistory(ctx.db, of),
    historyPage(ctx.db, of, { order: 'oldest-first', count: 1 }),
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
