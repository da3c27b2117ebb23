import { sha256hex } from '../../../src/kernel/ids.ts';
import { DOT } from './prepared.ts';
import {
  BLOCKED,
  coded,
  FORBIDDEN,
  invalid,
  NO_SUCH_USER,
  NO_USER_NAMED,
  plain,
  type Row,
  refusedAction,
  requires,
  taken,
  UNKNOWN_MEMBER,
  under,
} from './refusal.ts';

const CHECKED = { method: 'checkUsernameAvailability' };

const status = (code: string, reason: string) => coded(code, reason, { method: 'users.setStatus' });
const profile = (code: string, reason: string) => coded(code, reason, { method: 'saveUserProfile' });
const NO_IDENTITY = profile('error-could-not-save-identity', 'Could not save user identity');
const noPicture = coded('error-not-allowed', 'Change avatar is not allowed', { method: 'users.setAvatar' });
const currentPassword = sha256hex('alice-password');
const DATE = invalid('must match format "date-time"');
const NO_WISH = plain('Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation');
const picture = { field: 'image', name: 'a.png', type: 'image/png', bytes: DOT };

/** What settings let nobody change of the own profile. */
const SWITCHED_OFF = [
  ['UsernameChange', 'username', { username: 'x' }],
  ['UserStatusMessageChange', 'user status', { statusText: 'x' }],
  ['RealNameChange', 'user real name', { name: 'x' }],
  ['EmailChange', 'user email', { email: 'x@example.org' }],
  ['PasswordChange', 'user password', { newPassword: 'x' }],
] as const;

/** Of spec 21: the own profile, status, picture and preferences. */
export const PROFILE_REFUSALS: Row[] = [
  ['alice', 'POST users.updateOwnBasicInfo', { data: { x: 1 } }, UNKNOWN_MEMBER],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { name: '<' } },
    plain('Name contains invalid characters'),
  ],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { bio: 'x'.repeat(261) } },
    profile('error-bio-size-exceeded', 'Bio size exceeds 260 characters'),
  ],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { nickname: 'x'.repeat(121) } },
    profile('error-nickname-size-exceeded', 'Nickname size exceeds 120 characters'),
  ],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { username: 'root' } },
    profile('error-could-not-save-identity', 'Could not save user identity'),
  ],
  ...['all', 'a b', 'crew', 'BOB'].map(
    (username): Row => ['alice', 'POST users.updateOwnBasicInfo', { data: { username } }, NO_IDENTITY],
  ),
  ['alice', 'POST users.updateOwnBasicInfo', {}, requires('data')],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { statusType: 'x' } },
    invalid('must be equal to one of the allowed values'),
  ],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { email: 'BOB@example.com', currentPassword } },
    taken('BOB@example.com'),
  ],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { newPassword: 'alice-password', currentPassword } },
    profile('error-password-same-as-current', 'Entered password same as current password'),
  ],
  [
    'alice',
    'POST users.updateOwnBasicInfo',
    { data: { name: '<' } },
    profile('error-not-allowed', 'Not allowed'),
    under('Accounts_AllowUserProfileChange', false),
  ],
  ...SWITCHED_OFF.map(
    ([setting, what, data]): Row => [
      'alice',
      'POST users.updateOwnBasicInfo',
      { data: { ...data, currentPassword } },
      refusedAction(`Edit ${what} is not allowed`, 'Update_user'),
      under(`Accounts_Allow${setting}`, false),
    ],
  ),
  ['alice', 'POST users.setStatus', {}, NO_WISH],
  ['alice', 'POST users.setStatus', { username: 'x' }, NO_WISH],
  ['alice', 'POST users.setStatus', { message: 'x', username: 'x' }, NO_SUCH_USER],
  ['alice', 'POST users.setStatus', { status: 'busy', expiresAt: 'x' }, DATE],
  [
    'alice',
    'POST users.setStatus',
    { status: 'x' },
    status('error-not-allowed', 'Change status is not allowed'),
    under('Accounts_AllowUserStatusMessageChange', false),
  ],
  [
    'alice',
    'POST users.setStatus',
    { status: 'offline' },
    status('error-status-not-allowed', 'Invisible status is disabled'),
    under('Accounts_AllowInvisibleStatusOption', false),
  ],
  ['alice', 'GET users.getStatus', { username: 'x' }, NO_SUCH_USER],
  ['alice', 'GET users.presence', { from: 'x' }, DATE],
  ['alice', 'POST users.setStatus', { message: 'x', username: 'root' }, FORBIDDEN],
  [
    'alice',
    'POST users.setStatus',
    { status: 'x' },
    status('error-invalid-status', 'Valid status types include online, away, offline, and busy.'),
  ],
  [
    'alice',
    'POST users.setStatus',
    { status: 'busy', expiresAt: '2020-01-01T00:00:00.000Z' },
    status('error-invalid-date', 'expiresAt must be a future date'),
  ],
  ['alice', 'GET users.getStatus', { userId: 'x' }, NO_SUCH_USER],
  ['alice', 'GET users.getPresence', { userId: 'x' }, NO_SUCH_USER],
  ['alice', 'POST users.setAvatar', {}, noPicture, under('Accounts_AllowUserAvatarChange', false)],
  [
    'alice',
    'POST users.setAvatar',
    {},
    plain('Missing Content-Type'),
    { headers: { 'content-type': 'text/plain' } },
  ],
  [
    'alice',
    'FORM users.setAvatar',
    { fields: { username: 'alice' } },
    plain("The 'image' param is required"),
  ],
  ['alice', 'FORM users.setAvatar', { fields: { username: 'root' }, file: picture }, noPicture],
  ['alice', 'FORM users.setAvatar', { fields: { username: 'x' }, file: picture }, NO_SUCH_USER],
  [
    'alice',
    'FORM users.setAvatar',
    { file: { ...picture, bytes: 'text' } },
    coded('error-invalid-image', 'Invalid image'),
  ],
  ['alice', 'POST users.setAvatar', { avatarUrl: 'http://x/y.png', username: 'x' }, NO_SUCH_USER],
  ['alice', 'POST users.setAvatar', {}, plain("The 'image' param is required")],
  ['alice', 'POST users.setAvatar', { avatarUrl: 'http://x/y.png', username: 'root' }, FORBIDDEN],
  [
    'alice',
    'POST users.setAvatar',
    { avatarUrl: 'x' },
    coded('error-avatar-invalid-url', 'Invalid avatar URL: x', { method: 'setAvatar' }),
  ],
  [
    'alice',
    'POST users.setAvatar',
    { avatarUrl: 'http://127.0.0.1:1/x.png' },
    coded(
      'error-avatar-url-handling',
      'Error while handling avatar setting from a URL (http://127.0.0.1:1/x.png) for alice',
      { method: 'setAvatar' },
    ),
  ],
  ['alice', 'POST users.resetAvatar', {}, NO_USER_NAMED],
  [
    'alice',
    'POST users.resetAvatar',
    { username: 'root' },
    coded('error-not-allowed', 'Reset avatar is not allowed', { method: 'users.resetAvatar' }),
  ],
  [
    'alice',
    'POST users.resetAvatar',
    { username: 'alice' },
    coded('error-not-allowed', 'Reset avatar is not allowed', { method: 'users.resetAvatar' }),
    under('Accounts_AllowUserAvatarChange', false),
  ],
  ['alice', 'POST users.resetAvatar', { username: 'x' }, NO_SUCH_USER],
  ['nobody', 'GET users.getAvatar', {}, NO_USER_NAMED],
  ['nobody', 'GET users.getAvatar', { username: 'x' }, NO_SUCH_USER],
  ['alice', 'POST users.setPreferences', {}, requires('data')],
  [
    'admin',
    'POST users.setPreferences',
    { userId: 'x', data: {} },
    coded('error-invalid-user', 'The optional "userId" param provided does not match any users', {
      method: 'users.setPreferences',
    }),
  ],
  ['alice', 'POST users.setPreferences', { data: { x: 1 } }, UNKNOWN_MEMBER],
  [
    'alice',
    'POST users.setPreferences',
    { userId: 'rocket.cat', data: {} },
    refusedAction('Editing user is not allowed', 'Editing_user', 'users.setPreferences'),
  ],
  [
    'alice',
    'POST users.setPreferences',
    { data: { idleTimeLimit: 59 } },
    coded('invalid-idle-time-limit-value', 'Invalid idleTimeLimit', { method: 'saveUserPreferences' }),
  ],
  ['alice', 'GET users.checkUsernameAvailability', {}, requires('username')],
  ['alice', 'GET users.checkUsernameAvailability', { username: 'all' }, BLOCKED('all', CHECKED)],
  [
    'alice',
    'GET users.checkUsernameAvailability',
    { username: 'all' },
    BLOCKED('all', CHECKED),
    under('Accounts_AllowUsernameChange', false),
  ],
  [
    'alice',
    'GET users.checkUsernameAvailability',
    { username: 'x' },
    coded('error-not-allowed', 'Not allowed', CHECKED),
    under('Accounts_AllowUsernameChange', false),
  ],
];
