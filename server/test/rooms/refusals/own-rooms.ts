import {
  coded,
  invalid,
  NOT_LOGGED_IN,
  plain,
  type Refused,
  requires,
  UNKNOWN_MEMBER,
} from '../../accounts/refusals/refusal.ts';
import { LAST_OWNER } from './coming-and-going.ts';
import { NO_ALTERNATIVE, notAllowed, type Row } from './row.ts';

const UNREAD = { method: 'unreadMessages', action: 'Unread_messages' };
const NOTHING_UNREAD = coded('error-no-message-for-unread', 'There are no messages to mark unread', UNREAD);
const NOT_UNREAD = coded('error-action-not-allowed', 'Not allowed', UNREAD);
const NO_SUBSCRIPTION = coded('error-subscription-not-found', 'Subscription not found', UNREAD);
const INVALID_SUBSCRIPTION = plain('error-invalid-subscription');

/** Spec 11 §2. */
export const SUBSCRIPTIONS: Row[] = [
  ['nobody', 'GET subscriptions.get', {}, NOT_LOGGED_IN],
  ['alice', 'GET subscriptions.get', { x: 1 }, UNKNOWN_MEMBER],
  ...['yesterday', ''].map(
    (updatedSince): Row => [
      'alice',
      'GET subscriptions.get',
      { updatedSince },
      coded('error-roomId-param-invalid', 'The "lastUpdate" query parameter must be a valid date.'),
    ],
  ),
  ['nobody', 'GET subscriptions.getOne', {}, NOT_LOGGED_IN],
  ['alice', 'GET subscriptions.getOne', { x: 1 }, UNKNOWN_MEMBER],
  ['alice', 'GET subscriptions.getOne', {}, plain("The 'roomId' param is required")],
  ['alice', 'GET subscriptions.getOne', { roomId: '' }, plain("The 'roomId' param is required")],
  ['nobody', 'POST subscriptions.read', {}, NOT_LOGGED_IN],
  ['alice', 'POST subscriptions.read', {}, NO_ALTERNATIVE],
  ['alice', 'POST subscriptions.read', { rid: '$channel', roomId: '$channel' }, NO_ALTERNATIVE],
  ['alice', 'POST subscriptions.read', { rid: '$channel', readThreads: 'x' }, NO_ALTERNATIVE],
  ...['rid', 'roomId'].flatMap((by): Row[] => [
    ['alice', 'POST subscriptions.read', { [by]: 'nowhere' }, INVALID_SUBSCRIPTION],
    ['carol', 'POST subscriptions.read', { [by]: '$channel' }, INVALID_SUBSCRIPTION],
    ['ben', 'POST subscriptions.read', { [by]: '$channel', readThreads: true }, INVALID_SUBSCRIPTION],
  ]),
  ['nobody', 'POST subscriptions.unread', {}, NOT_LOGGED_IN],
  ['alice', 'POST subscriptions.unread', {}, NO_ALTERNATIVE],
  [
    'alice',
    'POST subscriptions.unread',
    { roomId: '$channel', firstUnreadMessage: { _id: '$bobsMessage' } },
    NO_ALTERNATIVE,
  ],
  ['alice', 'POST subscriptions.unread', { firstUnreadMessage: {} }, NO_ALTERNATIVE],
  ['alice', 'POST subscriptions.unread', { roomId: '$locked' }, NOTHING_UNREAD],
  ['alice', 'POST subscriptions.unread', { roomId: 'nowhere' }, NOTHING_UNREAD],
  ['carol', 'POST subscriptions.unread', { roomId: '$channel' }, NOTHING_UNREAD],
  ['alice', 'POST subscriptions.unread', { firstUnreadMessage: { _id: 'x' } }, NOT_UNREAD],
  ['alice', 'POST subscriptions.unread', { firstUnreadMessage: { _id: '$message' } }, NOT_UNREAD],
  ['carol', 'POST subscriptions.unread', { firstUnreadMessage: { _id: '$message' } }, NO_SUBSCRIPTION],
  // Never seen: nothing was read that could be unread again.
  ['mia', 'POST subscriptions.unread', { firstUnreadMessage: { _id: '$message' } }, NO_SUBSCRIPTION],
];

const HERE = { roomId: '$channel' };
const ERASE_NOWHERE = coded('error-invalid-room', 'Invalid room', { method: 'eraseRoom' });
const FAVORITE = coded('error-invalid-subscription', 'You must be part of a room to favorite it', {
  method: 'toggleFavorite',
});
const UNAUTHORIZED = plain('unauthorized', 401);
const HIDDEN = plain('error-room-already-hidden');
const notify = (code: string, reason: string): Refused =>
  coded(code, reason, { method: 'saveNotificationSettings' });
const NO_FIELD = notify('error-invalid-settings', 'Invalid settings field');
const NO_VALUE = notify('error-invalid-settings', 'Invalid settings value');
const NOT_SUBSCRIBED = notify('error-invalid-subscription', 'Invalid subscription');
const NO_INVITATION = plain('Failed to handle invite: There is no invitation to this room');

/** Spec 11 §4: one's own rooms. */
export const OWN_ROOMS: Row[] = [
  ['nobody', 'GET rooms.get', {}, NOT_LOGGED_IN],
  ['alice', 'GET rooms.get', { x: 1 }, UNKNOWN_MEMBER],
  ...['yesterday', ''].map(
    (updatedSince): Row => [
      'alice',
      'GET rooms.get',
      { updatedSince },
      coded('error-updatedSince-param-invalid', 'The "updatedSince" query parameter must be a valid date.'),
    ],
  ),

  ['nobody', 'POST rooms.leave', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.leave', { roomId: '$direct' }, notAllowed('leaveRoom')],
  ['carol', 'POST rooms.leave', { roomId: '$direct' }, notAllowed('leaveRoom')],
  ['gus', 'POST rooms.leave', { roomId: '$group' }, notAllowed('leaveRoom')],
  ['gus', 'POST rooms.leave', HERE, notAllowed('leaveRoom')],
  [
    'carol',
    'POST rooms.leave',
    HERE,
    coded('error-user-not-in-room', 'You are not in this room', { method: 'leaveRoom' }),
  ],
  [
    'carol',
    'POST rooms.leave',
    { roomName: 'group' },
    coded('error-user-not-in-room', 'You are not in this room', { method: 'leaveRoom' }),
  ],
  [
    'ben',
    'POST rooms.leave',
    HERE,
    coded('error-user-not-in-room', 'You are not in this room', { method: 'leaveRoom' }),
  ],
  ['alice', 'POST rooms.leave', HERE, LAST_OWNER('leaveRoom')],
  ['alice', 'POST rooms.leave', { roomName: 'group' }, LAST_OWNER('leaveRoom')],

  ['nobody', 'POST rooms.delete', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.delete', {}, requires('roomId')],
  [
    'alice',
    'POST rooms.delete',
    { roomName: 'channel' },
    invalid("must have required property 'roomId'", 'must NOT have additional properties'),
  ],
  ['alice', 'POST rooms.delete', { roomId: 'nowhere' }, ERASE_NOWHERE],
  ['alice', 'POST rooms.delete', { roomId: '' }, ERASE_NOWHERE],
  // Also before the permission.
  ...(['alice', 'carol'] as const).map(
    (who): Row => [
      who,
      'POST rooms.delete',
      { roomId: '$crewMain' },
      coded('error-cannot-delete-team-channel', 'Cannot delete a team channel', { method: 'eraseRoom' }),
    ],
  ),
  ['bob', 'POST rooms.delete', HERE, notAllowed('eraseRoom')],
  ['mia', 'POST rooms.delete', { roomId: '$group' }, notAllowed('eraseRoom')],
  ['alice', 'POST rooms.delete', { roomId: '$direct' }, notAllowed('eraseRoom')],
  ['bob', 'POST rooms.delete', { roomId: '$deck' }, notAllowed('eraseRoom')],
  ['bob', 'POST rooms.delete', { roomId: '$hold' }, notAllowed('eraseRoom')],

  ['nobody', 'POST rooms.favorite', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.favorite', HERE, NO_ALTERNATIVE],
  ['carol', 'POST rooms.favorite', { ...HERE, favorite: true }, FAVORITE],
  ['carol', 'POST rooms.favorite', { roomName: 'group', favorite: false }, FAVORITE],
  ['ben', 'POST rooms.favorite', { ...HERE, favorite: true }, FAVORITE],

  ['nobody', 'POST rooms.saveNotification', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.saveNotification', {}, requires('roomId', 'notifications')],
  ['alice', 'POST rooms.saveNotification', HERE, requires('notifications')],
  [
    'alice',
    'POST rooms.saveNotification',
    { ...HERE, notifications: {} },
    invalid('must NOT have fewer than 1 properties'),
  ],
  ...['audioNotifications', 'desktopNotificationDuration', 'x'].map(
    (field): Row => [
      'carol',
      'POST rooms.saveNotification',
      { ...HERE, notifications: { [field]: 'all' } },
      NO_FIELD,
    ],
  ),
  ...['desktopNotifications', 'mobilePushNotifications', 'emailNotifications', 'unreadAlert'].map(
    (field): Row => [
      'carol',
      'POST rooms.saveNotification',
      { ...HERE, notifications: { [field]: 'some' } },
      NO_VALUE,
    ],
  ),
  [
    'alice',
    'POST rooms.saveNotification',
    { ...HERE, notifications: { unreadAlert: 'all', x: 'all' } },
    NO_FIELD,
  ],
  [
    'carol',
    'POST rooms.saveNotification',
    { ...HERE, notifications: { unreadAlert: 'all' } },
    NOT_SUBSCRIBED,
  ],
  [
    'alice',
    'POST rooms.saveNotification',
    { roomId: 'nowhere', notifications: { unreadAlert: 'all' } },
    NOT_SUBSCRIBED,
  ],
  ['ben', 'POST rooms.saveNotification', { ...HERE, notifications: { unreadAlert: 'all' } }, NOT_SUBSCRIBED],

  ['nobody', 'POST rooms.open', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.open', {}, requires('roomId')],
  ['nobody', 'POST rooms.hide', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.hide', {}, requires('roomId')],
  ['alice', 'POST rooms.hide', { roomId: 'nowhere' }, UNAUTHORIZED],
  ['carol', 'POST rooms.hide', { roomId: '$group' }, UNAUTHORIZED],
  ['gus', 'POST rooms.hide', HERE, UNAUTHORIZED],
  ['carol', 'POST rooms.hide', HERE, HIDDEN],
  ['alice', 'POST rooms.hide', { roomId: '$oldChannel' }, HIDDEN],

  ['nobody', 'POST rooms.saveDraft', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.saveDraft', {}, requires('rid', 'draft')],
  ['alice', 'POST rooms.saveDraft', { rid: '$channel', draft: '', x: 1 }, UNKNOWN_MEMBER],
  [
    'carol',
    'POST rooms.saveDraft',
    { rid: '$channel', draft: 'x'.repeat(6) },
    plain('error-message-size-exceeded'),
    { settings: { Message_MaxAllowedSize: 5 } },
  ],
  ...(['carol', 'ben'] as const).map(
    (who): Row => [
      who,
      'POST rooms.saveDraft',
      { rid: '$channel', draft: 'x' },
      coded('error-invalid-subscription', 'Invalid subscription'),
    ],
  ),
  [
    'alice',
    'POST rooms.saveDraft',
    { rid: 'nowhere', draft: 'x', tmid: '$message' },
    coded('error-invalid-subscription', 'Invalid subscription'),
  ],

  ['nobody', 'POST rooms.invite', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.invite', { action: 'accept' }, requires('roomId')],
  ['alice', 'POST rooms.invite', { ...HERE }, requires('action')],
  ['carol', 'POST rooms.invite', { ...HERE, action: 'accept' }, NO_INVITATION],
  ['alice', 'POST rooms.invite', { ...HERE, action: 'reject' }, NO_INVITATION],
];
