import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { dateText, freeObject, strict } from '../rest/schemas.ts';
import { findAnyRoom } from '../rooms/find-room.ts';
import { cleanHistory } from './prune.ts';

const MAX_USERS = 500;
const flag = Type.Optional(Type.Boolean());

export const pruneEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'rooms.cleanHistory',
    summary: 'Removes messages of a stretch of time, or only their files.',
    auth: 'user',
    body: strict({
      roomId: Type.String(),
      latest: dateText,
      oldest: dateText,
      inclusive: flag,
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      excludePinned: flag,
      filesOnly: flag,
      ignoreThreads: flag,
      ignoreDiscussion: flag,
      users: Type.Optional(Type.Array(Type.String(), { maxItems: MAX_USERS })),
    }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const room = await findAnyRoom(ctx, body);
      const count = await cleanHistory(ctx, caller, room, {
        latest: Date.parse(body.latest),
        oldest: Date.parse(body.oldest),
        inclusive: body.inclusive ?? false,
        limit: body.limit ?? 0,
        excludePinned: body.excludePinned ?? false,
        filesOnly: body.filesOnly ?? false,
        ignoreThreads: body.ignoreThreads ?? false,
        ignoreDiscussion: body.ignoreDiscussion ?? false,
        usernames: body.users ?? [],
      });
      return { _id: room.id, count };
    },
  }),
];
