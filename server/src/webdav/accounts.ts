import { loadUser } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Db } from '../storage/database.ts';
import type { CommitHooks } from '../storage/write.ts';
import {
  deleteWebdavAccount,
  deleteWebdavAccountsOf,
  insertWebdavAccount,
  webdavAccountById,
  webdavAccountsOf,
} from './accounts.store.ts';
import { checkAccess } from './ask-server.ts';
import { presentWebdavAccount } from './present-webdav-account.ts';
import { serverUrlOf } from './remote-path.ts';
import './webdav.events.ts';
import type { WebdavAccount } from './webdav-account.ts';

/** What somebody says of an account. */
export interface WebdavAccountInput {
  serverURL: string;
  username: string;
  password: string;
  name: string;
}

const MOST_OF_A_PERSON = 10;
const ADD = 'addWebdavAccount';

/** @throws error-not-allowed while the workspace does without WebDAV */
export function requireWebdav(ctx: Context, method: string): void {
  if (!ctx.settings.bool('Webdav_Integration_Enabled'))
    fail('error-not-allowed', 'WebDAV Integration Not Allowed', { method });
}

/** Also while the workspace does without WebDAV: people see what is kept of them. */
export const myWebdavAccounts = (ctx: Context, caller: Caller): Promise<WebdavAccount[]> =>
  webdavAccountsOf(ctx.db, caller.uid);

/**
 * Keeps what the caller logs in with at a server, once the server has let them in.
 *
 * @throws error-not-allowed, duplicated-account, error-too-many-accounts, error-invalid-credentials, could-not-access-webdav,
 *   error-invalid-user
 */
export async function addWebdavAccount(
  ctx: Context,
  caller: Caller,
  input: WebdavAccountInput,
): Promise<void> {
  requireWebdav(ctx, ADD);
  const { username, password, name } = input;
  const login = { serverUrl: serverUrlOf(input.serverURL, ADD), username, password };
  await requireRoomFor(ctx.db, caller.uid, login);
  await checkAccess(ctx, login, ADD);
  await ctx.write(async (tx, emit) => {
    // The server may have taken its time, in which all of this may have changed.
    if (!(await loadUser(tx, caller.uid))) fail('error-invalid-user', 'Invalid user', { method: ADD });
    await requireRoomFor(tx, caller.uid, login);
    const account = { ...login, id: newId(), uid: caller.uid, name, createdAt: ctx.clock.stamp() };
    await insertWebdavAccount(tx, account);
    emit('webdav.accountChanged', {
      ...{ uid: caller.uid, type: 'changed', account: presentWebdavAccount(account) },
    });
  });
}

async function requireRoomFor(
  db: Db,
  uid: string,
  { serverUrl, username }: Pick<WebdavAccount, 'serverUrl' | 'username'>,
): Promise<void> {
  const accounts = await webdavAccountsOf(db, uid);
  if (accounts.some((known) => known.serverUrl === serverUrl && known.username === username))
    fail('duplicated-account', 'There is such an account already', { method: ADD });
  if (accounts.length >= MOST_OF_A_PERSON)
    fail('error-too-many-accounts', 'There are too many accounts', { method: ADD });
}

/**
 * Also while the workspace does without WebDAV: what is kept of people, they may take back.
 *
 * @throws error-invalid-account
 */
export async function removeWebdavAccount(ctx: Context, caller: Caller, id: string): Promise<void> {
  await ctx.write(async (tx, emit) => {
    await webdavAccountFor(tx, caller, id, 'removeWebdavAccount');
    await deleteWebdavAccount(tx, id);
    emit('webdav.accountChanged', { uid: caller.uid, type: 'removed', account: { _id: id } });
  });
}

/** One of the caller's own accounts. @throws error-invalid-account */
export async function webdavAccountFor(
  db: Db,
  caller: Caller,
  id: string,
  method: string,
): Promise<WebdavAccount> {
  const account = await webdavAccountById(db, id);
  if (account?.uid !== caller.uid) return fail('error-invalid-account', 'Invalid WebDAV Account', { method });
  return account;
}

/** Accounts go with their owner. */
export function endWebdavAccountsWithUsers(hooks: CommitHooks): void {
  hooks.on('user.deleted', ({ uid }, { tx }) => deleteWebdavAccountsOf(tx, uid));
}
