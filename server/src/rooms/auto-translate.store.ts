import type { Db } from '../storage/database.ts';
import { type Membership, membershipFromRow } from './membership.ts';

/** SQL of memberships whose messages are translated (spec 31 §5). */

/** All of them: room and user. */
export const translatedMembers = (db: Db): Promise<Pick<Membership, 'rid' | 'uid'>[]> =>
  db.selectFrom('subscriptions').select(['rid', 'uid']).where('translate_to', 'is not', null).execute();

/** Into what is translated in the room for others than `uid`, what most want first. */
export async function languagesOfRoom(
  db: Db,
  rid: string,
  { uid, limit }: { uid: string; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('subscriptions')
    .select('translate_to')
    .where('rid', '=', rid)
    .where('translate_to', 'is not', null)
    .where('uid', '!=', uid)
    .where('status', 'is', null)
    .groupBy('translate_to')
    .orderBy((eb) => eb.fn.countAll(), 'desc')
    .orderBy('translate_to')
    .limit(limit)
    .execute();
  return rows.flatMap(({ translate_to }) => translate_to ?? []);
}

/** Members of the room who have switched it on, with what they are called. */
export async function membersWithTranslation(db: Db, rid: string) {
  const rows = await db
    .selectFrom('subscriptions')
    .innerJoin('users', 'users.id', 'subscriptions.uid')
    .selectAll('subscriptions')
    .select(['users.username', 'users.name'])
    .where('subscriptions.rid', '=', rid)
    .where('subscriptions.translate_to', 'is not', null)
    .execute();
  return rows.map((row) => ({
    membership: membershipFromRow(row),
    user: { _id: row.uid, username: row.username, name: row.name },
  }));
}
