import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import { parseDoc } from '../storage/json.ts';
import { withEmails } from './find-users.ts';
import { emailKey, type User, type UserDoc } from './user.ts';
import { countPendingAvatars, nextPendingAvatars, nextUsersWithDocs, takenEmailKeys } from './users.store.ts';

/** What imports need to know of accounts that are here already (spec 32 C). */

const PAGE = 500;

/** Everybody who came from another system, by what they are called there. */
export async function peopleByImportId(ctx: Context): Promise<Map<string, UserRef>> {
  const found = new Map<string, UserRef>();
  let after = '';
  for (;;) {
    const page = await nextUsersWithDocs(ctx.db, after, PAGE);
    for (const { id, username, name, doc } of page) {
      const { importIds } = parseDoc<UserDoc>(doc);
      if (!importIds || username === null) continue;
      const ref = { _id: id, username, ...(name ? { name } : {}) };
      for (const importId of importIds) found.set(importId, ref);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return found;
    after = last.id;
  }
}

/** Which of these addresses belong to somebody; a function that tells it. */
export async function takenAddresses(
  ctx: Context,
  addresses: readonly string[],
): Promise<(address: string) => boolean> {
  const taken = new Set(await takenEmailKeys(ctx.db, addresses.map(emailKey)));
  return (address) => taken.has(emailKey(address));
}

export const pendingAvatars = async (ctx: Context, after: string, limit: number): Promise<User[]> =>
  withEmails(ctx.db, await nextPendingAvatars(ctx.db, after, limit));

export const numberOfPendingAvatars = (ctx: Context): Promise<number> => countPendingAvatars(ctx.db);
