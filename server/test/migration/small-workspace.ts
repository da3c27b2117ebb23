import { createHash } from 'node:crypto';
import { hashSync } from '@node-rs/bcrypt';
import { Long, ObjectId } from 'bson';
import { type Collections, gridFs } from '../support/mongo-dump.ts';

/** A small Rocket.Chat workspace as its database holds it, with what ten years have left in such databases. */

const sha256 = (text: string, encoding: 'hex' | 'base64') =>
  createHash('sha256').update(text).digest(encoding);
export const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 10, minute));

export const PASSWORD = 'ada-password';
export const SESSION = 'a-session-token-of-ada';
export const PERSONAL = 'a-personal-token-of-the-bot';
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
export const REPORT = Buffer.from('the report of the year, in several chunks');

const ref = (username: string, name = username) => ({ _id: `${username}Id`, username, name });
const ada = ref('ada', 'Ada Lovelace');
const bob = ref('bob', 'Bob');
const gone = ref('gone', 'Somebody Who Left');

const users = [
  {
    _id: 'rocket.cat',
    username: 'rocket.cat',
    name: 'Rocket.Cat',
    type: 'bot',
    active: true,
    roles: ['bot'],
  },
  {
    ...ada,
    createdAt: at(0),
    _updatedAt: at(1),
    emails: [{ address: 'Ada@example.org', verified: true }],
    roles: ['admin', 'user', 'gardenerId'],
    type: 'user',
    active: true,
    status: 'online',
    statusDefault: 'busy',
    statusText: 'computing',
    utcOffset: 1,
    bio: 'First of all',
    avatarETag: 'adaTag',
    customFields: { team: 'engine' },
    settings: { preferences: { enableAutoAway: false } },
    __rooms: ['GENERAL'],
    e2e: { public_key: 'public', private_key: 'private' },
    services: {
      password: { bcrypt: hashSync(sha256(PASSWORD, 'hex'), { cost: 4 }) },
      passwordHistory: [hashSync(sha256('an-older-one', 'hex'), { cost: 4 })],
      resume: { loginTokens: [{ hashedToken: sha256(SESSION, 'base64'), when: new Date() }] },
      github: { id: 4711, username: 'ada-at-github', accessToken: 'secret' },
    },
  },
  {
    ...bob,
    createdAt: at(0),
    roles: ['user'],
    type: 'user',
    active: true,
    emails: [{ address: 'ADA@example.org', verified: false }],
    services: {
      totp: { enabled: true, secret: 'JBSWY3DPEHPK3PXP', hashedBackup: [sha256('backup01', 'hex')] },
    },
  },
  { _id: 'bob2Id', username: 'Bob', createdAt: at(0), roles: ['user'], type: 'user', active: false },
  {
    _id: 'botId',
    username: 'builds',
    type: 'bot',
    active: true,
    roles: ['bot', 'user'],
    createdAt: at(0),
    services: {
      resume: {
        loginTokens: [
          {
            type: 'personalAccessToken',
            hashedToken: sha256(PERSONAL, 'base64'),
            createdAt: at(2),
            lastTokenPart: 'he-bot',
            name: 'ci',
            bypassTwoFactor: true,
          },
        ],
      },
    },
  },
  { _id: 'appId', username: 'some.app', type: 'app', active: true, roles: ['app'], createdAt: at(0) },
  { _id: 'unfinishedId', createdAt: at(0), roles: ['user'], type: 'user', active: true, emails: [] },
];

const rooms = [
  {
    _id: 'GENERAL',
    t: 'c',
    name: 'general',
    ts: at(0),
    _updatedAt: at(9),
    msgs: Long.fromNumber(900),
    usersCount: 77,
    default: true,
    topic: 'Everything',
    sysMes: true,
    muted: ['bob'],
    u: ada,
    lastMessage: { _id: 'nowhere' },
  },
  {
    _id: 'secretId',
    t: 'p',
    name: 'secret',
    fname: 'Secret Plans',
    ts: at(1),
    u: ada,
    ro: true,
    teamId: 'teamId',
    teamMain: true,
  },
  {
    _id: 'discussionId',
    t: 'p',
    name: 'x9Kj2',
    fname: 'About the engine',
    prid: 'GENERAL',
    ts: at(3),
    u: bob,
  },
  { _id: 'adaIdbobId', t: 'd', usernames: ['ada', 'bob'], ts: at(2), msgs: 1, usersCount: 2 },
  { _id: 'adaIdgoneId', t: 'd', usernames: ['ada', 'gone'], uids: ['adaId', 'goneId'], ts: at(2) },
  { _id: 'otherSecretId', t: 'p', name: 'Secret', ts: at(1), u: ada, teamId: 'otherTeamId', teamMain: true },
  { _id: 'widgetId', t: 'l', ts: at(2) },
];

const membership = (rid: string, u: { _id: string; username: string }, more: object = {}) => ({
  _id: `${rid}-${u._id}`,
  rid,
  u,
  name: 'name',
  t: rid === 'GENERAL' ? 'c' : rid.startsWith('adaId') ? 'd' : 'p',
  ts: at(1),
  open: true,
  alert: false,
  unread: 0,
  userMentions: 0,
  groupMentions: 0,
  _updatedAt: at(8),
  ...more,
});

const subscriptions = [
  membership('GENERAL', ada, {
    roles: ['owner'],
    f: true,
    ls: at(6),
    unread: 2,
    alert: true,
    tunread: ['m1', 'lost'],
  }),
  membership('GENERAL', bob, { mobilePushNotifications: 'all', ignored: ['adaId'] }),
  membership('GENERAL', bob, { _id: 'twice' }),
  membership('GENERAL', { _id: 'botId', username: 'builds' }, { status: 'BANNED', roles: ['owner'] }),
  membership('GENERAL', gone),
  membership('secretId', ada, { roles: ['owner'] }),
  membership('secretId', bob),
  membership('discussionId', bob, { prid: 'GENERAL' }),
  membership('adaIdbobId', ada, { name: 'bob', fname: 'Bob' }),
  membership('adaIdbobId', bob, { name: 'ada', fname: 'Ada Lovelace' }),
];

const said = (id: string, rid: string, u: object, minute: number, msg: string, more: object = {}) => ({
  _id: id,
  rid,
  msg,
  ts: at(minute),
  u,
  _updatedAt: at(minute),
  ...more,
});

const messages = [
  // mongodump goes by id, not by time.
  said('a-late', 'GENERAL', bob, 7, 'the *newest* @ada', {
    mentions: [{ ...ada, type: 'user' }],
    channels: null,
    md: [{ type: 'OLD_FORM' }],
    reactions: { smile: { usernames: ['ada'] }, ':+1:': { usernames: ['bob'] } },
    starred: { _id: 'adaId' },
  }),
  said('m1', 'GENERAL', ada, 2, 'beginning of a thread', {
    tcount: 99,
    replies: ['adaId', 'goneId'],
    tlm: at(2),
  }),
  said('m2', 'GENERAL', bob, 4, 'a reply', { tmid: 'm1' }),
  said('m3', 'GENERAL', gone, 3, 'by somebody who left', { pinned: false, pinnedAt: at(3) }),
  said('m4', 'GENERAL', ada, 5, '', { t: 'uj', groupable: false }),
  said('m5', 'GENERAL', bob, 6, '', {
    t: 'discussion-created',
    drid: 'discussionId',
    dcount: 1,
    dlm: at(6),
  }),
  said('old', 'GENERAL', ada, 2, 'a former text', { _hidden: true, parent: 'm1' }),
  said('f1', 'secretId', ada, 3, '', {
    file: { _id: 'fileId', name: 'report.txt', type: 'text/plain' },
    attachments: [{ title: 'report.txt', title_link: '/file-upload/fileId/report.txt', ts: at(3) }],
    editedAt: at(4),
    editedBy: { _id: 'adaId', username: 'ada' },
  }),
  said('d1', 'adaIdbobId', ada, 3, 'between us'),
  said('d2', 'adaIdgoneId', ada, 3, 'to somebody who is gone'),
  said('w1', 'widgetId', ada, 3, 'to a visitor'),
  {
    _id: new ObjectId('65a000000000000000000001'),
    rid: 'discussionId',
    msg: 'nul \0 in it',
    ts: at(5).getTime(),
    u: bob,
  },
  { _id: 'nobody', rid: 'GENERAL', msg: 'without an author', ts: at(1) },
];

const upload = (id: string, more: object) => ({
  _id: id,
  name: 'report.txt',
  type: 'text/plain',
  size: REPORT.length,
  rid: 'secretId',
  userId: 'adaId',
  store: 'GridFS:Uploads',
  complete: true,
  uploadedAt: at(3),
  extension: 'txt',
  ...more,
});

export const SMALL_WORKSPACE: Collections = {
  users,
  rocketchat_room: rooms,
  rocketchat_subscription: subscriptions,
  rocketchat_message: messages,
  rocketchat_roles: [
    { _id: 'admin', name: 'admin', scope: 'Users', description: 'Admin', protected: true },
    {
      _id: 'gardenerId',
      name: 'gardener',
      scope: 'Users',
      description: 'Waters the plants',
      protected: false,
    },
  ],
  rocketchat_permissions: [
    { _id: 'create-c', roles: ['admin', 'gardenerId'] },
    { _id: 'create-p', roles: ['admin', 'user', 'bot', 'app'] },
    { _id: 'change-setting-Site_Name', roles: ['admin'], level: 'settings' },
  ],
  rocketchat_settings: [
    { _id: 'Site_Name', value: 'The Engine', packageValue: 'Rocket.Chat', type: 'string', _updatedAt: at(1) },
    { _id: 'uniqueID', value: 'workspace-id', packageValue: 'workspace-id', type: 'string' },
    { _id: 'Message_MaxAllowedSize', value: 'many', packageValue: 5000, type: 'int' },
    { _id: 'Accounts_OAuth_Custom-Acme', value: true, packageValue: false, type: 'boolean' },
    {
      _id: 'Accounts_OAuth_Custom-Acme-url',
      value: 'https://acme.example',
      packageValue: '',
      type: 'string',
    },
    {
      _id: 'Assets_logo',
      value: { url: 'assets/logo.png', defaultUrl: 'images/logo/logo.svg' },
      type: 'asset',
    },
    { _id: 'Federation_Matrix_secret', value: 'x', packageValue: '', type: 'string' },
  ],
  rocketchat_team: [
    { _id: 'teamId', name: 'secret', type: 1, roomId: 'secretId', createdBy: ada, createdAt: at(1) },
    { _id: 'otherTeamId', name: 'Secret', type: 1, roomId: 'otherSecretId' },
  ],
  rocketchat_team_member: [
    { _id: 'tm1', teamId: 'teamId', userId: 'adaId', roles: ['owner'], createdBy: ada, createdAt: at(1) },
    { _id: 'tm2', teamId: 'teamId', userId: 'botId', createdBy: ada, createdAt: at(1) },
  ],
  rocketchat_integrations: [
    {
      _id: 'hookId',
      type: 'webhook-incoming',
      name: 'Builds',
      enabled: true,
      username: 'ada',
      userId: 'adaId',
      channel: ['#general'],
      token: 'hook-token',
      scriptEnabled: false,
      _createdAt: at(1),
      _createdBy: { _id: 'adaId', username: 'ada' },
      _updatedAt: at(1),
    },
  ],
  rocketchat_invites: [
    {
      _id: 'inviTe',
      rid: 'GENERAL',
      userId: 'adaId',
      days: 0,
      maxUses: 0,
      uses: 3,
      createdAt: at(1),
      expires: null,
    },
  ],
  rocketchat_oauth_apps: [
    {
      _id: 'oauthId',
      name: 'Wiki',
      active: true,
      clientId: 'wiki',
      clientSecret: 'wiki-secret',
      redirectUri: ['https://wiki.example/back'],
      _createdAt: at(1),
      _createdBy: { _id: 'adaId', username: 'ada' },
    },
  ],
  _raix_push_app_tokens: [
    {
      _id: 'pushId',
      token: { gcm: 'device' },
      appName: 'app',
      userId: 'adaId',
      enabled: true,
      createdAt: at(1),
    },
  ],
  rocketchat_custom_emoji: [
    { _id: 'emojiId', name: 'party', aliases: 'fête', extension: 'png', _updatedAt: at(1) },
  ],
  rocketchat_custom_user_status: [{ _id: 'statusId', name: 'On stage', statusType: 'busy' }],
  rocketchat_uploads: [
    upload('fileId', {}),
    upload('orphan', {}),
    upload('half', { complete: false }),
    upload('elsewhere', { store: 'AmazonS3:Uploads', AmazonS3: { path: 'workspace-id/uploads/x' } }),
  ],
  rocketchat_avatars: [
    { _id: 'avatarId', name: 'ada', userId: 'adaId', type: 'image/png', etag: 'adaTag', complete: true },
  ],
  rocketchat__trash: [
    { _id: 'deleted1', rid: 'GENERAL', __collection__: 'message', _deletedAt: new Date() },
    { _id: 'deleted2', rid: 'GENERAL', __collection__: 'message', _deletedAt: at(1) },
  ],
  rocketchat_statistics: [{ _id: new ObjectId(), version: '7.0.0' }],
  ...gridFs('rocketchat_uploads', [
    { id: 'fileId', name: 'fileId', bytes: REPORT },
    { id: 'orphan', name: 'orphan', bytes: REPORT },
  ]),
  ...gridFs('rocketchat_avatars', [{ id: 'avatarId', name: 'avatarId', bytes: PICTURE }]),
  ...gridFs('custom_emoji', [
    { id: new ObjectId(), name: 'party.png', bytes: Buffer.from('an older picture'), at: at(1) },
    { id: new ObjectId(), name: 'party.png', bytes: PICTURE, at: at(2) },
  ]),
  ...gridFs('assets', [{ id: new ObjectId(), name: 'logo', bytes: PICTURE }]),
};
