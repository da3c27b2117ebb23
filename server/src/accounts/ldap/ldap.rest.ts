import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../../rest/endpoint.ts';
import { strict } from '../../rest/schemas.ts';
import { syncNow } from './ldap.jobs.ts';
import { tryDirectory, trySearch } from './try-directory.ts';

const message = Type.Object({ message: Type.String() });

/** The LDAP directory, for administrators (spec 23, "Administration"). */
export const ldapEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'ldap.testConnection',
    summary: 'Whether the directory of the settings can be reached.',
    auth: 'user',
    response: message,
    async handler(ctx, { caller }) {
      await tryDirectory(ctx, caller);
      return { message: 'LDAP_Connection_successful' };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'ldap.testSearch',
    summary: 'Whether the directory knows somebody who logs in by this name.',
    auth: 'user',
    body: strict({ username: Type.String({ minLength: 1, maxLength: 320 }) }),
    response: message,
    async handler(ctx, { caller, body }) {
      await trySearch(ctx, caller, body.username);
      return { message: 'LDAP_User_Found' };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'ldap.syncNow',
    summary: 'Brings the accounts and the directory together, some time after the answer.',
    auth: 'user',
    twoFactor: 'remembered',
    partly: 'Accounts with names, addresses, states and pictures; no roles, channels and teams.',
    response: message,
    async handler(ctx, { caller }) {
      await syncNow(ctx, caller);
      return { message: 'Sync_in_progress' };
    },
  }),
];
