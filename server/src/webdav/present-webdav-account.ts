import type { WebdavAccount } from './webdav-account.ts';

/** The account as its owner sees it (`webdav.getMyAccounts`). */
export interface PresentedAccount {
  _id: string;
  server_url: string;
  username: string;
  name: string;
}

/** Names its members one by one: the password is none of them. */
export const presentWebdavAccount = ({ id, serverUrl, username, name }: WebdavAccount): PresentedAccount => ({
  _id: id,
  server_url: serverUrl,
  username,
  name,
});
