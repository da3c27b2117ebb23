import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { listMembers, strict, textOf } from '../rest/schemas.ts';
import { followMessage } from './follow.ts';
import { dateParam, listPage, threadPage, withFields } from './list-query.rest.ts';
import { listThreads, readThread, syncThread, syncThreads, threadMessages } from './threads.ts';

const updatedSince = (text: string) =>
  dateParam(
    text,
    'error-updatedSince-param-invalid',
    'The "updatedSince" query parameter must be a valid date.',
  );

function follow(path: string, summary: string, isFollowing: boolean): Endpoint {
  return endpoint({
    method: 'POST',
    path,
    summary,
    auth: 'user',
    rateLimit: { calls: 5, windowMs: 5000, per: 'user' },
    body: strict({ mid: Type.String({ minLength: 1 }) }),
    async handler(ctx, { caller, body }) {
      await followMessage(ctx, caller, { mid: body.mid, follow: isFollowing });
      return {};
    },
  });
}

/** Threads (spec 30 §5). */
const CHANGES_ARE_BOUNDED =
  'At most the newest 10,000 changes and deletions are answered for one `updatedSince`.';

export const threadEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'chat.getThreadsList',
    summary: 'Threads of a room, those with the latest reply first.',
    auth: 'user',
    query: strict({
      rid: Type.String(),
      type: Type.Optional(textOf('following', 'unread')),
      text: Type.Optional(Type.String()),
      ...listMembers,
    }),
    handler(ctx, { caller, query }) {
      const { rid, type, text } = query;
      const asked = { rid, ...(type ? { type } : {}), ...(text ? { text } : {}) };
      return withFields(ctx.config, query.fields, 'threads', () =>
        listThreads(ctx, caller, { ...asked, ...threadPage(ctx.settings, query) }),
      );
    },
  }),
  endpoint({
    method: 'GET',
    path: 'chat.syncThreadsList',
    summary: 'What changed in the threads of a room since a date.',
    auth: 'user',
    query: strict({ rid: Type.String(), updatedSince: Type.String(), ...listMembers }),
    partly: CHANGES_ARE_BOUNDED,
    async handler(ctx, { caller, query }) {
      return { threads: await syncThreads(ctx, caller, query.rid, updatedSince(query.updatedSince)) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'chat.getThreadMessages',
    summary: 'Replies of a thread, oldest first.',
    auth: 'user',
    query: strict({ tmid: Type.String(), aroundId: Type.Optional(Type.String()), ...listMembers }),
    handler(ctx, { caller, query }) {
      const { tmid, aroundId } = query;
      const page = listPage(ctx.settings, query);
      return withFields(ctx.config, query.fields, 'messages', () =>
        threadMessages(ctx, caller, { tmid, ...(aroundId ? { aroundId } : {}), ...page }),
      );
    },
  }),
  endpoint({
    method: 'GET',
    path: 'chat.syncThreadMessages',
    summary: 'What changed in a thread since a date.',
    auth: 'user',
    query: strict({ tmid: Type.String(), updatedSince: Type.String(), ...listMembers }),
    partly: CHANGES_ARE_BOUNDED,
    async handler(ctx, { caller, query }) {
      const since = updatedSince(query.updatedSince);
      const page = listPage(ctx.settings, query);
      return { messages: await syncThread(ctx, caller, { tmid: query.tmid, since, ...page }) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'chat.readThread',
    summary: 'Marks a thread as read.',
    auth: 'user',
    body: strict({ tmid: Type.String({ minLength: 1 }) }),
    async handler(ctx, { caller, body }) {
      await readThread(ctx, caller, body.tmid);
      return {};
    },
  }),
  follow('chat.followMessage', 'Follows the thread of a message.', true),
  follow('chat.unfollowMessage', 'Stops following the thread of a message.', false),
];
