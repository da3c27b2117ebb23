import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { GantryServer } from '../../src/app.ts';
import { type Collections, writeDumpArchive, writeDumpFolder } from '../support/mongo-dump.ts';
import { randomFrom } from '../support/random.ts';
import { logIn, type Person } from '../support/server.ts';
import { emptyDatabase, postgresServer } from '../support/test-database.ts';
import { checkIn, countBlobs, gantry, importInto, serverOn, temporary } from './moved-workspace.ts';
import { at, PASSWORD, PERSONAL, PICTURE, REPORT, SESSION, SMALL_WORKSPACE } from './small-workspace.ts';

describe('a workspace that moved here', () => {
  let folder: string;
  let server: GantryServer;
  let url: string;
  let ada: Person;
  let imported: { code: number; lines: string[] };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gantry-import-'));
    writeDumpFolder(join(folder, 'dump', 'rocketchat'), SMALL_WORKSPACE);
    imported = await importInto(folder, join(folder, 'dump'));
    ({ server, url } = await serverOn(folder));
    ada = await logIn(url, 'ada', PASSWORD);
  }, 60_000);
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (path: string, uid: string, token: string) => {
    const headers = { 'x-user-id': uid, 'x-auth-token': token };
    const answer = await fetch(`${url}${path}`, { headers });
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  };

  test('the command says of each collection what was taken over and what was left, and why', () => {
    expect(imported.lines).toEqual([
      'rocketchat_roles: 2 taken over',
      'rocketchat_permissions: 2 taken over; left: 1 that are not known here',
      'rocketchat_settings: 4 taken over; left: 1 whose value does not suit (Message_MaxAllowedSize), 1 that follow from their files, 1 that are not known here',
      'users: 7 taken over',
      'rocketchat_team: 1 taken over; left: 1 whose name another one has, but for the case',
      'rocketchat_room: 5 taken over; left: 1 direct rooms with somebody who is gone, 1 of a kind that is not built here',
      'rocketchat_message: 9 taken over; left: 1 without an id, an author or a time, 1 that are former texts of edited ones, or hidden, 2 of rooms that are gone or were left',
      'rocketchat_subscription: 8 taken over; left: 1 of somebody who is in the room already, 1 whose room or user is gone or was left',
      'rocketchat_team_member: 1 taken over; left: 1 who are not in the main room',
      'rocketchat_uploads: 1 taken over; left: 2 that no message shows, 1 that were never complete',
      'rocketchat_avatars: 1 taken over',
      'rocketchat_custom_emoji: 1 taken over',
      'rocketchat_custom_user_status: 1 taken over',
      'assets.files: 1 taken over',
      'rocketchat_integrations: 1 taken over',
      'rocketchat_invites: 1 taken over',
      'rocketchat_oauth_apps: 1 taken over',
      '_raix_push_app_tokens: 1 taken over',
      'rocketchat__trash: 1 taken over; left: 1 older than 30 days',
      'changed: 1 addresses that somebody else had already: left out',
      'changed: 1 usernames that differ from another only in their case: got a number',
      'changed: 1 people in the main room of a team who were no members of it: are members',
      `The workspace in ${join(folder, 'data')} is ready. Start the server on it.`,
    ]);
    expect(imported.code).toBe(0);
  });

  test('nothing in it contradicts itself, before and after a start', async () => {
    const { code, lines } = await checkIn(folder);
    expect(lines).toEqual([expect.stringMatching(/is whole/)]);
    expect(code).toBe(0);
    // Nobody was made admin, and no channel was made.
    expect(server.firstAdmin).toBeUndefined();
  });

  test('people log in with their passwords, and stay logged in with their tokens', async () => {
    expect(ada.uid).toBe('adaId');
    const me = (await ada.get('me')).body;
    expect(me).toMatchObject({
      ...{
        _id: 'adaId',
        username: 'ada',
        name: 'Ada Lovelace',
        bio: 'First of all',
        statusText: 'computing',
      },
      emails: [{ address: 'Ada@example.org', verified: true }],
      roles: ['admin', 'user', 'gardenerId'],
      customFields: { team: 'engine' },
    });
    expect(me.settings.preferences).toMatchObject({ enableAutoAway: false });
    expect((await ask('/api/v1/me', 'adaId', SESSION)).status).toBe(200);
    expect((await ask('/api/v1/me', 'botId', PERSONAL)).status).toBe(200);
    expect((await ada.get('users.info', { username: 'Bob-2' })).body.user).toMatchObject({
      _id: 'bob2Id',
      active: false,
    });
    const second = await ada.post('login', { user: 'bob', password: 'whatever' });
    expect(second.status).toBe(401);
    const app = (await ada.get('users.info', { userId: 'appId' })).body.user;
    expect(app).toMatchObject({ type: 'app', active: false });
  });

  test('rooms and memberships are as they were, and counted anew', async () => {
    const general = (await ada.get('rooms.info', { roomId: 'GENERAL' })).body.room;
    expect(general).toMatchObject({
      ...{ _id: 'GENERAL', t: 'c', name: 'general', fname: 'general', topic: 'Everything', default: true },
      ...{ msgs: 6, usersCount: 2, muted: ['bob'], lm: at(7).toISOString() },
      lastMessage: { _id: 'a-late' },
    });
    const { update } = (await ada.get('subscriptions.get')).body;
    expect(update.map(({ rid }: { rid: string }) => rid).sort()).toEqual([
      'GENERAL',
      'adaIdbobId',
      'secretId',
    ]);
    expect(update.find(({ rid }: { rid: string }) => rid === 'GENERAL')).toMatchObject({
      ...{ _id: 'GENERAL-adaId', f: true, unread: 2, alert: true, open: true, roles: ['owner'] },
      ...{ tunread: ['m1'], ls: at(6).toISOString() },
    });
    const { members } = (await ada.get('channels.members', { roomId: 'GENERAL' })).body;
    expect(members.map(({ username }: { username: string }) => username).sort()).toEqual(['ada', 'bob']);
    const { bannedUsers } = (await ada.get('rooms.bannedUsers', { roomId: 'GENERAL' })).body;
    expect(bannedUsers).toMatchObject([{ _id: 'botId' }]);
    const team = (await ada.get('teams.info', { teamId: 'teamId' })).body.teamInfo;
    expect(team).toMatchObject({ _id: 'teamId', name: 'secret', type: 1, roomId: 'secretId' });
  });

  test('messages keep ids, times and marks; what follows from them is made anew', async () => {
    const { messages } = (
      await ada.get('channels.history', { roomId: 'GENERAL', showThreadMessages: 'true' })
    ).body;
    expect(messages.map(({ _id }: { _id: string }) => _id)).toEqual(['a-late', 'm5', 'm4', 'm2', 'm3', 'm1']);
    const [late, discussion, , , byGone, thread] = messages;
    expect(late).toMatchObject({
      ...{ msg: 'the *newest* @ada', ts: at(7).toISOString(), starred: [{ _id: 'adaId' }] },
      reactions: { ':smile:': { usernames: ['ada'] }, ':+1:': { usernames: ['bob'] } },
      mentions: [{ _id: 'adaId', username: 'ada' }],
      channels: [],
    });
    expect(late.md).toMatchObject([
      {
        type: 'PARAGRAPH',
        value: [{ type: 'PLAIN_TEXT' }, { type: 'BOLD' }, { type: 'PLAIN_TEXT' }, { type: 'MENTION_USER' }],
      },
    ]);
    expect(discussion).toMatchObject({ t: 'discussion-created', drid: 'discussionId', dcount: 1 });
    expect(byGone).toMatchObject({ u: { _id: 'goneId', username: 'gone' } });
    expect(byGone).not.toHaveProperty('pinnedAt');
    expect(thread).toMatchObject({ tcount: 1, tlm: at(4).toISOString(), replies: ['adaId'] });
    const mentions = (await ada.get('channels.getAllUserMentionsByChannel', { roomId: 'GENERAL' })).body;
    expect(mentions).toMatchObject({ total: 1, mentions: [{ _id: 'a-late' }] });
    const stars = (await ada.get('chat.getStarredMessages', { roomId: 'GENERAL' })).body;
    expect(stars).toMatchObject({ total: 1, messages: [{ _id: 'a-late' }] });
    const discussions = (await ada.get('chat.getDiscussions', { roomId: 'GENERAL' })).body;
    expect(discussions).toMatchObject({ total: 1, messages: [{ _id: 'm5' }] });
    const found = (await ada.get('chat.search', { roomId: 'GENERAL', searchText: 'newest' })).body;
    expect(found.messages).toMatchObject([{ _id: 'a-late' }]);
    const inside = (await ada.get('chat.getMessage', { msgId: '65a000000000000000000001' })).body;
    expect(inside.message).toMatchObject({ msg: 'nul \ufffd in it', ts: at(5).toISOString() });
    const since = new Date(Date.now() - 60_000).toISOString();
    const synced = (await ada.get('chat.syncMessages', { roomId: 'GENERAL', lastUpdate: since })).body;
    expect(synced.result.deleted).toMatchObject([{ _id: 'deleted1' }]);
  });

  test('files and pictures come from where they were', async () => {
    const file = await ask('/file-upload/fileId/report.txt', ada.uid, ada.token);
    expect(file).toEqual({ status: 200, bytes: REPORT });
    expect((await ask('/file-upload/orphan/report.txt', ada.uid, ada.token)).status).toBe(404);
    const { files } = (await ada.get('groups.files', { roomId: 'secretId' })).body;
    expect(files).toMatchObject([
      { _id: 'fileId', name: 'report.txt', size: REPORT.length, userId: 'adaId' },
    ]);
    expect(
      (await ask(`/avatar/ada?rc_uid=${ada.uid}&rc_token=${ada.token}`, ada.uid, ada.token)).bytes,
    ).toEqual(PICTURE);
    expect((await ask('/emoji-custom/party.png', ada.uid, ada.token)).bytes).toEqual(PICTURE);
    expect((await ask('/assets/logo.png', ada.uid, ada.token)).bytes).toEqual(PICTURE);
    // What nobody needs is not kept.
    expect(countBlobs(folder)).toBe(4);
  });

  test('settings, roles, webhooks and invites go on', async () => {
    const setting = async (id: string) => (await ada.get(`settings/${id}`)).body.value;
    expect(await setting('Site_Name')).toBe('The Engine');
    expect(await setting('uniqueID')).toBe('workspace-id');
    expect(await setting('Message_MaxAllowedSize')).toBe(5000);
    expect(await setting('Accounts_OAuth_Custom-Acme-url')).toBe('https://acme.example');
    const { update } = (await ada.get('permissions.listAll')).body;
    expect(update.find(({ _id }: { _id: string }) => _id === 'create-c').roles).toEqual([
      'admin',
      'gardenerId',
    ]);
    const { roles } = (await ada.get('roles.list')).body;
    expect(roles).toContainEqual(expect.objectContaining({ _id: 'gardenerId', name: 'gardener' }));
    const posted = await fetch(`${url}/hooks/hookId/hook-token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text":"built"}',
    });
    expect(posted.status).toBe(200);
    expect((await ada.get('listInvites')).body).toMatchObject([{ _id: 'inviTe', rid: 'GENERAL', uses: 3 }]);
    expect((await ada.get('oauth-apps.list')).body.oauthApps).toMatchObject([
      { _id: 'oauthId', clientId: 'wiki' },
    ]);
    expect((await ada.get('emoji-custom.list')).body.emojis.update).toMatchObject([
      { name: 'party', aliases: ['fête'] },
    ]);
    expect((await ada.get('custom-user-status.list')).body.statuses).toMatchObject([{ name: 'On stage' }]);
  });
});

describe('the same dump', () => {
  const writers: [string, (path: string, collections: Collections) => void][] = [
    ['compressed', (path, collections) => writeDumpFolder(path, collections, { gzip: true })],
    ['as an archive', writeDumpArchive],
    ['as a compressed archive', (path, collections) => writeDumpArchive(path, collections, { gzip: true })],
  ];
  test.each(writers)('%s gives the same workspace', async (_, write) => {
    const folder = temporary();
    const dump = join(folder, 'dump');
    write(dump, SMALL_WORKSPACE);
    const { code, lines } = await importInto(folder, dump);
    expect(lines).toContain('users: 7 taken over');
    expect(lines).toContain(
      'rocketchat_uploads: 1 taken over; left: 2 that no message shows, 1 that were never complete',
    );
    expect(code).toBe(0);
    expect((await checkIn(folder)).code).toBe(0);
  });
});

test.skipIf(!postgresServer)('a PostgreSQL database takes the dump, too', async () => {
  const folder = temporary();
  const { options, drop } = await emptyDatabase();
  onTestFinished(drop);
  writeDumpFolder(join(folder, 'dump'), SMALL_WORKSPACE);
  const env = { GANTRY_DATABASE_URL: options.databaseUrl };
  const { code, lines } = await gantry(folder, ['import-rocketchat', join(folder, 'dump')], env);
  expect(lines).toContain('users: 7 taken over');
  expect(code).toBe(0);
  const checked = await gantry(folder, ['check'], env);
  expect(checked.lines).toEqual([expect.stringMatching(/is whole/)]);
});

test('a trial writes nothing, and the import can follow it; a second one is refused', async () => {
  const folder = temporary();
  writeDumpFolder(join(folder, 'dump'), SMALL_WORKSPACE);
  const trial = await importInto(folder, join(folder, 'dump'), '--dry-run');
  expect(trial.lines.at(-1)).toBe('Nothing was written: this was a trial.');
  expect(countBlobs(folder)).toBe(0);
  expect((await importInto(folder, join(folder, 'dump'))).code).toBe(0);
  expect(countBlobs(folder)).toBe(4);
  const again = await importInto(folder, join(folder, 'dump'));
  expect(again).toEqual({
    code: 1,
    lines: [
      `gantry: the workspace in ${join(folder, 'data')} is in use already; name a new folder (--data) or a new database`,
    ],
  });
});

test('files outside of the database come from their folder, and nothing beside it', async () => {
  const folder = temporary();
  const upload = (id: string) => ({
    ...{ _id: id, name: 'a.txt', type: 'text/plain', rid: 'GENERAL', userId: 'adaId', complete: true },
    ...{ store: 'FileSystem:Uploads', extension: 'txt' },
  });
  const shows = (id: string) => ({
    ...{ _id: `of-${id}`, rid: 'GENERAL', msg: '', ts: new Date(0), u: { _id: 'adaId', username: 'ada' } },
    file: { _id: id },
  });
  writeDumpFolder(join(folder, 'dump'), {
    users: [{ _id: 'adaId', username: 'ada', roles: ['admin'] }],
    rocketchat_room: [{ _id: 'GENERAL', t: 'c', name: 'general' }],
    rocketchat_message: [shows('inside'), shows('../outside'), shows('lost')],
    rocketchat_uploads: [upload('inside'), upload('../outside'), upload('lost')],
  });
  const files = join(folder, 'uploads');
  writeDumpFolder(files, {});
  writeFileSync(join(files, 'inside.txt'), 'inside');
  writeFileSync(join(folder, 'outside.txt'), 'outside');
  const { lines, code } = await importInto(folder, join(folder, 'dump'), '--files', files);
  expect(lines).toContain(
    'rocketchat_uploads: 1 taken over; left: 2 whose bytes are not in the dump (FileSystem:Uploads)',
  );
  expect(code).toBe(0);
});

describe('what is no dump', () => {
  const users = [{ _id: 'adaId', username: 'ada' }];
  test.each<[string, (path: string) => void, RegExp]>([
    ['nothing at all', () => {}, /there is nothing at/],
    ['an empty folder', (path) => writeDumpFolder(path, {}), /there is no users\.bson in/],
    [
      'a text file',
      (path) => writeFileSync(path, 'hello'),
      /is neither a folder of mongodump nor an archive/,
    ],
    [
      'an archive without users',
      (path) => writeDumpArchive(path, { other: [{}] }),
      /has no collection users/,
    ],
    [
      'two databases in a folder',
      (path) => {
        writeDumpFolder(join(path, 'one'), { users });
        writeDumpFolder(join(path, 'two'), { users });
      },
      /several databases are in .*; name one/,
    ],
    [
      'a file that was cut off',
      (path) => {
        writeDumpFolder(path, { users });
        writeFileSync(join(path, 'rocketchat_room.bson'), Buffer.from([40, 0, 0, 0, 1, 2]));
      },
      /rocketchat_room\.bson ends in the middle of a document/,
    ],
    [
      'a file that is no BSON',
      (path) => {
        writeDumpFolder(path, { users });
        writeFileSync(join(path, 'rocketchat_room.bson'), 'this is text');
      },
      /rocketchat_room\.bson is damaged, or no BSON/,
    ],
    [
      'a file that is not compressed and says so',
      (path) => {
        writeDumpFolder(path, { users });
        writeFileSync(join(path, 'rocketchat_room.bson.gz'), 'this is text');
      },
      /rocketchat_room\.bson\.gz cannot be unpacked/,
    ],
  ])('%s is refused, and nothing is written', async (_, write, message) => {
    const folder = temporary();
    write(join(folder, 'dump'));
    const { code, lines } = await importInto(folder, join(folder, 'dump'));
    expect(lines.join('\n')).toMatch(message);
    expect(code).toBe(1);
    writeDumpFolder(join(folder, 'good'), { users });
    expect((await importInto(folder, join(folder, 'good'))).code).toBe(0);
  });
});

/** What a member may be in an old or a mended database. */
const ODD_VALUES = [
  ...[null, undefined, true, 0, -1, 1e20, '', 'x', 'GENERAL', 'adaId', '\0', 'a'.repeat(5000)],
  ...[[], [null], ['adaId', 7], [{}], {}, { _id: null }, { $date: 1 }, new Date(Number.NaN), new Date(0)],
];

test.each([1, 2, 3, 4])(
  'whatever documents are like, the rest is taken and fits together (seed %i)',
  async (seed) => {
    const random = randomFrom(seed);
    const odd = (document: object) =>
      Object.fromEntries(
        Object.entries(document).map(([name, value]) =>
          random() < 0.15 ? [name, ODD_VALUES[Math.floor(random() * ODD_VALUES.length)]] : [name, value],
        ),
      );
    const collections = Object.fromEntries(
      Object.entries(SMALL_WORKSPACE).map(([name, documents]) => [name, documents.map(odd)]),
    );
    const folder = temporary();
    writeDumpFolder(join(folder, 'dump'), collections);
    const { code, lines } = await importInto(folder, join(folder, 'dump'));
    expect(lines.at(-1)).toMatch(/is ready/);
    expect(code).toBe(0);
    const checked = await checkIn(folder);
    expect(checked.lines).toEqual([expect.stringMatching(/is whole/)]);
    const { server } = await serverOn(folder);
    await server.close();
  },
);
