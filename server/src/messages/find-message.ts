import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import type { Db } from '../storage/database.ts';
import type { WireMessage } from './message.ts';
import { newestMessage } from './message-pages.store.ts';
import { messageById, messagesByIds } from './messages.store.ts';

/** The message with every starrer; undefined when it is unknown or hidden. No access check. */
export const findMessage = (ctx: Context, id: string): Promise<WireMessage | undefined> =>
  messageById(ctx.db, id);

/** As `findMessage`, where a client names the message by `messageId`. @throws error-message-not-found */
export async function requiredMessage(ctx: Context, id: string): Promise<WireMessage> {
  const message = await findMessage(ctx, id);
  return (
    message ??
    fail('error-message-not-found', 'The provided "messageId" does not match any existing message.')
  );
}

/** The visible ones among these ids, in no particular order. No access check. */
export const findMessages = (ctx: Context, ids: readonly string[]): Promise<WireMessage[]> =>
  messagesByIds(ctx.db, ids);

/** The newest message of a room that is not hidden, of any kind. */
export const lastVisibleMessage = (ctx: Context, rid: string): Promise<WireMessage | undefined> =>
  newestMessage(ctx.db, rid);

/** The newest message that a room may show as its `lastMessage`: written by a person, not only in a thread. */
export const lastUserMessage = (db: Db, rid: string): Promise<WireMessage | undefined> =>
  newestMessage(db, rid, 'for-room-list');
