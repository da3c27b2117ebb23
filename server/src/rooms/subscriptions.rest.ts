import { Type } from 'typebox';
import { fail, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, oneOf, strict } from '../rest/schemas.ts';
import { readRoom, unreadFrom } from './read.ts';
import { ownSubscription, syncSubscriptions } from './sync.ts';

/** The caller's own subscriptions (spec 11 §2). */

/** A date text in ms; `fail` is called for one that is none. */
export function sinceOf(text: string | undefined, invalid: () => never): number | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? invalid() : at;
}

export const subscriptionEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'subscriptions.get',
    summary: 'Own subscriptions, all or those changed since a date.',
    auth: 'user',
    query: strict({ updatedSince: Type.Optional(Type.String()) }),
    response: freeObject,
    handler(ctx, { caller, query }) {
      // "lastUpdate" although the parameter has another name: the contract's own text.
      const invalid = () =>
        fail('error-roomId-param-invalid', 'The "lastUpdate" query parameter must be a valid date.');
      return syncSubscriptions(ctx, caller, sinceOf(query.updatedSince, invalid));
    },
  }),
  endpoint({
    method: 'GET',
    path: 'subscriptions.getOne',
    summary: 'The own subscription in one room, or null.',
    auth: 'user',
    query: strict({ roomId: Type.Optional(Type.String()) }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      if (!query.roomId) refuse("The 'roomId' param is required");
      return { subscription: await ownSubscription(ctx, caller, query.roomId) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'subscriptions.read',
    summary: 'Marks a room as read.',
    auth: 'user',
    body: oneOf(
      strict({ rid: Type.String(), readThreads: Type.Optional(Type.Boolean()) }),
      strict({ roomId: Type.String(), readThreads: Type.Optional(Type.Boolean()) }),
    ),
    async handler(ctx, { caller, body }) {
      const { rid, roomId, readThreads } = body as { rid?: string; roomId?: string; readThreads?: boolean };
      await readRoom(ctx, caller, rid ?? roomId ?? '', readThreads);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'subscriptions.unread',
    summary: 'Marks a room as unread, from a message on or from its last one.',
    auth: 'user',
    body: oneOf(
      strict({ roomId: Type.String() }),
      strict({ firstUnreadMessage: Type.Object({ _id: Type.String() }) }),
    ),
    async handler(ctx, { caller, body }) {
      const { roomId, firstUnreadMessage } = body as {
        roomId?: string;
        firstUnreadMessage?: { _id: string };
      };
      const from = firstUnreadMessage ? { messageId: firstUnreadMessage._id } : { rid: roomId ?? '' };
      await unreadFrom(ctx, caller, from);
      return {};
    },
  }),
];
