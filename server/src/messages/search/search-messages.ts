import { setImmediate as turn } from 'node:timers/promises';
import { findUserById } from '../../accounts/find-users.ts';
import type { Context } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { canAccessRoom } from '../../rooms/access.ts';
import { getRoom } from '../../rooms/get-room.ts';
import { readableRooms } from '../../rooms/readable-rooms.ts';
import type { Room } from '../../rooms/room.ts';
import { reviveMessage, type WireMessage } from '../message.ts';
import type { Page } from '../message-pages.store.ts';
import { presentMessages } from '../present-messages.ts';
import { expressionCondition } from './expression-condition.ts';
import { type Found, markedMessages, type Places, searchedMessages } from './message-search.store.ts';
import { scoresOf } from './rank.ts';
import { parseSearch, type SearchQuery } from './search-query.ts';
import { type Occurrences, type TextCondition, wordCondition } from './text-condition.ts';

/** What is beyond is cut off; nobody types that much. */
const MAX_TEXT = 2000;
/** Rooms that a search without a room looks into, those with the latest messages. */
const MAX_ROOMS = 200;
/** Messages of one answer, also where any number is asked for. */
const MAX_FOUND = 1000;
/** Of more that fit the newest are ranked. */
const MAX_RANKED = 500;

/**
 * Messages that a search text describes (spec 30 §7 `chat.search`): in one room the newest first, or in all rooms that the caller is
 * in those first that fit best, unless the text says otherwise. Undefined when the caller may not read the room. What is not
 * found within `limits.searchMs` is missing.
 *
 * The index says which messages may be meant; whether they are is decided by looking at each.
 *
 * @throws error-invalid-regular-expression
 */
export async function searchMessages(
  ctx: Context,
  caller: Caller,
  { text, rid }: { text: string; rid: string | undefined },
  page: Page,
): Promise<WireMessage[] | undefined> {
  const rooms = rid === undefined ? await readableRooms(ctx, caller) : await theRoom(ctx, caller, rid);
  if (!rooms) return undefined;
  const source = text.slice(0, MAX_TEXT);
  if (source.trim() === '') return [];
  const user = await findUserById(ctx, caller.uid);
  const searcher = { uid: caller.uid, utcOffset: user?.utcOffset ?? 0 };
  const query = parseSearch(source, searcher);
  const condition = query.text === '' ? undefined : await conditionOn(ctx, query.text);
  const rids = rooms
    .filter(named(query.rooms))
    .slice(0, MAX_ROOMS)
    .map((room) => room.id);
  if (rids.length === 0 || condition?.candidates === 'none') return [];
  const isMeant = (message: WireMessage) =>
    query.conditions.every((holds) => holds(message)) && (condition?.matches(message.msg) ?? true);
  const deadline = performance.now() + ctx.config.limits.searchMs;
  const find = (order: Places['order'], wanted: Page) =>
    collect(candidatesFor(ctx, caller, { rids, order }, query, condition), isMeant, wanted, deadline);
  const order = query.order ?? (rid === undefined ? 'best-first' : 'newest-first');
  if (order === 'best-first' && condition?.count) {
    const found = await find('newest-first', { offset: 0, count: MAX_RANKED });
    return presentMessages(ctx, caller, onPage(ranked(found, condition.count), page));
  }
  const byTime = order === 'oldest-first' ? order : 'newest-first';
  const found = await find(byTime, page);
  const direction = byTime === 'newest-first' ? -1 : 1;
  found.sort((one, other) => direction * (one.ts.getTime() - other.ts.getTime()));
  return presentMessages(ctx, caller, found);
}

/** The best first, the newer of equal ones; each with its score. */
function ranked(found: readonly WireMessage[], count: (text: string) => Occurrences): WireMessage[] {
  const scores = scoresOf(found.map(({ msg }) => count(msg)));
  return found
    .map((message, index): WireMessage & { score: number } => ({ ...message, score: scores[index] ?? 0 }))
    .sort((one, other) => other.score - one.score || other.ts.getTime() - one.ts.getTime());
}

const onPage = (messages: WireMessage[], { offset, count }: Page): WireMessage[] =>
  messages.slice(offset, count > 0 ? offset + count : undefined);

async function theRoom(ctx: Context, caller: Caller, rid: string): Promise<Room[] | undefined> {
  const room = await getRoom(ctx, rid);
  return room && (await canAccessRoom(ctx, caller, room)) ? [room] : undefined;
}

const named = (names: readonly string[]) => (room: Room) =>
  names.length === 0 ||
  [room.id, room.name, room.displayName].some((name) => name && names.includes(name.toLowerCase()));

async function conditionOn(ctx: Context, text: string): Promise<TextCondition> {
  const always = ctx.settings.bool('Message_AlwaysSearchRegExp');
  return (await expressionCondition(text, { always })) ?? wordCondition(text);
}

function candidatesFor(
  { db }: Context,
  { uid }: Caller,
  places: Places,
  { starred, pinned }: SearchQuery,
  condition: TextCondition | undefined,
): AsyncGenerator<Found[]> {
  if (starred || pinned) return markedMessages(db, places, { starredBy: starred ? uid : undefined, pinned });
  const words = condition?.candidates;
  return searchedMessages(db, places, typeof words === 'object' ? words : undefined);
}

/** The page of those that are meant. Others are served between two batches. */
async function collect(
  candidates: AsyncGenerator<Found[]>,
  isMeant: (message: WireMessage) => boolean,
  { offset, count }: Page,
  deadline: number,
): Promise<WireMessage[]> {
  const limit = count > 0 ? Math.min(count, MAX_FOUND) : MAX_FOUND;
  const found: WireMessage[] = [];
  let toSkip = offset;
  for await (const batch of candidates) {
    for (const { doc } of batch) {
      const message = reviveMessage(doc);
      if (!isMeant(message)) continue;
      if (toSkip > 0) toSkip -= 1;
      else if (found.push(message) === limit) return found;
    }
    if (performance.now() > deadline) return found;
    await turn();
  }
  return found;
}
