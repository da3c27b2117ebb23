import type { Endpoint } from '../rest/endpoint.ts';
import type { AccountDeps } from './account-deps.ts';
import { accountMailEndpoints } from './account-mails.rest.ts';
import { customStatusEndpoints } from './custom-statuses.rest.ts';
import { deviceEndpoints } from './devices.rest.ts';
import { e2eKeyEndpoints } from './e2e-keys.rest.ts';
import { ldapEndpoints } from './ldap/ldap.rest.ts';
import { loginEndpoints } from './login.rest.ts';
import { loginServiceEndpoints } from './login-services/login-services.rest.ts';
import { pendingLoginEndpoints } from './login-services/pending-logins.rest.ts';
import { presenceEndpoints } from './presence.rest.ts';
import { profileEndpoints } from './profile.rest.ts';
import { samlEndpoints } from './saml/parse-metadata.rest.ts';
import { tokensEndpoints } from './tokens.rest.ts';
import { twoFactorEndpoints } from './two-factor.rest.ts';
import { userListEndpoints } from './user-lists.rest.ts';
import { usersEndpoints } from './users.rest.ts';

/** Every REST endpoint of people, login, tokens and presence (spec 20, 21). */
export function accountEndpoints({ rooms, presence }: AccountDeps): Endpoint[] {
  return [
    ...loginEndpoints(rooms),
    ...loginServiceEndpoints,
    ...pendingLoginEndpoints(rooms),
    ...tokensEndpoints,
    ...twoFactorEndpoints,
    ...deviceEndpoints,
    ...e2eKeyEndpoints(rooms),
    ...accountMailEndpoints,
    ...ldapEndpoints,
    ...samlEndpoints,
    ...usersEndpoints(rooms),
    ...profileEndpoints(rooms),
    ...userListEndpoints,
    ...presenceEndpoints(presence),
    ...customStatusEndpoints,
  ];
}
