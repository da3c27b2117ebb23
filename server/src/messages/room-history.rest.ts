import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { type PageDefaults, pageOf, UNLIMITED } from '../rest/list-params.ts';
import { listMembers, oneOf, pagingMembers, roomIdOrName, strict, textOf } from '../rest/schemas.ts';
import { findDirectRoom } from '../rooms/direct.ts';
import { CHANNELS, type Family, GROUPS } from '../rooms/family.rest.ts';
import { findChannel } from '../rooms/find-room.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import { type Counters, directCounters, roomCounters } from './counters.ts';
import { type HistoryOptions, roomHistory } from './history.ts';
import { dateParam, listPage, withFields } from './list-query.rest.ts';
import type { MessageFilter } from './message-pages.store.ts';
import { RAW_FILTER_DIFFERS, rawMessageFilter } from './raw-message-filter.rest.ts';
import { anonymousMessages, listMessages, mentionsOfCaller, roomMessages } from './room-messages.ts';

/** What was said in a room: `channels.*`, `groups.*` and `im.*` (spec 10 §10.4 to §10.8, spec 11 §3). */

const flag = Type.Optional(textOf('true', 'false'));
const historyMembers = {
  latest: Type.Optional(Type.String()),
  oldest: Type.Optional(Type.String()),
  inclusive: flag,
  unreads: flag,
  showThreadMessages: flag,
  sort: Type.Optional(Type.String()),
  ...pagingMembers,
};

interface HistoryQuery {
  latest?: string;
  oldest?: string;
  inclusive?: string;
  unreads?: string;
  showThreadMessages?: string;
  offset?: number;
  count?: number;
}

function historyOptions(
  ctx: Context,
  query: HistoryQuery,
  defaults: PageDefaults,
  threadsByDefault: boolean,
): HistoryOptions {
  const { latest, oldest, inclusive, unreads, showThreadMessages } = query;
  const date = (text: string) => dateParam(text, 'error-invalid-date', 'Invalid date');
  return {
    ...(latest ? { latest: date(latest) } : {}),
    ...(oldest ? { oldest: date(oldest) } : {}),
    inclusive: inclusive === 'true',
    unreads: unreads === 'true',
    showThreadMessages: showThreadMessages === undefined ? threadsByDefault : showThreadMessages === 'true',
    ...pageOf(ctx.settings, query, defaults),
  };
}

/** `groups.*` and `im.*` do not clamp `count`, so a page may be as long as the client wants. */
const UNCLAMPED: PageDefaults = { count: 20, upperLimit: UNLIMITED };

const filterMembers = {
  mentionIds: Type.Optional(Type.String()),
  starredIds: Type.Optional(Type.String()),
  pinned: flag,
  ...listMembers,
};

function filterOf(query: { mentionIds?: string; starredIds?: string; pinned?: string }): MessageFilter {
  const ids = (list: string) =>
    list
      .split(',')
      .map((id) => id.trim())
      .slice(0, 500);
  return {
    ...(query.mentionIds ? { mentionIds: ids(query.mentionIds) } : {}),
    ...(query.starredIds ? { starredIds: ids(query.starredIds) } : {}),
    ...(query.pinned === 'true' ? { pinned: true } : {}),
  };
}

/** The keys in the documented order. */
const countersAnswer = ({ joined, members, unreads, unreadsFrom, msgs, latest, userMentions }: Counters) => ({
  joined,
  members,
  unreads,
  unreadsFrom,
  msgs,
  latest,
  userMentions,
});

function familyEndpoints(family: Family): Endpoint[] {
  const isChannel = family.type === 'c';
  return [
    endpoint({
      method: 'GET',
      path: `${family.prefix}.history`,
      summary: `Messages of a ${family.noun}, newest first.`,
      auth: 'user',
      query: roomIdOrName(historyMembers),
      async handler(ctx, { caller, query }) {
        const room = await family.find(ctx, caller, query, 'allowed');
        const asked = () => historyOptions(ctx, query, isChannel ? {} : UNCLAMPED, !isChannel);
        return roomHistory(ctx, caller, room, asked);
      },
    }),
    endpoint({
      method: 'GET',
      path: `${family.prefix}.messages`,
      summary: `Messages of a ${family.noun}, system messages and thread replies among them.`,
      auth: 'user',
      partly: RAW_FILTER_DIFFERS,
      ...(isChannel ? { permissions: { all: ['view-c-room'] } } : {}),
      query: isChannel ? strict({ roomId: Type.String(), ...filterMembers }) : roomIdOrName(filterMembers),
      async handler(ctx, { caller, query }) {
        const room = await family.find(ctx, caller, query, isChannel ? 'allowed' : 'refused');
        const filter = { ...filterOf(query), ...rawMessageFilter(ctx.config, query.query) };
        return withFields(ctx.config, query.fields, 'messages', () =>
          roomMessages(ctx, caller, room, filter, listPage(ctx.settings, query)),
        );
      },
    }),
    endpoint({
      method: 'GET',
      path: `${family.prefix}.counters`,
      summary: `How many messages and members a ${family.noun} has, and what is unread.`,
      auth: 'user',
      query: roomIdOrName({ userId: Type.Optional(Type.String()) }),
      async handler(ctx, { caller, query }) {
        const room = await family.find(ctx, caller, query);
        return countersAnswer(await roomCounters(ctx, caller, room, query.userId));
      },
    }),
  ];
}

const channelsOnly: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'channels.anonymousread',
    summary: 'Messages of a public channel for anybody, where the workspace allows it.',
    auth: 'user-or-anon',
    partly: RAW_FILTER_DIFFERS,
    query: roomIdOrName(listMembers),
    async handler(ctx, { caller, query }) {
      const room = await findChannel(ctx, query, 'allowed');
      const filter = rawMessageFilter(ctx.config, query.query);
      return withFields(ctx.config, query.fields, 'messages', () =>
        anonymousMessages(ctx, caller, room, filter, listPage(ctx.settings, query)),
      );
    },
  }),
  endpoint({
    method: 'GET',
    path: 'channels.getAllUserMentionsByChannel',
    summary: 'Messages of a room that mention the caller by name, oldest first.',
    auth: 'user',
    query: strict({ roomId: Type.String(), ...listMembers }),
    async handler(ctx, { caller, query }) {
      const { messages, ...page } = await withFields(ctx.config, query.fields, 'messages', () =>
        mentionsOfCaller(ctx, caller, query.roomId, listPage(ctx.settings, query)),
      );
      return { mentions: messages, ...page };
    },
  }),
];

function directEndpoints(prefix: 'im' | 'dm'): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: `${prefix}.history`,
      summary: 'Direct messages, newest first.',
      auth: 'user',
      query: strict({ roomId: Type.String(), ...historyMembers }),
      async handler(ctx, { caller, query }) {
        const room = await findDirectRoom(ctx, caller, query.roomId);
        return roomHistory(ctx, caller, room, () => historyOptions(ctx, query, UNCLAMPED, true));
      },
    }),
    endpoint({
      method: 'GET',
      path: `${prefix}.messages`,
      summary: 'Direct messages, newest first.',
      auth: 'user',
      partly: RAW_FILTER_DIFFERS,
      query: oneOf(
        strict({ roomId: Type.String(), ...filterMembers }),
        strict({ username: Type.String(), ...filterMembers }),
      ),
      async handler(ctx, { caller, query }) {
        const room = await findDirectRoom(ctx, caller, 'roomId' in query ? query.roomId : query.username);
        const filter = { ...filterOf(query), ...rawMessageFilter(ctx.config, query.query) };
        return withFields(ctx.config, query.fields, 'messages', () =>
          roomMessages(ctx, caller, room, filter, listPage(ctx.settings, query)),
        );
      },
    }),
    endpoint({
      method: 'GET',
      path: `${prefix}.messages.others`,
      summary: 'Direct messages of others, for administrators, where the workspace allows it.',
      auth: 'user',
      permissions: { all: ['view-room-administration'] },
      query: strict({ roomId: Type.Optional(Type.String()), ...listMembers }),
      async handler(ctx, { caller, query }) {
        return othersMessages(ctx, caller, `/api/v1/${prefix}.messages.others`, query);
      },
    }),
    endpoint({
      method: 'GET',
      path: `${prefix}.counters`,
      summary: 'How many messages a direct room has, and what is unread.',
      auth: 'user',
      query: strict({ roomId: Type.String(), userId: Type.Optional(Type.String()) }),
      async handler(ctx, { caller, query }) {
        return countersAnswer(await directCounters(ctx, caller, query.roomId, query.userId));
      },
    }),
  ];
}

async function othersMessages(
  ctx: Context,
  caller: Caller,
  route: string,
  query: { roomId?: string; offset?: number; count?: number; sort?: string; fields?: string },
) {
  if (!ctx.settings.bool('API_Enable_Direct_Message_History_EndPoint')) {
    fail('error-endpoint-disabled', 'This endpoint is disabled', { route });
  }
  const { roomId } = query;
  if (!roomId) fail('error-roomid-param-not-provided', 'The parameter "roomId" is required');
  const room: Room | undefined = await getRoom(ctx, roomId);
  if (room?.type !== 'd')
    fail('error-room-not-found', `No direct message room found by the id of: ${roomId}`);
  return withFields(ctx.config, query.fields, 'messages', () =>
    listMessages(ctx, caller, room.id, {}, listPage(ctx.settings, query)),
  );
}

export const roomHistoryEndpoints: Endpoint[] = [
  ...familyEndpoints(CHANNELS),
  ...familyEndpoints(GROUPS),
  ...channelsOnly,
  ...directEndpoints('im'),
  ...directEndpoints('dm'),
];
