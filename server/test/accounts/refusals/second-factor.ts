import { sha256hex } from '../../../src/kernel/ids.ts';
import {
  type Call,
  coded,
  type Given,
  NO_PERMISSION,
  NO_SUCH_USER,
  type Refused,
  type Row,
  requires,
} from './refusal.ts';

/** Nobody needs a second factor who just gave one, or whose account is new: here nothing is remembered. */
const FORGETFUL = { Accounts_TwoFactorAuthentication_RememberFor: 0 };
const details = { method: 'password', codeGenerated: false, availableMethods: [] };
const ASKED = coded('totp-required', 'TOTP Required', details);
const WRONG = coded('totp-invalid', 'TOTP Invalid', details);
const wrongly = (code: string): Given => ({
  settings: FORGETFUL,
  headers: { 'x-2fa-code': code, 'x-2fa-method': 'password' },
});

const proven = (user: string): Given => ({
  headers: { 'x-2fa-code': sha256hex(`${user}-password`), 'x-2fa-method': 'password' },
});

/** The endpoints that ask for it (spec 20, "Where it is asked"; 23 `presence.enableBroadcast`). */
const GUARDED: Call[] = [
  ['admin', 'POST users.update', { userId: '$alice', data: { name: 'x' } }],
  ['alice', 'POST users.updateOwnBasicInfo', { data: { email: 'other@example.org' } }],
  ['alice', 'POST users.updateOwnBasicInfo', { data: { newPassword: 'other' } }],
  ['alice', 'POST users.generatePersonalAccessToken', { tokenName: 'x' }],
  ['alice', 'POST users.regeneratePersonalAccessToken', { tokenName: 'taken' }],
  ['alice', 'POST users.removePersonalAccessToken', { tokenName: 'taken' }],
  ['alice', 'POST users.2fa.disableEmail', {}],
  ['alice', 'POST users.resetE2EKey', {}],
  ['alice', 'POST users.resetTOTP', {}],
  ['admin', 'POST settings', { settings: [{ _id: 'Site_Name', value: 'x' }] }],
  ['admin', 'POST settings/Site_Name', { value: 'x' }],
  ['admin', 'POST settings.addCustomOAuth', { name: 'x' }],
  ['admin', 'GET sessions/list.all', {}],
  ['admin', 'GET sessions/info.admin', { sessionId: '$session' }],
  ['admin', 'POST sessions/logout', { sessionId: '$session' }],
  ['admin', 'POST ldap.syncNow', {}],
  ['admin', 'POST presence.enableBroadcast', {}],
];

/** What is asked for behind permissions and parameters, and before the action looks at what it is asked to do. */
const IN_ORDER: [...Call, Refused][] = [
  ['alice', 'GET sessions/list.all', {}, NO_PERMISSION],
  ['alice', 'POST sessions/logout', { sessionId: '$session' }, NO_PERMISSION],
  ['alice', 'POST settings/Site_Name', { value: 'x' }, NO_PERMISSION],
  ['alice', 'POST presence.enableBroadcast', {}, NO_PERMISSION],
  ['admin', 'POST users.update', {}, requires('userId', 'data')],
  ['admin', 'POST settings', {}, requires('settings')],
  ['admin', 'GET sessions/info.admin', {}, requires('sessionId')],
  ['admin', 'POST users.update', { userId: 'x', data: {} }, ASKED],
  ['alice', 'POST users.generatePersonalAccessToken', {}, ASKED],
  ['admin', 'POST sessions/logout', { sessionId: 'x' }, ASKED],
  ['admin', 'POST settings/x', { value: 'x' }, ASKED],
];

export const FACTOR_REFUSALS: Row[] = [
  ...GUARDED.flatMap((call): Row[] => [
    [...call, ASKED, { settings: FORGETFUL }],
    [...call, WRONG, wrongly(sha256hex('x'))],
  ]),
  ...IN_ORDER.map((row): Row => [...row, { settings: FORGETFUL }]),
  // Asked for each time, even of somebody whose account is new.
  ['alice', 'POST users.2fa.disableEmail', {}, ASKED],
  ['alice', 'POST users.resetE2EKey', {}, ASKED],
  ['alice', 'POST users.resetTOTP', {}, ASKED],
  // An own password and address are guarded where nothing else is.
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { newPassword: 'other' } },
    ASKED,
    { settings: { ...FORGETFUL, Accounts_TwoFactorAuthentication_Enforce_Password_Fallback: false } },
  ],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { newPassword: 'other', currentPassword: sha256hex('x') } },
    WRONG,
    { settings: FORGETFUL },
  ],
  [
    'bob',
    'POST users.resetTOTP',
    { username: 'alice' },
    coded('error-not-allowed', 'Not allowed', { method: 'resetTOTP' }),
    proven('bob'),
  ],
  [
    'bob',
    'POST users.resetE2EKey',
    { username: 'alice' },
    coded('error-not-allowed', 'Not allowed', { method: 'resetE2EKey' }),
    proven('bob'),
  ],
  ['admin', 'POST users.resetTOTP', { username: 'x' }, NO_SUCH_USER, proven('root')],
  ['admin', 'POST users.resetE2EKey', { username: 'x' }, NO_SUCH_USER, proven('root')],
  [
    'alice',
    'POST users.resetTOTP',
    { username: 'bob' },
    coded('error-two-factor-not-enabled', 'Two factor authentication is not enabled', {
      method: 'resetTOTP',
    }),
    { settings: { Accounts_TwoFactorAuthentication_Enabled: false } },
  ],
];
