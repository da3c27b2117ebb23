import type { Context } from '../context.ts';
import { reachableUsers } from './presence.store.ts';

/** Those of the users whom a client may tell of something now: connected, and not busy (spec 30 §4.11). */
export const findReachableUsers = (ctx: Context, uids: readonly string[]): Promise<string[]> =>
  reachableUsers(ctx.db, uids);
