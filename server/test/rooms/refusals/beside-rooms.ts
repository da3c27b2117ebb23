import {
  coded,
  invalid,
  NOT_AUTHORIZED,
  NOT_LOGGED_IN,
  plain,
  requires,
  UNKNOWN_MEMBER,
} from '../../accounts/refusals/refusal.ts';
import type { Row } from './row.ts';

const DISCUSS = 'POST rooms.createDiscussion';
const NOT_STARTING = coded('error-action-not-allowed', 'You are not allowed to create a discussion', {
  method: 'createDiscussion',
});
const discussion = (code: string, reason: string) => coded(code, reason, { method: 'DiscussionCreation' });
const here = { prid: '$channel', t_name: 'new' };

/** Spec 11 §7, in the order of the checks. */
export const DISCUSSIONS: Row[] = [
  ['nobody', DISCUSS, {}, NOT_LOGGED_IN],
  ['alice', DISCUSS, {}, requires('prid', 't_name')],
  ['alice', DISCUSS, { prid: '$channel' }, requires('t_name')],
  ['alice', DISCUSS, { ...here, x: 1 }, UNKNOWN_MEMBER],
  ['alice', DISCUSS, { ...here, users: { a: 1 } }, invalid('must be array')],
  ['alice', DISCUSS, { ...here, encrypted: 'x' }, invalid('must be boolean')],
  ['alice', DISCUSS, { ...here, pmid: 'x' }, NOT_STARTING, { settings: { Discussion_enabled: false } }],
  [
    'alice',
    DISCUSS,
    { ...here, pmid: 'x' },
    NOT_STARTING,
    { permissions: { 'start-discussion': [], 'start-discussion-other-user': [] } },
  ],
  [
    'carol',
    DISCUSS,
    { prid: 'nowhere', t_name: 'new', pmid: 'x' },
    discussion('error-invalid-message', 'Invalid message'),
  ],
  [
    'carol',
    DISCUSS,
    { prid: 'nowhere', t_name: 'new', pmid: '$message' },
    discussion('error-invalid-arguments', 'Root message room ID does not match parent room ID '),
  ],
  [
    'alice',
    DISCUSS,
    { ...here, pmid: '$groupMessage' },
    discussion('error-invalid-arguments', 'Root message room ID does not match parent room ID '),
  ],
  ['alice', DISCUSS, { prid: 'nowhere', t_name: 'new' }, discussion('error-invalid-room', 'Invalid room')],
  [
    'alice',
    DISCUSS,
    { prid: '$talk', t_name: 'new' },
    discussion('error-nested-discussion', 'Cannot create nested discussions'),
  ],
  [
    'alice',
    DISCUSS,
    { prid: '$talk', t_name: 'new', encrypted: true, reply: 'x' },
    discussion('error-nested-discussion', 'Cannot create nested discussions'),
  ],
  [
    'alice',
    DISCUSS,
    { ...here, encrypted: true, reply: 'x' },
    discussion('error-invalid-arguments', 'Encrypted discussions must not receive an initial reply.'),
  ],
];

const VERIFY = plain('Please verify the parameters');
const _dates = (name: string) => ({ [name]: 'yesterday' });

/** Spec 11 §9. */
export const SEARCHING: Row[] = [
  ['nobody', 'GET spotlight', {}, requires('query')],
  ['alice', 'GET spotlight', { query: 'x', y: 1 }, UNKNOWN_MEMBER],
  ['nobody', 'GET directory', {}, NOT_LOGGED_IN],
  ['alice', 'GET directory', { x: 1 }, UNKNOWN_MEMBER],
  [
    'alice',
    'GET directory',
    { sort: '{"name":1,"createdAt":1}', type: 'x' },
    plain('This method support only one "sort" parameter'),
  ],
  ['alice', 'GET directory', { type: 'x' }, VERIFY],
  ['alice', 'GET directory', { query: '{"type":"x"}' }, VERIFY],
  ...['channels', 'teams', 'users'].map(
    (type): Row => ['alice', 'GET directory', { type, sort: '{"x":1}' }, VERIFY],
  ),
  ['alice', 'GET directory', { type: 'channels', sort: '{"email":1}' }, VERIFY],
  ['alice', 'GET directory', { type: 'users', sort: '{"lastMessage":1}' }, VERIFY],
  ['gus', 'GET directory', {}, VERIFY],
  ['alice', 'GET directory', { type: 'users' }, VERIFY, { permissions: { 'view-outside-room': [] } }],
  ['alice', 'GET directory', { type: 'users' }, VERIFY, { permissions: { 'view-d-room': [] } }],
];

const INVITE = 'POST findOrCreateInvite';
const invite = (field: string) => ({ method: 'findOrCreateInvite', field });
const INVALID_RID = coded('error-invalid-room', 'The rid field is invalid', invite('rid'));
const INVALID_DAYS = coded(
  'invalid-number-of-days',
  'Invite should expire in 1, 7, 15 or 30 days, or send 0 to never expire.',
  invite('days'),
);
const INVALID_USES = coded(
  'invalid-number-of-uses',
  'Invite should be valid for 1, 5, 10, 25, 50, 100 or infinite (0) uses.',
  invite('maxUses'),
);
const use = (code: string, reason: string) =>
  coded(code, reason, { method: 'useInviteToken', field: 'token' });
const always = { days: 0, maxUses: 0 };
const byMail = (error: string) => plain(error);

/** Spec 11 §10. */
export const INVITES: Row[] = [
  ['nobody', INVITE, {}, NOT_LOGGED_IN],
  ['alice', INVITE, {}, requires('rid', 'days', 'maxUses')],
  ['alice', INVITE, { rid: '$channel', ...always, x: 1 }, UNKNOWN_MEMBER],
  ['alice', INVITE, { rid: '$channel', days: 1.5, maxUses: 0 }, invalid('must be integer')],
  ['bob', INVITE, { rid: '$channel', days: 2, maxUses: 2 }, NOT_AUTHORIZED],
  ['carol', INVITE, { rid: 'nowhere', ...always }, NOT_AUTHORIZED],
  ['alice', INVITE, { rid: '$direct', ...always }, NOT_AUTHORIZED],
  ['admin', INVITE, { rid: 'nowhere', days: 2, maxUses: 2 }, INVALID_RID],
  ['admin', INVITE, { rid: '$channel', ...always }, INVALID_RID],
  [
    'alice',
    INVITE,
    { rid: '$direct', days: 2, maxUses: 2 },
    coded('error-room-type-not-allowed', 'Cannot create invite links for this room type', invite('rid')),
    { permissions: { 'create-invite-links': ['user'] } },
  ],
  ['alice', INVITE, { rid: '$channel', days: 2, maxUses: 2 }, INVALID_DAYS],
  ['alice', INVITE, { rid: '$channel', days: -1, maxUses: 0 }, INVALID_DAYS],
  ['mia', INVITE, { rid: '$channel', days: 0, maxUses: 2 }, INVALID_USES],
  ['nobody', 'GET listInvites', {}, NOT_LOGGED_IN],
  ['alice', 'GET listInvites', {}, NOT_AUTHORIZED],
  ['nobody', 'DELETE removeInvite/$invite', {}, NOT_LOGGED_IN],
  ['alice', 'DELETE removeInvite/$invite', {}, NOT_AUTHORIZED],
  ['alice', 'DELETE removeInvite/x', {}, NOT_AUTHORIZED],
  [
    'admin',
    'DELETE removeInvite/x',
    {},
    coded('invalid-invitation-id', 'Invalid Invitation _id', { method: 'removeInvite' }),
  ],
  ['nobody', 'POST useInviteToken', { token: '$invite' }, NOT_LOGGED_IN],
  ['carol', 'POST useInviteToken', {}, requires('token')],
  [
    'carol',
    'POST useInviteToken',
    { token: 'x' },
    use('error-invalid-token', 'The invite token is invalid.'),
  ],
  ['carol', 'POST useInviteToken', { token: '' }, use('error-invalid-token', 'The invite token is invalid.')],
  [
    'carol',
    'POST useInviteToken',
    { token: '$expired' },
    use('error-invite-expired', 'The invite token has expired.'),
  ],
  [
    'carol',
    'POST useInviteToken',
    { token: '$usedUp' },
    use('error-invite-expired', 'The invite token has expired.'),
  ],
  [
    'ben',
    'POST useInviteToken',
    { token: '$invite' },
    coded('error-user-is-banned', 'User is banned from this room'),
  ],
  ['nobody', 'POST validateInviteToken', {}, requires('token')],
  ['nobody', 'POST validateInviteToken', { token: 'x', y: 1 }, UNKNOWN_MEMBER],
  ['nobody', 'POST sendInvitationEmail', {}, NOT_LOGGED_IN],
  ['admin', 'POST sendInvitationEmail', {}, requires('emails')],
  ['admin', 'POST sendInvitationEmail', { emails: [] }, invalid('must NOT have fewer than 1 items')],
  [
    'alice',
    'POST sendInvitationEmail',
    { emails: ['a@example.org'] },
    byMail('Not allowed [error-not-allowed]'),
  ],
  ['alice', 'POST sendInvitationEmail', { emails: ['x'] }, byMail('Not allowed [error-not-allowed]')],
  [
    'admin',
    'POST sendInvitationEmail',
    { emails: ['x'] },
    byMail('No valid email addresses [error-email-send-failed]'),
  ],
];
