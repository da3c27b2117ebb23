import type { Db, Tx } from '../storage/database.ts';
import type { WebdavAccountRow } from '../storage/schema.ts';
import type { WebdavAccount } from './webdav-account.ts';

/** SQL of WebDAV accounts. */

/** Nobody may have as many. */
const MOST = 100;

export async function webdavAccountsOf(db: Db, uid: string): Promise<WebdavAccount[]> {
  const rows = await db
    .selectFrom('webdav_accounts')
    .selectAll()
    .where('uid', '=', uid)
    .orderBy('created_at')
    .orderBy('id')
    .limit(MOST)
    .execute();
  return rows.map(accountFromRow);
}

export async function webdavAccountById(db: Db, id: string): Promise<WebdavAccount | undefined> {
  const row = await db.selectFrom('webdav_accounts').selectAll().where('id', '=', id).executeTakeFirst();
  return row && accountFromRow(row);
}

export async function insertWebdavAccount(tx: Tx, account: WebdavAccount): Promise<void> {
  const { serverUrl: server_url, createdAt: created_at, ...others } = account;
  await tx
    .insertInto('webdav_accounts')
    .values({ ...others, server_url, created_at })
    .execute();
}

export async function deleteWebdavAccount(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('webdav_accounts').where('id', '=', id).execute();
}

export async function deleteWebdavAccountsOf(tx: Tx, uid: string): Promise<void> {
  await tx.deleteFrom('webdav_accounts').where('uid', '=', uid).execute();
}

const accountFromRow = ({ server_url, created_at, ...others }: WebdavAccountRow): WebdavAccount => ({
  ...others,
  serverUrl: server_url,
  createdAt: created_at,
});
