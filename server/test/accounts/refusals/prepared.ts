import { silentSound } from '../../support/files.ts';
import type { Call } from './refusal.ts';

/** The workspace in which things are refused: people, and what is taken, held and owned already. */

/** One point. */
export const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** Sixteen points wide, and one high. */
export const BAR = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAABCAIAAABYG7kIAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADklEQVQImWNg6PhPEgIARxcYcd4NYDoAAAAASUVORK5CYII=',
  'base64',
);
export const emojiFile = { field: 'emoji', name: 'a.png', type: 'image/png', bytes: DOT };
export const soundFile = { field: 'sound', name: 'a.wav', type: 'audio/wav', bytes: silentSound() };

/** `bob` has no verified address, one room with alice and one to himself; `gone` is switched off. */
export const PREPARED: Call[] = [
  ['admin', 'POST users.update', { userId: '$bob', data: { verified: false } }],
  ['admin', 'POST users.update', { userId: '$gone', data: { verified: false } }],
  ['admin', 'POST users.setActiveStatus', { userId: '$gone', activeStatus: false }],
  ['bob', 'POST groups.create', { name: 'shared', members: ['alice'] }],
  ['bob', 'POST groups.create', { name: 'alone' }],
  ['admin', 'POST groups.create', { name: 'secret' }],
  ['admin', 'POST chat.postMessage', { channel: '#secret', text: 'quietly' }],
  ['admin', 'POST teams.create', { name: 'crew', type: 0 }],
  ['alice', 'POST users.generatePersonalAccessToken', { tokenName: 'taken' }],
  ['alice', 'POST users.setStatus', { message: 'before' }],
  ['admin', 'POST roles.create', { name: 'held' }],
  ['admin', 'POST roles.create', { name: 'free' }],
  ['admin', 'POST roles.addUserToRole', { username: 'bob', roleId: 'held' }],
  ['admin', 'POST custom-user-status.create', { name: 'Taken' }],
  ['admin', 'POST custom-user-status.create', { name: 'Other' }],
  ['admin', 'FORM emoji-custom.create', { fields: { name: 'taken', aliases: 'also' }, file: emojiFile }],
  ['admin', 'FORM emoji-custom.create', { fields: { name: 'other' }, file: emojiFile }],
  ['admin', 'FORM custom-sounds.create', { fields: { name: 'taken' }, file: soundFile }],
  ['admin', 'FORM custom-sounds.create', { fields: { name: 'other' }, file: soundFile }],
  ['admin', 'POST oauth-apps.create', { name: 'app', redirectUri: 'https://app.example', active: true }],
];

// biome-ignore lint/suspicious/noExplicitAny: bodies of any endpoint
type Found = any;

/** `$name` in tables, and where administrators find it. */
export const IDS: [
  name: string,
  path: string,
  query: Record<string, unknown>,
  of: (body: Found) => unknown,
][] = [
  ['session', 'sessions/list.all', { filter: 'root' }, (body) => body.sessions[0].sessionId],
  ['held', 'roles.list', {}, (body) => body.roles.find(({ name }: Found) => name === 'held')._id],
  ['status', 'custom-user-status.list', { name: 'Other' }, (body) => body.statuses[0]._id],
  ['emoji', 'emoji-custom.all', { name: 'other' }, (body) => body.emojis[0]._id],
  ['sound', 'custom-sounds.list', { name: 'other' }, (body) => body.sounds[0]._id],
  [
    'message',
    'groups.messages',
    { roomName: 'secret' },
    (body) => body.messages.find(({ msg }: Found) => msg === 'quietly')._id,
  ],
  ['app', 'oauth-apps.list', {}, (body) => body.oauthApps.find(({ name }: Found) => name === 'app')._id],
];
