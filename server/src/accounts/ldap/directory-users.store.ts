import type { Db } from '../../storage/database.ts';
import type { UserRow } from '../../storage/schema.ts';

/** SQL of accounts that are linked to another service, many at a time. */

/** Users with an identity of the service, in the order of their ids there, beyond `after`. */
export function pageOfLinkedUsers(
  db: Db,
  service: string,
  { after, limit }: { after: string; limit: number },
): Promise<UserRow[]> {
  return db
    .selectFrom('external_identities')
    .innerJoin('users', 'users.id', 'external_identities.uid')
    .selectAll('users')
    .where('external_identities.service', '=', service)
    .where('external_identities.service_uid', '>', after)
    .orderBy('external_identities.service_uid')
    .limit(limit)
    .execute();
}

/** Statements take at most some thousand parameters. */
const CHUNK = 500;

/** Those of these ids at the service that somebody is linked by. */
export async function linkedIds(db: Db, service: string, ids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let start = 0; start < ids.length; start += CHUNK) {
    const rows = await db
      .selectFrom('external_identities')
      .select('service_uid')
      .where('service', '=', service)
      .where('service_uid', 'in', ids.slice(start, start + CHUNK))
      .execute();
    for (const row of rows) found.add(row.service_uid);
  }
  return found;
}
