import type { Selectable } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of the programs that log people in through this workspace: some dozens at most. */

export type OAuthAppRow = Selectable<Schema['oauth_apps']>;

export const allApps = (db: Db): Promise<OAuthAppRow[]> =>
  db.selectFrom('oauth_apps').selectAll().orderBy('name').orderBy('id').execute();

export const findApp = (
  db: Db,
  by: { id: string } | { clientId: string },
): Promise<OAuthAppRow | undefined> => {
  const apps = db.selectFrom('oauth_apps').selectAll();
  return ('id' in by ? apps.where('id', '=', by.id) : apps.where('client_id', '=', by.clientId))
    .limit(1)
    .executeTakeFirst();
};

export async function saveApp(tx: Tx, row: OAuthAppRow): Promise<void> {
  const { id: _id, ...changes } = row;
  await tx
    .insertInto('oauth_apps')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
}

export async function deleteApp(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('oauth_apps').where('id', '=', id).execute();
}
