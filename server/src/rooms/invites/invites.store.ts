import type { Db, Tx } from '../../storage/database.ts';
import type { Schema } from '../../storage/schema.ts';

/** SQL of invite links. */

export type InviteRow = Schema['invites'];

export function inviteById(db: Db, id: string): Promise<InviteRow | undefined> {
  return db.selectFrom('invites').selectAll().where('id', '=', id).executeTakeFirst();
}

/** An invite of the same kind that can still be used: created again, it is this one. */
export function usableInvite(
  db: Db,
  { rid, uid, days, max_uses }: Pick<InviteRow, 'rid' | 'uid' | 'days' | 'max_uses'>,
  now: number,
): Promise<InviteRow | undefined> {
  return db
    .selectFrom('invites')
    .selectAll()
    .where('rid', '=', rid)
    .where('uid', '=', uid)
    .where('days', '=', days)
    .where('max_uses', '=', max_uses)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .where((eb) => eb.or([eb('max_uses', '=', 0), eb('uses', '<', eb.ref('max_uses'))]))
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
}

const MAX_LISTED = 10_000;

export function allInvites(db: Db): Promise<InviteRow[]> {
  return db.selectFrom('invites').selectAll().orderBy('created_at').limit(MAX_LISTED).execute();
}

export async function insertInvite(tx: Tx, invite: InviteRow): Promise<void> {
  await tx.insertInto('invites').values(invite).execute();
}

/** Counts one use, unless there is none left or the time is over; undefined then. Two at once get the last use once. */
export function countUse(tx: Tx, id: string, now: number): Promise<InviteRow | undefined> {
  return tx
    .updateTable('invites')
    .set((eb) => ({ uses: eb('uses', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .where((eb) => eb.or([eb('max_uses', '=', 0), eb('uses', '<', eb.ref('max_uses'))]))
    .returningAll()
    .executeTakeFirst();
}

/** False when there was none. */
export async function deleteInvite(tx: Tx, id: string): Promise<boolean> {
  const deleted = await tx.deleteFrom('invites').where('id', '=', id).executeTakeFirst();
  return Number(deleted.numDeletedRows) > 0;
}

export async function deleteInvitesOfRoom(tx: Tx, rid: string): Promise<void> {
  await tx.deleteFrom('invites').where('rid', '=', rid).execute();
}

export async function deleteInvitesOfUser(tx: Tx, uid: string): Promise<void> {
  await tx.deleteFrom('invites').where('uid', '=', uid).execute();
  await tx.deleteFrom('pending_invites').where('uid', '=', uid).execute();
}

/** Remembers the invite that somebody without a username used last. */
export async function rememberInvite(tx: Tx, uid: string, inviteId: string): Promise<void> {
  await tx
    .insertInto('pending_invites')
    .values({ uid, invite_id: inviteId })
    .onConflict((conflict) => conflict.column('uid').doUpdateSet({ invite_id: inviteId }))
    .execute();
}

/** Takes what was remembered. */
export async function takeRememberedInvite(tx: Tx, uid: string): Promise<string | undefined> {
  const row = await tx
    .deleteFrom('pending_invites')
    .where('uid', '=', uid)
    .returning('invite_id')
    .executeTakeFirst();
  return row?.invite_id;
}
