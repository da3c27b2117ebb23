import type { Db } from '../storage/database.ts';
import { jsonText } from '../storage/json.ts';

/** Members without the key of their encrypted room who have a public key, at most `limit`. */
export async function membersWaitingForKey(
  db: Db,
  rid: string,
  limit: number,
): Promise<{ uid: string; publicKey: string }[]> {
  const rows = await db
    .selectFrom('subscriptions as s')
    .innerJoin('e2e_keys as k', 'k.uid', 's.uid')
    .select(['s.uid', 'k.public_key'])
    .where('s.rid', '=', rid)
    .where('s.status', 'is', null)
    .where((eb) => eb(jsonText(eb.ref('s.doc'), 'E2EKey'), 'is', null))
    .orderBy('s.uid')
    .limit(limit)
    .execute();
  return rows.map(({ uid, public_key: publicKey }) => ({ uid, publicKey }));
}
