import { Type } from 'typebox';
import { resolveUser } from '../accounts/find-users.ts';
import { Refusal } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageMembers, pageOf } from '../rest/list-params.ts';
import { freeObject, oneOf, pagingMembers, strict } from '../rest/schemas.ts';
import { banFromRoom, listBanned, unbanFromRoom } from './ban.ts';

/** Bans (spec 11 §4 `rooms.banUser`). */

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error;
  return undefined;
}

function changeBan(path: string, summary: string, change: typeof banFromRoom): Endpoint {
  return endpoint({
    method: 'POST',
    path,
    summary,
    auth: 'user',
    body: oneOf(
      strict({ roomId: Type.String(), userId: Type.String() }),
      strict({ roomId: Type.String(), username: Type.String() }),
    ),
    async handler(ctx, { caller, body }) {
      // Whether the caller may ban is told before whether the user exists.
      const user = await resolveUser(ctx, body).catch(unlessRefused);
      await change(ctx, caller, body.roomId, user);
      return {};
    },
  });
}

export const banEndpoints: Endpoint[] = [
  changeBan('rooms.banUser', 'Removes a member from a room and keeps them out.', banFromRoom),
  changeBan('rooms.unbanUser', 'Lets a banned user come back.', unbanFromRoom),
  endpoint({
    method: 'GET',
    path: 'rooms.bannedUsers',
    summary: 'Who is banned from a room.',
    auth: 'user',
    query: strict({ roomId: Type.String(), ...pagingMembers }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const page = pageOf(ctx.settings, query);
      const { bannedUsers, total } = await listBanned(ctx, caller, query.roomId, page);
      return { bannedUsers, ...pageMembers(page, bannedUsers, total) };
    },
  }),
];
