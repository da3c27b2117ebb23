import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { namesOfUsers } from './user-lists.store.ts';

const DETAILS = { method: 'botRequest' };
/** A workspace may have more people than a bot can use in one answer. */
const MAX_NAMES = 10_000;

/** What bots may ask for, each with the member of a user that is listed and whether only those are who are connected. */
const LISTS: Readonly<Record<string, { member: 'id' | 'username'; present: boolean } | undefined>> = {
  allIDs: { member: 'id', present: false },
  allUsernames: { member: 'username', present: false },
  onlineIDs: { member: 'id', present: true },
  onlineUsernames: { member: 'username', present: true },
};

/** The little helpers of bots (spec 40 §10.3). @throws error-invalid-user for callers who are no bot, error-invalid-params */
export async function botRequest(ctx: Context, caller: Caller, property: string): Promise<string[]> {
  if (!caller.roles.includes('bot')) fail('error-invalid-user', 'Invalid user', DETAILS);
  const list = Object.hasOwn(LISTS, property) ? LISTS[property] : undefined;
  if (!list) fail('error-invalid-params', 'Unknown property', DETAILS);
  const users = await namesOfUsers(ctx.db, { present: list.present, limit: MAX_NAMES });
  return users.map((user) => user[list.member]);
}
