import { coded, invalid, NOT_LOGGED_IN, requires, UNKNOWN_MEMBER } from '../../accounts/refusals/refusal.ts';
import type { Given, MethodRow, Row } from './row.ts';

/** Of WebDAV accounts, over REST and over DDP. */

const REMOVE = 'POST webdav.removeWebdavAccount';
const INVALID = coded('error-invalid-account', 'Invalid WebDAV Account', { method: 'removeWebdavAccount' });

export const WEBDAV_REFUSALS: Row[] = [
  ['nobody', 'GET webdav.getMyAccounts', {}, NOT_LOGGED_IN],
  ['alice', 'GET webdav.getMyAccounts', { x: 1 }, UNKNOWN_MEMBER],
  ['nobody', REMOVE, { accountId: '$webdav' }, NOT_LOGGED_IN],
  ['alice', REMOVE, {}, requires('accountId')],
  ['alice', REMOVE, { accountId: { a: 1 } }, invalid('must be string')],
  ['alice', REMOVE, { accountId: '$webdav', x: 1 }, UNKNOWN_MEMBER],
  ['alice', REMOVE, { accountId: 'nothing' }, INVALID],
  ['alice', REMOVE, { accountId: '' }, INVALID],
  // Whether there is one, only its owner learns.
  ['bob', REMOVE, { accountId: '$webdav' }, INVALID],
  ['admin', REMOVE, { accountId: '$webdav' }, INVALID],
];

const error = (code: string, reason: string, method: string) => ({
  error: code,
  reason,
  details: { method },
});
const MATCH_FAILED = { error: 400, reason: 'Match failed' };
const ON: Given = { settings: { Webdav_Integration_Enabled: true } };
const CALLS: [method: string, params: (accountId: string) => unknown[]][] = [
  ['getWebdavFileList', (accountId) => [accountId, '/']],
  ['getFileFromWebdav', (accountId) => [accountId, { filename: '/a' }]],
  ['uploadFileToWebdav', (accountId) => [accountId, { $binary: 'AAAA' }, 'a']],
];
const form = (more: object = {}) => ({
  ...{ serverURL: 'http://127.0.0.1:1/', username: 'alice', password: 'x', name: '' },
  ...more,
});
const add = (code: string, reason: string) => error(code, reason, 'addWebdavAccount');
const NOT_DONE = 'The WebDAV server did not do what it was asked';

export const WEBDAV_METHOD_REFUSALS: MethodRow[] = [
  ['alice', 'addWebdavAccount', [form()], add('error-not-allowed', 'WebDAV Integration Not Allowed')],
  ...CALLS.flatMap(([method, params]): MethodRow[] => {
    const invalidAccount = error('error-invalid-account', 'Invalid WebDAV Account', method);
    return [
      [
        'alice',
        method,
        params('$webdav'),
        error('error-not-allowed', 'WebDAV Integration Not Allowed', method),
      ],
      ['alice', method, [], MATCH_FAILED, ON],
      ['alice', method, params('nothing'), invalidAccount, ON],
      ['bob', method, params('$webdav'), invalidAccount, ON],
      ['alice', method, params('$webdav'), error('could-not-access-webdav', NOT_DONE, method), ON],
    ];
  }),
  ...['serverURL', 'username', 'password', 'name'].flatMap((member): MethodRow[] => [
    ['alice', 'addWebdavAccount', [form({ [member]: 5 })], MATCH_FAILED, ON],
    ['alice', 'addWebdavAccount', [form({ [member]: 'x'.repeat(2049) })], MATCH_FAILED, ON],
  ]),
  ['alice', 'addWebdavAccount', [], MATCH_FAILED, ON],
  [
    'alice',
    'addWebdavAccount',
    [form({ serverURL: 'x' })],
    add('could-not-access-webdav', 'This is no address of a WebDAV server'),
    ON,
  ],
  ['alice', 'addWebdavAccount', [form()], add('duplicated-account', 'There is such an account already'), ON],
  ['bob', 'addWebdavAccount', [form()], add('could-not-access-webdav', NOT_DONE), ON],
  [
    'alice',
    'getWebdavFileList',
    ['$webdav', '/../x'],
    error('error-invalid-path', 'Invalid path', 'getWebdavFileList'),
    ON,
  ],
  ['alice', 'getWebdavFileList', ['$webdav', 5], MATCH_FAILED, ON],
  ['alice', 'getFileFromWebdav', ['$webdav', '/a'], MATCH_FAILED, ON],
  ['alice', 'getFileFromWebdav', ['$webdav', {}], MATCH_FAILED, ON],
  ['alice', 'uploadFileToWebdav', ['$webdav', 'text', 'a'], MATCH_FAILED, ON],
  ['alice', 'uploadFileToWebdav', ['$webdav', { $binary: 'AAAA' }], MATCH_FAILED, ON],
];
