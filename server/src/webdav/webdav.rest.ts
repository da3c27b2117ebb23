import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { strict } from '../rest/schemas.ts';
import { myWebdavAccounts, removeWebdavAccount } from './accounts.ts';
import { presentWebdavAccount } from './present-webdav-account.ts';

const account = strict({
  _id: Type.String(),
  server_url: Type.String(),
  username: Type.String(),
  name: Type.String(),
});

export const webdavEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'webdav.getMyAccounts',
    summary: 'The WebDAV accounts of the caller.',
    auth: 'user',
    query: strict({}),
    response: strict({ accounts: Type.Array(account) }),
    async handler(ctx, { caller }) {
      return { accounts: (await myWebdavAccounts(ctx, caller)).map(presentWebdavAccount) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'webdav.removeWebdavAccount',
    summary: 'Forgets one of the own WebDAV accounts.',
    auth: 'user',
    body: strict({ accountId: Type.String() }),
    async handler(ctx, { caller, body }) {
      await removeWebdavAccount(ctx, caller, body.accountId);
      return {};
    },
  }),
];
