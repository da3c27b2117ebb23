import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, listMembers, strict } from '../rest/schemas.ts';
import { presentRoom } from '../rooms/present-room.ts';
import { createDiscussion } from './create-discussion.ts';
import { listPage, withFields } from './list-query.rest.ts';
import { discussionMessages } from './room-messages.ts';

/** Starting discussions and reading their announcements (spec 11 §7, spec 30 §7). Listing rooms: `rooms/rooms.rest.ts`. */
export const discussionEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'rooms.createDiscussion',
    summary: 'Starts a discussion beside a room, from one of its messages or from none.',
    auth: 'user',
    body: strict({
      prid: Type.String({ minLength: 1 }),
      t_name: Type.String({ minLength: 1, maxLength: 255 }),
      pmid: Type.Optional(Type.String()),
      reply: Type.Optional(Type.String()),
      topic: Type.Optional(Type.String({ maxLength: 10_000 })),
      users: Type.Optional(Type.Array(Type.String(), { maxItems: 1000 })),
      encrypted: Type.Optional(Type.Boolean()),
    }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const { prid: parentId, t_name: title, pmid: messageId, ...more } = body;
      const { room, isNew } = await createDiscussion(ctx, caller, { parentId, title, messageId, ...more });
      if (!isNew) return { discussion: { _id: room.id, rid: room.id } };
      return { discussion: { ...presentRoom(room, caller.uid), rid: room.id } };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'chat.getDiscussions',
    summary: 'The announcements of the discussions of a room.',
    auth: 'user',
    query: strict({ roomId: Type.String(), text: Type.Optional(Type.String()), ...listMembers }),
    response: freeObject,
    handler: (ctx, { caller, query }) =>
      withFields(ctx.config, query.fields, 'messages', () =>
        discussionMessages(ctx, caller, query.roomId, {
          text: query.text ?? '',
          ...listPage(ctx.settings, query, undefined, ['ts']),
        }),
      ),
  }),
];
