import { expect } from 'vitest';
import { body, coded, plain, type Refused } from '../../accounts/refusals/refusal.ts';

/** What the tables of refusals about rooms are written with. */

/**
 * alice owns every room; bob, mia (moderator and leader) and gus (a guest) are members where `places.ts` says so; ben is
 * banned from the channel and the group; carol and the admin are in none of them.
 */
export type Who = 'nobody' | 'admin' | 'alice' | 'bob' | 'mia' | 'carol' | 'gus' | 'ben';

/** What is different while a call is made. */
export interface Given {
  settings?: Record<string, unknown>;
  /** Which roles have a permission. */
  permissions?: Record<string, readonly string[]>;
}

/**
 * Who calls what, and the whole answer. A text `$name` anywhere in parameters and answer stands for the id that `places.ts`
 * has under that name. Nothing in the database may change by a refused call.
 */
export type Row = [who: Who, call: string, params: object, refused: Refused, given?: Given];

/** Text of several alternatives, none of which fits: the parts before it depend on their order. */
export const NO_ALTERNATIVE: Refused = body(400, {
  errorType: 'error-invalid-params',
  error: expect.stringContaining('must match exactly one schema in oneOf'),
});

export const NO_CHANNEL = coded(
  'error-room-not-found',
  'The required "roomId" or "roomName" param provided does not match any channel',
);
export const NO_GROUP = coded(
  'error-room-not-found',
  'The required "roomId" or "roomName" param provided does not match any group',
);
export const NO_ROOM_NAMED = coded(
  'error-roomid-param-not-provided',
  'The parameter "roomId" or "roomName" is required',
);
export const NO_SUCH_USERS = coded(
  'error-users-params-not-provided',
  'Please provide "userId" or "username" or "userIds" or "usernames" as param',
);
export const NOWHERE = plain('Resource not found', 404);

/** 400 with a code that has no text. */
export const bare = (code: string): Refused => body(400, { error: `[${code}]`, errorType: code });

export const archived = (noun: 'channel' | 'private group', name: string): Refused =>
  coded('error-room-archived', `The ${noun}, ${name}, is archived`);

export const notAllowed = (method: string): Refused => coded('error-not-allowed', 'Not allowed', { method });

/** What `saveRoomSettings` and all that ends in it refuses. */
export const editing = (reason: string, action: string): Refused =>
  coded('error-action-not-allowed', reason, { method: 'saveRoomSettings', action });

export const NO_EDITOR = editing('Editing room is not allowed', 'Editing_room');

/** The same rows for each of several calls: `%` in the call becomes each of the words. */
export const forEach = (words: readonly string[], rows: readonly Row[]): Row[] =>
  words.flatMap((word) => rows.map(([who, call, ...rest]): Row => [who, call.replace('%', word), ...rest]));
