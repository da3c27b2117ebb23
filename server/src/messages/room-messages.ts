import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid, notFound, refuse, unauthorized } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getMembership, getRoom } from '../rooms/get-room.ts';
import { isActiveMember } from '../rooms/membership.ts';
import type { Room } from '../rooms/room.ts';
import { announcementsPage } from './discussions.store.ts';
import type { WireMessage } from './message.ts';
import { filteredPage, type MessageFilter, type MessageSort, type Page } from './message-pages.store.ts';
import { presentMessages } from './present-messages.ts';

/** A page of a sorted list; `count` 0 means no limit. */
export interface ListPage extends Page {
  /** Default: newest first. */
  sort?: MessageSort;
}

export interface MessageList {
  messages: WireMessage[];
  /** Number of messages in this page. */
  count: number;
  offset: number;
  total: number;
}

const NEWEST_FIRST: MessageSort = [['ts', -1]];
const OLDEST_FIRST: MessageSort = [['ts', 1]];

/**
 * Messages of a room, with every kind of system message and thread replies (spec 10 §10.5): `channels.messages`,
 * `groups.messages`, `im.messages`. 403 without access, and in channels for callers with `view-joined-room` who are no
 * members.
 */
export async function roomMessages(
  ctx: Context,
  caller: Caller,
  room: Room,
  filter: MessageFilter,
  page: ListPage,
): Promise<MessageList> {
  const membership = await getMembership(ctx, room.id, caller.uid);
  if (!(await canAccessRoom(ctx, caller, room, { membership }))) forbid();
  if (room.type === 'c' && !isActiveMember(membership) && ctx.permissions.has(caller, 'view-joined-room'))
    forbid();
  return listMessages(ctx, caller, room.id, filter, page);
}

/** `channels.anonymousread` (spec 10 §10.5). @throws error-not-allowed, 401, 403, 404 */
export async function anonymousMessages(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  filter: MessageFilter,
  page: ListPage,
): Promise<MessageList> {
  if (!ctx.settings.bool('Accounts_AllowAnonymousRead')) {
    if (!caller) unauthorized('You must be logged in to do this.');
    const details = { method: 'channels.anonymousread' };
    fail('error-not-allowed', 'Enable "Allow Anonymous Read"', details);
  }
  if (!(await canAccessRoom(ctx, caller, room))) {
    if (room.teamId !== null) notFound('Room not found');
    forbid();
  }
  return listMessages(ctx, caller, room.id, filter, page);
}

/** For rooms the caller was checked for, as `im.messages.others`. */
export async function listMessages(
  ctx: Context,
  caller: Caller | null,
  rid: string,
  filter: MessageFilter,
  { sort = NEWEST_FIRST, offset, count }: ListPage,
): Promise<MessageList> {
  const { messages, total } = await filteredPage(ctx.db, rid, filter, sort, { offset, count });
  return { messages: await presentMessages(ctx, caller, messages), count: messages.length, offset, total };
}

/** `channels.getAllUserMentionsByChannel` (spec 10 §10.8), oldest first by default. @throws error-invalid-room */
export async function mentionsOfCaller(
  ctx: Context,
  caller: Caller,
  rid: string,
  page: ListPage,
): Promise<MessageList> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) {
    fail('error-invalid-room', 'Invalid room', { method: 'getUserMentionsByChannel' });
  }
  return listMessages(ctx, caller, rid, { mentionIds: [caller.uid] }, { sort: OLDEST_FIRST, ...page });
}

/** `chat.getPinnedMessages`: what was removed since is left out. @throws error-not-allowed */
export async function pinnedMessages(
  ctx: Context,
  caller: Caller,
  rid: string,
  page: Page,
): Promise<MessageList> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) fail('error-not-allowed', 'Not allowed');
  return listMessages(
    ctx,
    caller,
    rid,
    { pinned: true, withoutTypes: ['rm'] },
    { ...page, sort: OLDEST_FIRST },
  );
}

/** `chat.getDiscussions`: the announcements of a room's discussions whose title has the text. @throws error-not-allowed (plain) */
export async function discussionMessages(
  ctx: Context,
  caller: Caller,
  rid: string,
  { text, offset, count, sort = NEWEST_FIRST }: ListPage & { text: string },
): Promise<MessageList> {
  await refuseStrangers(ctx, caller, rid);
  const order = sort[0]?.[1] === 1 ? 'asc' : 'desc';
  const { messages, total } = await announcementsPage(ctx.db, rid, { text, order }, { offset, count });
  return { messages: await presentMessages(ctx, caller, messages), count: messages.length, offset, total };
}

/** `chat.getStarredMessages`. @throws error-not-allowed (plain) */
export async function starredMessages(
  ctx: Context,
  caller: Caller,
  rid: string,
  page: ListPage,
): Promise<MessageList> {
  await refuseStrangers(ctx, caller, rid);
  return listMessages(ctx, caller, rid, { starredIds: [caller.uid] }, page);
}

/** `chat.getMentionedMessages`: not what only says @all. @throws error-not-allowed (plain) */
export async function mentionedMessages(
  ctx: Context,
  caller: Caller,
  rid: string,
  page: ListPage,
): Promise<MessageList> {
  await refuseStrangers(ctx, caller, rid);
  return listMessages(ctx, caller, rid, { mentionIds: [caller.uid] }, page);
}

async function refuseStrangers(ctx: Context, caller: Caller, rid: string): Promise<void> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) refuse('error-not-allowed');
}
