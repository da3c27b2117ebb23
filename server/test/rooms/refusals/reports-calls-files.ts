import {
  body,
  coded,
  FORBIDDEN,
  invalid,
  NO_PERMISSION,
  NOT_LOGGED_IN,
  plain,
  requires,
  UNKNOWN_MEMBER,
} from '../../accounts/refusals/refusal.ts';
import { bare, forEach, NO_ALTERNATIVE, NOWHERE, type Row } from './row.ts';

const READERS: readonly [name: string, params: object][] = [
  ['reportsByUsers', {}],
  ['userReports', {}],
  ['user.reportedMessages', { userId: '$bob' }],
  ['user.reportsByUserId', { userId: '$bob' }],
  ['reports', { msgId: '$message' }],
  ['reportInfo', { reportId: 'x' }],
];
const NO_REPORTS = plain('no-reports-found');
const RECEIPTS = 'GET chat.getMessageReadReceipts';
const receipts = (code: string, reason: string) => coded(code, reason, { method: 'getReadReceipts' });

/** Spec 11 §12 and §13. */
export const REPORTS_AND_RECEIPTS: Row[] = [
  ...READERS.flatMap(([name, params]): Row[] => [
    ['nobody', `GET moderation.${name}`, params, NOT_LOGGED_IN],
    ['alice', `GET moderation.${name}`, params, NO_PERMISSION],
    ['alice', `GET moderation.${name}`, { x: 1 }, NO_PERMISSION],
    ['admin', `GET moderation.${name}`, { ...params, x: 1 }, UNKNOWN_MEMBER],
    ...Object.keys(params).map((member): Row => ['admin', `GET moderation.${name}`, {}, requires(member)]),
  ]),
  ...forEach(
    ['reportsByUsers', 'userReports'],
    [
      ['admin', 'GET moderation.%', { latest: 'yesterday' }, invalid('must match format "date-time"')],
      ['admin', 'GET moderation.%', { oldest: 'yesterday' }, invalid('must match format "date-time"')],
    ],
  ),
  ['admin', 'GET moderation.reportInfo', { reportId: 'x' }, plain('error-report-not-found')],
  ...forEach(
    ['user.deleteReportedMessages', 'dismissReports', 'dismissUserReports'],
    [
      ['nobody', 'POST moderation.%', { userId: '$bob' }, NOT_LOGGED_IN],
      ['alice', 'POST moderation.%', { userId: '$bob' }, NO_PERMISSION],
      ['alice', 'POST moderation.%', {}, NO_PERMISSION],
    ],
  ),
  ['admin', 'POST moderation.user.deleteReportedMessages', {}, requires('userId')],
  [
    'admin',
    'POST moderation.user.deleteReportedMessages',
    { userId: '$bob' },
    plain('No reported messages found for this user.'),
  ],
  [
    'admin',
    'POST moderation.user.deleteReportedMessages',
    { userId: 'x', reason: 'y' },
    plain('No reported messages found for this user.'),
  ],
  ...forEach(
    ['dismissReports', 'dismissUserReports'],
    [
      ['admin', 'POST moderation.%', {}, NO_ALTERNATIVE],
      ['admin', 'POST moderation.%', { userId: '$bob', msgId: '$message' }, NO_ALTERNATIVE],
      ['admin', 'POST moderation.%', { userId: '$bob' }, NO_REPORTS],
      ['admin', 'POST moderation.%', { userId: 'x' }, NO_REPORTS],
    ],
  ),
  ['admin', 'POST moderation.dismissReports', { msgId: '$message' }, NO_REPORTS],
  ['admin', 'POST moderation.dismissReports', { msgId: 'x' }, NO_REPORTS],
  [
    'admin',
    'POST moderation.dismissUserReports',
    { msgId: '$message' },
    plain('error-user-id-param-not-provided'),
  ],
  ['nobody', 'POST moderation.reportUser', {}, NOT_LOGGED_IN],
  ['alice', 'POST moderation.reportUser', {}, requires('userId', 'description')],
  [
    'alice',
    'POST moderation.reportUser',
    { userId: 'x', description: ' ' },
    invalid('must match format "isNotEmpty"'),
  ],
  [
    'alice',
    'POST moderation.reportUser',
    { userId: 'x', description: 'y' },
    plain('Invalid user id provided.'),
  ],
  ['nobody', RECEIPTS, { messageId: '$message' }, NOT_LOGGED_IN],
  ['alice', RECEIPTS, {}, requires('messageId')],
  ['alice', RECEIPTS, { messageId: 'x' }, receipts('error-invalid-message', 'Invalid message')],
  ['carol', RECEIPTS, { messageId: '$groupMessage' }, receipts('error-invalid-room', 'Invalid room')],
];

const EVENT = { startTime: '2026-11-27T09:00:00.000Z', subject: 'x', description: '' };
const INVALID_EVENT = plain('invalid-calendar-event');
const INVALID_CALL = plain('invalid-params');
const NO_PROVIDER = plain('no-active-video-conf-provider');
const START = 'POST video-conference.start';

/** Spec 11 §14 and §15. */
export const BANNERS_CALENDAR_CALLS: Row[] = [
  ...forEach(
    ['banners', 'banners/x'],
    [
      ['nobody', 'GET %', { platform: 'web' }, NOT_LOGGED_IN],
      ['alice', 'GET %', {}, requires('platform')],
      ['alice', 'GET %', { platform: 'x' }, invalid('must be equal to one of the allowed values')],
      ['alice', 'GET %', { platform: 'web', x: 1 }, UNKNOWN_MEMBER],
    ],
  ),
  ['nobody', 'POST banners.dismiss', {}, NOT_LOGGED_IN],
  ['alice', 'POST banners.dismiss', {}, requires('bannerId')],
  ['alice', 'POST banners.dismiss', { bannerId: '' }, invalid('must NOT have fewer than 1 characters')],
  ['alice', 'POST banners.dismiss', { bannerId: 'x' }, plain('Banner not found')],

  ['nobody', 'POST calendar-events.create', {}, NOT_LOGGED_IN],
  ['alice', 'POST calendar-events.create', {}, requires('startTime', 'subject', 'description')],
  ['alice', 'POST calendar-events.create', { ...EVENT, x: 1 }, UNKNOWN_MEMBER],
  [
    'alice',
    'POST calendar-events.create',
    { ...EVENT, startTime: 'x' },
    invalid('must match format "date-time"'),
  ],
  ['nobody', 'POST calendar-events.import', {}, NOT_LOGGED_IN],
  ['alice', 'POST calendar-events.import', EVENT, requires('externalId')],
  ['nobody', 'GET calendar-events.list', { date: '2026-11-27' }, NOT_LOGGED_IN],
  ['alice', 'GET calendar-events.list', {}, requires('date')],
  ['alice', 'GET calendar-events.list', { date: 'x' }, invalid('must match format "date-time"')],
  ['nobody', 'GET calendar-events.info', { id: '$event' }, NOT_LOGGED_IN],
  ['alice', 'GET calendar-events.info', {}, requires('id')],
  ['alice', 'GET calendar-events.info', { id: 'x' }, body(400, {})],
  ['bob', 'GET calendar-events.info', { id: '$event' }, body(400, {})],
  ['admin', 'GET calendar-events.info', { id: '$event' }, body(400, {})],
  ['nobody', 'POST calendar-events.update', {}, NOT_LOGGED_IN],
  ['alice', 'POST calendar-events.update', EVENT, requires('eventId')],
  ['alice', 'POST calendar-events.update', { ...EVENT, eventId: 'x' }, INVALID_EVENT],
  ['bob', 'POST calendar-events.update', { ...EVENT, eventId: '$event' }, INVALID_EVENT],
  ['nobody', 'POST calendar-events.delete', {}, NOT_LOGGED_IN],
  ['alice', 'POST calendar-events.delete', {}, requires('eventId')],
  ['alice', 'POST calendar-events.delete', { eventId: 'x' }, INVALID_EVENT],
  ['bob', 'POST calendar-events.delete', { eventId: '$event' }, INVALID_EVENT],

  ['nobody', START, {}, NOT_LOGGED_IN],
  ['alice', START, {}, requires('roomId')],
  ['alice', START, { roomId: 'nowhere' }, INVALID_CALL],
  ['carol', START, { roomId: '$group' }, INVALID_CALL],
  ['alice', START, { roomId: '$channel' }, FORBIDDEN, { permissions: { 'call-management': [] } }],
  ['alice', START, { roomId: '$channel' }, NO_PROVIDER],
  ['alice', START, { roomId: '$channel' }, NO_PROVIDER, { settings: { VideoConf_Default_Provider: 'bbb' } }],
  [
    'alice',
    START,
    { roomId: '$channel' },
    plain('video-conf-provider-not-configured'),
    { settings: { VideoConf_Default_Provider: 'jitsi', Jitsi_Domain: '' } },
  ],
  ['alice', 'POST video-conference.join', {}, requires('callId')],
  ['alice', 'POST video-conference.join', { callId: 'x' }, INVALID_CALL],
  ['nobody', 'POST video-conference.join', { callId: 'x' }, NOT_LOGGED_IN],
  [
    'nobody',
    'POST video-conference.join',
    { callId: 'x' },
    INVALID_CALL,
    { settings: { Accounts_AllowAnonymousRead: true } },
  ],
  ['nobody', 'POST video-conference.cancel', {}, NOT_LOGGED_IN],
  ['alice', 'POST video-conference.cancel', {}, requires('callId')],
  ['alice', 'POST video-conference.cancel', { callId: 'x' }, INVALID_CALL],
  ['alice', 'POST video-conference.cancel', { callId: '$call' }, plain('invalid-call')],
  ['carol', 'POST video-conference.cancel', { callId: '$groupCall' }, INVALID_CALL],
  ['carol', 'POST video-conference.cancel', { callId: '$endedCall' }, INVALID_CALL],
  ['bob', 'POST video-conference.cancel', { callId: '$endedCall' }, plain('invalid-call-status')],
  ['carol', 'POST video-conference.join', { callId: '$groupCall' }, INVALID_CALL],
  ['carol', 'GET video-conference.info', { callId: '$groupCall' }, INVALID_CALL],
  ['nobody', 'GET video-conference.info', {}, NOT_LOGGED_IN],
  ['alice', 'GET video-conference.info', {}, requires('callId')],
  ['alice', 'GET video-conference.info', { callId: 'x' }, INVALID_CALL],
  ['nobody', 'GET video-conference.list', {}, NOT_LOGGED_IN],
  ['alice', 'GET video-conference.list', {}, requires('roomId')],
  ['alice', 'GET video-conference.list', { roomId: 'nowhere' }, INVALID_CALL],
  ['carol', 'GET video-conference.list', { roomId: '$group' }, INVALID_CALL],
  ['nobody', 'POST video-conference/jitsi.update-timeout', {}, NOT_LOGGED_IN],
  ['alice', 'POST video-conference/jitsi.update-timeout', {}, requires('roomId')],
  ['alice', 'POST video-conference/jitsi.update-timeout', { roomId: 'nowhere' }, INVALID_CALL],
  ['carol', 'POST video-conference/jitsi.update-timeout', { roomId: '$group' }, INVALID_CALL],
  ['nobody', 'GET video-conference.capabilities', {}, NOT_LOGGED_IN],
  ['alice', 'GET video-conference.capabilities', {}, NO_PROVIDER],
  ['nobody', 'GET video-conference.providers', {}, NOT_LOGGED_IN],
];

/** Spec 11 §5: files that are sent already, and calls without one; uploads are in the test. */
export const FILES: Row[] = [
  ['nobody', 'POST rooms.media/$channel', {}, NOT_LOGGED_IN],
  ['nobody', 'POST rooms.upload/$channel', {}, NOT_LOGGED_IN],
  ...forEach(
    ['media', 'upload'],
    [
      ['alice', 'POST rooms.%/nowhere', {}, FORBIDDEN],
      ['carol', 'POST rooms.%/$group', {}, FORBIDDEN],
      ['alice', 'POST rooms.%/$channel', {}, coded('error-no-file', 'No file uploaded')],
    ],
  ),
  ['nobody', 'POST rooms.mediaConfirm/$channel/$unsentFile', {}, NOT_LOGGED_IN],
  ['alice', 'POST rooms.mediaConfirm/nowhere/$unsentFile', {}, FORBIDDEN],
  ['carol', 'POST rooms.mediaConfirm/$group/$unsentFile', {}, FORBIDDEN],
  ['alice', 'POST rooms.mediaConfirm/$channel/x', {}, bare('invalid-file')],
  // Of another room, of somebody else, and one that was sent before.
  ['alice', 'POST rooms.mediaConfirm/$empty/$unsentFile', {}, bare('invalid-file')],
  ['bob', 'POST rooms.mediaConfirm/$channel/$unsentFile', {}, bare('invalid-file')],
  ['alice', 'POST rooms.mediaConfirm/$channel/$file', { msg: 'something else' }, bare('invalid-file')],
  [
    'alice',
    'POST rooms.mediaConfirm/$channel/x',
    { description: 'xxxxxx' },
    bare('invalid-file'),
    { settings: { Message_MaxAllowedSize: 5 } },
  ],
  [
    'alice',
    'POST rooms.mediaConfirm/$channel/$unsentFile',
    { description: 'xxxxxx' },
    coded('error-message-size-exceeded', 'Message size exceeds Message_MaxAllowedSize', {
      method: 'sendFileMessage',
    }),
    { settings: { Message_MaxAllowedSize: 5 } },
  ],
  ['alice', 'POST rooms.mediaConfirm/$channel/$unsentFile', { alias: 'x' }, plain('Not enough permission')],
  ['nobody', 'POST uploads.delete', {}, NOT_LOGGED_IN],
  ['alice', 'POST uploads.delete', {}, requires('fileId')],
  ['alice', 'POST uploads.delete', { fileId: 'x' }, NOWHERE],
  ['bob', 'POST uploads.delete', { fileId: '$file' }, plain('forbidden', 403)],
  ['bob', 'POST uploads.delete', { fileId: '$unsentFile' }, plain('forbidden', 403)],
];
