import { Buffer } from 'node:buffer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Importing, zipOf } from '../../test/support/importing.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';

const AT = 1_580_428_800_000;
const iso = (ms: number) => new Date(ms).toISOString();

describe('an archive of CSV files', () => {
  let server: TestServer;
  let importing: Importing;
  let dora: Person;

  beforeAll(async () => {
    server = await startServer();
    importing = new Importing(server);
    dora = await server.person('dora');
  });
  afterAll(() => server.close());

  const FILES = {
    'users.csv':
      '\ufeffalice , alice@example.com, Alice A\r\n"bob","bob@example.com","Bob ""the"" B"\n\n,nobody@example.com,No\n',
    'CHANNELS.csv': [
      'plans,alice,public,bob; dora ;nobody',
      '"secret, but named",bob,private,alice',
      'orphan,gone,public,',
      'nameless,,public,bob',
    ].join('\n'),
    'plans/': '',
    'plans/messages.csv': [
      `bob,${AT + 2000},"Hello, ""all"" @alice #plans`,
      `on two lines"`,
      `alice,${AT},first`,
      `alice,${AT},first`,
      `dora,${AT + 1000},*not* in the file`,
      `nobody,${AT},x`,
      `alice,yesterday,x`,
    ].join('\r\n'),
    'plans/broken.csv': `alice,${AT},fine\nalice,"${AT}"x,broken`,
    'unknown/messages.csv': `alice,${AT},x`,
    'DirectMessages/some.csv': `bob,alice,${AT},psst\nalice,bob,${AT + 1},hm\nbob,nobody,${AT},x`,
    'contacts.csv': 'x,y,z',
    '__MACOSX/plans/messages.csv': `alice,${AT},x`,
    'plans/.DS_Store': 'x',
    'plans/deep/er.csv': `alice,${AT},x`,
    'readme.txt': 'x',
  };

  test('is uploaded, looked through, chosen from and imported', async () => {
    const watcher = await server.admin.ddp();
    await watcher.subscribe('stream-importers', 'progress');
    expect((await server.admin.get('importers.list')).body).toEqual([
      { key: 'slack', name: 'Slack' },
      { key: 'slack-users', name: 'Slack_Users' },
      { key: 'csv', name: 'CSV' },
    ]);
    await importing.upload('csv', await zipOf(FILES));
    const operation = { type: 'CSV', importerKey: 'csv', status: 'importer_file_loaded', valid: true };
    expect((await server.admin.get('import.status')).body).toMatchObject({
      state: 'loading',
      operation: { ...operation, file: 'export.zip', contentType: 'application/zip' },
    });
    expect(await importing.prepare()).toEqual({
      name: 'CSV',
      users: [
        ...[['alice', 'Alice A'] as const, ['bob', 'Bob "the" B'] as const].map(([name]) => ({
          ...{ user_id: name, username: name, email: `${name}@example.com`, is_deleted: false },
          ...{ is_bot: false, do_import: true, is_email_taken: false },
        })),
      ],
      channels: [
        ...[['plans', false] as const, ['secret, but named', true] as const, ['orphan', false] as const].map(
          ([name, is_private]) => ({
            ...{ channel_id: name, name, is_archived: false, do_import: true, is_private, is_direct: false },
          }),
        ),
        {
          ...{ channel_id: 'nameless', name: 'nameless', is_archived: false, do_import: true },
          ...{ is_private: false, is_direct: false },
        },
        {
          ...{ channel_id: '__directMessages__', name: 'Direct Messages', is_archived: false },
          ...{ do_import: true, is_private: true, is_direct: true },
        },
      ],
      message_count: 10,
      success: true,
    });
    const [looked] = await watcher.event('importers', 'progress', ([each]) => each?.rate === 100);
    expect(looked).toEqual({ rate: 100 });
    // The file is gone with that.
    const kept = await server.server.ctx.db
      .selectFrom('files')
      .select('id')
      .where('kind', '=', 'import')
      .execute();
    expect(kept).toEqual([]);

    const inside = await dora.ddp();
    const progress = await importing.start();
    expect(progress).toEqual({
      ...{ key: 'csv', name: 'CSV', step: 'importer_done', success: true },
      count: { total: 18, completed: 12, error: 6 },
    });
    inside.close();
    expect((await importing.errors()).map(({ kind, error }) => [kind, error])).toEqual([
      ['room', '[importer-channel-invalid-creator]'],
      ['message', 'importer-message-unknown-user'],
      ['message', 'importer-message-invalid-timestamp'],
      ['message', 'importer-message-unknown-room'],
      ['room', '[importer-channel-missing-users]'],
      ['message', 'importer-message-unknown-room'],
    ]);
  });

  test('its people are accounts in the default channels', async () => {
    const { user } = (await server.admin.get('users.info', { username: 'bob' })).body;
    expect(user).toMatchObject({
      ...{ name: 'Bob "the" B', active: true, roles: ['user'], importIds: ['bob'] },
      emails: [{ address: 'bob@example.com', verified: false }],
    });
    const members = (await server.admin.get('channels.members', { roomName: 'general' })).body.members;
    expect(members.map((each: { username: string }) => each.username)).toContain('bob');
  });

  test('its rooms have their members, their messages and nothing unread', async () => {
    const plans = await importing.room('plans');
    expect(plans).toMatchObject({
      ...{ t: 'c', usersCount: 3, msgs: 4, u: { username: 'alice' }, lm: iso(AT + 2000) },
      lastMessage: { msg: 'Hello, "all" @alice #plans\non two lines' },
    });
    expect(plans).not.toHaveProperty('importIds');
    const messages = await importing.messages(plans._id);
    expect(messages.map(({ msg, ts, u }) => [msg, ts, u.username])).toEqual([
      ['first', iso(AT), 'alice'],
      ['first', iso(AT), 'alice'],
      ['*not* in the file', iso(AT + 1000), 'dora'],
      ['Hello, "all" @alice #plans\non two lines', iso(AT + 2000), 'bob'],
    ]);
    expect(messages[3]).toMatchObject({
      mentions: [{ username: 'alice', type: 'user' }],
      channels: [{ _id: plans._id, name: 'plans' }],
      md: [expect.objectContaining({ type: 'PARAGRAPH' }), expect.anything()],
    });
    const { subscription } = (await dora.get('subscriptions.getOne', { roomId: plans._id })).body;
    expect(subscription).toMatchObject({ open: true, alert: false, unread: 0 });
    const found = (await dora.get('chat.search', { roomId: plans._id, searchText: 'two lines' })).body
      .messages;
    expect(found).toHaveLength(1);

    expect(await importing.privateRoom('secret-but-named')).toMatchObject({
      t: 'p',
      fname: 'secret, but named',
    });
    // Nobody knows who made it: the one who imports did.
    expect(await importing.room('orphan')).toMatchObject({ u: { username: 'root' } });
  });

  test('its direct messages are in the room of the two', async () => {
    const uid = async (username: string) =>
      (await server.admin.get('users.info', { username })).body.user._id;
    const rid = [await uid('alice'), await uid('bob')].sort().join('');
    const messages = await importing.messages(rid);
    expect(messages.map(({ msg }) => msg)).toEqual(['psst', 'hm']);
  });

  test('importing it again adds nothing', async () => {
    const before = await importing.messages((await importing.room('plans'))._id);
    await importing.all('csv', FILES);
    const plans = await importing.room('plans');
    expect(plans).toMatchObject({ usersCount: 3, msgs: 4 });
    expect(await importing.messages(plans._id)).toEqual(before);
  });

  test('who is called otherwise here is named so in what was said', async () => {
    const progress = await importing.all('csv', {
      'users.csv': 'John Doe,jd@example.com,\ndee,DORA@example.com,Dora\ngone.one,gone@example.com,',
      'channels.csv': 'Büro & Co,John Doe,public,dee',
      'Büro & Co/m.csv': `John Doe,${AT},"@dee, see #nothing and mail@dee.example @gone.one."`,
    });
    expect(progress.count).toEqual({ total: 5, completed: 5, error: 0 });
    const room = await importing.room('Buro-Co');
    expect(room).toMatchObject({ fname: 'Büro & Co', usersCount: 2, u: { username: 'john.doe' } });
    const [message] = await importing.messages(room._id);
    expect(message).toMatchObject({
      u: { username: 'john.doe' },
      mentions: [{ username: 'dora' }, { username: 'gone.one' }],
    });
    expect(message.msg).toMatch(/^@dora, see #nothing and /);
  });

  test('only what was chosen comes, in the form of older clients', async () => {
    const files = {
      'users.csv': 'eve,eve@example.com,Eve\nfay,fay@example.com,Fay',
      'channels.csv': 'wanted,eve,public,fay\nunwanted,eve,public,fay',
      'wanted/m.csv': `eve,${AT},yes`,
      'unwanted/m.csv': `eve,${AT},no`,
    };
    await importing.upload('csv', await zipOf(files));
    const { users, channels } = await importing.prepare();
    const choose = (list: { [key: string]: unknown }[], key: string, wanted: string) =>
      list.map((each) => ({ ...each, do_import: each[key] === wanted }));
    const progress = await importing.start({
      users: choose(users, 'user_id', 'eve'),
      channels: choose(channels, 'channel_id', 'wanted'),
    });
    expect(progress.count).toEqual({ total: 4, completed: 3, error: 1 });
    expect(await importing.room('wanted')).toMatchObject({ msgs: 1, usersCount: 1 });
    expect(await importing.room('unwanted')).toBeUndefined();
    expect((await server.admin.get('users.info', { username: 'fay' })).status).toBe(400);
    expect((await importing.errors()).map(({ error }) => error)).toEqual(['importer-message-unknown-room']);
  });
});

describe('an export of Slack', () => {
  let server: TestServer;
  let importing: Importing;
  let dora: Person;

  beforeAll(async () => {
    server = await startServer();
    importing = new Importing(server);
    dora = await server.person('dora');
  });
  afterAll(() => server.close());

  const ts = (seconds: number, fraction = '000200') => `${1_580_428_800 + seconds}.${fraction}`;
  const said = (user: string, seconds: number, text: string, more: object = {}) => ({
    ...{ type: 'message', user, text, ts: ts(seconds), ...more },
  });
  const USERS = [
    {
      ...{ id: 'U01', name: 'ann', deleted: false, is_bot: false, tz_offset: 7200, is_admin: true },
      profile: {
        ...{ real_name: 'Ann A', email: 'ann@example.com', status_text: 'away', title: 'Boss' },
        ...{ image_512: 'https://example.com/512.png', image_original: 'https://example.com/a.png' },
      },
    },
    { id: 'U02', name: 'dora.slack', profile: { email: 'DORA@example.com', real_name: 'Dora D' } },
    { id: 'U03', name: 'carl', deleted: true, profile: { real_name: 'Carl C', email: null } },
    { id: 'U04', name: 'robot', is_bot: true, profile: { real_name: 'Robot' } },
    { name: 'nobody' },
    'noise',
  ];
  const CHANNELS = [
    {
      ...{
        id: 'C01',
        name: 'plans',
        created: 1_500_000_000,
        creator: 'U01',
        is_archived: false,
        is_general: false,
      },
      ...{ members: ['U01', 'U02', 'U99'], topic: { value: 'What next' }, purpose: { value: 'Planning' } },
      pins: [{ id: ts(1), type: 'C', created: 1_580_428_900, user: 'U02', owner: 'U01' }],
    },
    { id: 'C02', name: 'main', created: 1, creator: 'U01', is_general: true, members: ['U01'] },
    { id: 'C03', name: 'old', created: 1, creator: 'U99', is_archived: true, members: ['U01', 'U02'] },
    { id: 'C04', name: 'nobodys', creator: null, members: [] },
  ];
  const PLANS_1 = [
    said('U01', 0, 'joined', { subtype: 'channel_join' }),
    said('U01', 1, '<!channel> &lt;b&gt; <@U02|dora> and <@U01>: see <#C02|main>, <#C03>'),
    said(
      'U02',
      2,
      '<https://example.com/a?b=1&amp;c=2|a page> <https://example.com/> :simple_smile: :piggy:',
    ),
    said('U01', 3, 'parent', {
      ...{ thread_ts: ts(3), reply_count: 3, reply_users: ['U02', 'U04'], latest_reply: ts(99) },
      reactions: [
        { name: 'thumbsup', users: ['U01', 'U02'], count: 2 },
        { name: 'wave::skin-tone-3', users: ['U02'], count: 1 },
        { name: 'heart', users: ['U99'], count: 1 },
      ],
    }),
    said('U02', 4, 'reply', { thread_ts: ts(3) }),
    said('U01', 5, 'shouted', { thread_ts: ts(3), subtype: 'thread_broadcast' }),
    said('U02', 6, 'is edited', { edited: { user: 'U01', ts: ts(60) } }),
    said('U01', 7, 'waves', { subtype: 'me_message' }),
    {
      type: 'message',
      subtype: 'bot_message',
      bot_id: 'B1',
      username: 'Deployer',
      ts: ts(8),
      text: 'done',
      icons: { emoji: ':ship:' },
    },
    said('USLACKBOT', 9, 'a reminder', { subtype: 'slackbot_response' }),
    said('U04', 10, 'as a user', { bot_id: 'B2' }),
    said('U01', 11, '', { subtype: 'channel_topic', topic: 'What next' }),
    said('U01', 12, '', { subtype: 'channel_purpose', purpose: 'Planning' }),
    said('U01', 13, '', { subtype: 'channel_name', name: 'plans' }),
    said('U01', 14, '', { subtype: 'pinned_item' }),
    said('U01', 15, '', { subtype: 'file_comment' }),
    said('U99', 16, 'from a stranger'),
    { ...said('U01', 17, 'without a time'), ts: 'soon' },
    said('U02', 18, 'left', { subtype: 'channel_leave' }),
    { type: 'message', user: 'U01', text: 'one', ts: ts(19, '000002') },
    { type: 'message', user: 'U01', text: 'two', ts: ts(19, '000003') },
    said('U01', 20, 'shown', {
      attachments: [{ title: 'T <https://a.b|x>', text: '&amp;', fallback: 'f', author_name: 'N', id: 1 }],
    }),
  ];
  const PLANS_2 = [
    said('U02', 90_000, 'late reply', { thread_ts: ts(3) }),
    said('U01', 90_001, 'orphan', { thread_ts: ts(-500) }),
    said('U01', 90_002, '', {
      files: [
        {
          id: 'F1',
          name: 'a.txt',
          url_private_download: 'https://files.example.com/a.txt?t=xoxe-secret',
          size: 5,
        },
        { id: 'F2', name: 'gone.txt', mode: 'tombstone' },
        { id: 'F3', name: 'doc', url_private: 'https://docs.example.com/d?usp=1', is_external: true },
      ],
      reactions: [{ name: 'eyes', users: ['U02'] }],
    }),
  ];
  const FILES = {
    'plans/2020-01-31.json': PLANS_1,
    'plans/2020-02-01.json': PLANS_2,
    'plans/2020-02-02.json': `[${JSON.stringify(said('U01', 200_000, 'not whole'))}, {"type":`,
    'plans/notes.txt': 'x',
    'main/2020-01-31.json': [said('U01', 0, 'in general')],
    'old/2020-01-31.json': [said('U02', 0, 'long ago')],
    'nobodys/2020-01-31.json': [said('U01', 0, 'x')],
    'elsewhere/2020-01-31.json': [said('U01', 0, 'x')],
    'D01/2020-01-31.json': [said('U02', 0, 'psst')],
    'D03/2020-01-31.json': [said('USLACKBOT', 0, 'a bot')],
    'mpdm-ann--dora--robot-1/2020-01-31.json': [said('U04', 0, 'three of us')],
    'users.json': USERS,
    'channels.json': CHANNELS,
    'groups.json': [{ id: 'G01', name: 'board', created: 1, creator: 'U02', members: ['U02'] }],
    'mpims.json': [
      {
        id: 'G02',
        name: 'mpdm-ann--dora--robot-1',
        created: 1,
        creator: 'U01',
        members: ['U01', 'U02', 'U04'],
      },
      {
        id: 'G03',
        name: 'mpdm-many-1',
        created: 1,
        creator: 'U01',
        members: 'abcdefgh'.split('').concat('U01'),
      },
    ],
    'dms.json': [
      { id: 'D01', created: 1, members: ['U01', 'U02'] },
      { id: 'D02', created: 1, members: ['U01', 'U99'] },
      { id: 'D03', created: 1, members: ['USLACKBOT', 'U02'] },
    ],
    'integration_logs.json': 'nothing of ours',
    'canvases.json': '[]',
  };

  test('is imported without a word to anybody, and its rooms are loaded anew', async () => {
    const before = await dora.post('channels.join', { roomId: 'GENERAL' });
    expect(before.status).toBe(200);
    const inside = await dora.ddp();
    await inside.subscribe('stream-notify-room', 'GENERAL/messagesImported');
    await inside.subscribe('stream-room-messages', 'GENERAL');
    await importing.upload('slack', await zipOf(FILES));
    const selection = await importing.prepare();
    expect(selection.users.map((user: { user_id: string }) => user.user_id)).toEqual([
      'U01',
      'U02',
      'U03',
      'U04',
    ]);
    expect(selection.users[1]).toMatchObject({ email: 'DORA@example.com', is_email_taken: true });
    expect(selection.users[2]).toMatchObject({ is_deleted: true });
    expect(selection.users[3]).toMatchObject({ is_bot: true });
    expect(selection.channels.map((room: { channel_id: string }) => room.channel_id)).toEqual([
      ...['C01', 'C02', 'C03', 'G01', 'G03', '__directMessages__'],
    ]);
    const progress = await importing.start();
    expect(progress).toMatchObject({ key: 'slack', name: 'Slack', step: 'importer_done' });
    expect((await importing.errors()).map(({ kind, error }) => [kind, error])).toEqual([
      ['room', '[importer-channel-missing-users]'],
      ['message', 'importer-message-unknown-user'],
      ['message', 'importer-message-invalid-timestamp'],
    ]);
    expect(await inside.event('notify-room', 'GENERAL/messagesImported')).toEqual([null]);
    expect(inside.events('room-messages', 'GENERAL')).toEqual([]);
  });

  test('its people: new ones, those who were here, bots and who was switched off', async () => {
    const user = async (username: string) => (await server.admin.get('users.info', { username })).body.user;
    expect(await user('ann')).toMatchObject({
      ...{ name: 'Ann A', utcOffset: 2, statusText: 'away', bio: 'Boss', importIds: ['U01'] },
      ...{ roles: ['user'], active: true, type: 'user' },
    });
    expect(await user('dora')).toMatchObject({ _id: dora.uid, name: 'Dora D', importIds: ['U02'] });
    expect(await user('carl')).toMatchObject({ active: false });
    expect(await user('robot')).toMatchObject({ type: 'bot', roles: ['user', 'bot'] });
  });

  test('its rooms', async () => {
    expect(await importing.room('plans')).toMatchObject({
      ...{ t: 'c', topic: 'What next', description: 'Planning', ts: iso(1_500_000_000_000) },
      ...{ usersCount: 2, u: { username: 'ann' } },
    });
    const { room } = (await server.admin.get('rooms.info', { roomId: 'GENERAL' })).body;
    expect(room).toMatchObject({ name: 'main', fname: 'main', msgs: 2, lastMessage: { msg: 'in general' } });
    expect(await importing.room('old')).toMatchObject({ archived: true, msgs: 1, u: { username: 'root' } });
    expect(await importing.privateRoom('board')).toMatchObject({ t: 'p', usersCount: 1 });
    expect(await importing.privateRoom('mpdm-many-1')).toMatchObject({ t: 'p' });
    const { ims } = (await dora.get('im.list')).body;
    const shown = ims.map((im: { usernames: string[]; lastMessage?: { msg: string } }) => [
      ...[im.usernames, im.lastMessage?.msg],
    ]);
    expect(shown.sort()).toEqual(
      [
        [['ann', 'dora'], 'psst'],
        [['ann', 'dora', 'robot'], 'three of us'],
        [['dora', 'rocket.cat'], 'a bot'],
      ].sort(),
    );
  });

  const plans = async () => importing.messages((await importing.room('plans'))._id);

  test('its messages, with people and rooms as they are called here', async () => {
    const messages = await plans();
    expect(messages.map(({ t, u, msg }) => [t ?? '', u.username, msg])).toEqual([
      ['uj', 'ann', 'ann'],
      ['', 'ann', '@all <b> @dora and @ann: see #main, #old'],
      ['', 'dora', '[a page](https://example.com/a?b=1&c=2) https://example.com/ :smile: :pig:'],
      ['', 'ann', 'parent'],
      ['', 'dora', 'reply'],
      ['', 'ann', 'shouted'],
      ['', 'dora', 'is edited'],
      ['', 'ann', '_waves_'],
      ['', 'rocket.cat', 'done'],
      ['', 'rocket.cat', 'a reminder'],
      ['', 'robot', 'as a user'],
      ['room_changed_topic', 'ann', 'What next'],
      ['room_changed_description', 'ann', 'Planning'],
      ['r', 'ann', 'plans'],
      ['ul', 'dora', 'dora'],
      ['', 'ann', 'one'],
      ['', 'ann', 'two'],
      ['', 'ann', 'shown'],
      ['', 'dora', 'late reply'],
      ['', 'ann', 'orphan'],
      ['', 'ann', 'https://files.example.com/a.txt'],
      ['', 'ann', 'https://docs.example.com/d?usp=1'],
    ]);
    const [, named, linked, parent, reply, shouted, edited, , bot] = messages;
    expect(named).toMatchObject({
      ...{ _id: `slack-C01-${ts(1).replace('.', '-')}`, pinned: true, pinnedBy: { username: 'dora' } },
      pinnedAt: iso(1_580_428_900_000),
      mentions: [{ _id: 'all' }, { username: 'dora' }, { username: 'ann' }],
      channels: [{ name: 'main' }, { name: 'old' }],
    });
    expect(linked.urls.map(({ url }: { url: string }) => url)).toEqual([
      ...['https://example.com/a?b=1&c=2', 'https://example.com/'],
    ]);
    expect(parent).toMatchObject({
      ...{ tcount: 3, tlm: iso(1_580_428_800_000 + 90_000_000), replies: [dora.uid, expect.any(String)] },
      reactions: { ':thumbsup:': { usernames: ['ann', 'dora'] }, ':wave_tone2:': { usernames: ['dora'] } },
    });
    expect(Object.keys(parent.reactions)).toHaveLength(2);
    expect([reply.tmid, reply.tshow, shouted.tmid, shouted.tshow]).toEqual([
      parent._id,
      undefined,
      parent._id,
      true,
    ]);
    expect(edited).toMatchObject({ editedAt: iso(1_580_428_860_000), editedBy: { username: 'ann' } });
    expect(bot).toMatchObject({ alias: 'Deployer', emoji: ':ship:', bot: true });
    expect(messages[16].ts > messages[15].ts).toBe(true);
    expect(messages[17].attachments).toEqual([
      { title: 'T [x](https://a.b)', text: '&', fallback: 'f', author_name: 'N' },
    ]);
    expect(messages[20]).toMatchObject({ reactions: { ':eyes:': { usernames: ['dora'] } } });
    expect(messages[20]._importFile).toEqual({
      ...{ id: 'F1', name: 'a.txt', size: 5, external: false, source: 'slack' },
      downloadUrl: 'https://files.example.com/a.txt',
    });
    expect(JSON.stringify(messages)).not.toContain('xoxe');
    const rid = parent.rid;
    const { threads } = (await dora.get('chat.getThreadsList', { rid })).body;
    expect(threads.map(({ _id }: { _id: string }) => _id)).toEqual([parent._id]);
  });

  test('importing it again, or a later export, adds only what is new', async () => {
    const before = await plans();
    const [, , , parent] = before;
    await dora.post('chat.react', { messageId: parent._id, emoji: ':tada:', shouldReact: true });
    await dora.post('chat.sendMessage', { message: { rid: parent.rid, msg: 'said here', tmid: parent._id } });
    await importing.all('slack', FILES);
    const after = await plans();
    const { reactions, ...rest } = parent;
    const changed = { ...rest, reactions: { ...reactions, ':tada:': { usernames: ['dora'] } } };
    const news = { tcount: 4, tlm: expect.any(String), _updatedAt: expect.any(String) };
    expect(after.slice(0, -1)).toEqual(
      before.map((each) => (each === parent ? { ...changed, ...news } : each)),
    );
    expect(await importing.room('plans')).toMatchObject({ msgs: before.length + 1 });

    const PLANS_3 = [
      { ...PLANS_1[2], text: 'written anew', edited: { user: 'U02', ts: ts(100) } },
      said('U01', 100_000, 'later'),
    ];
    await importing.all('slack', { ...FILES, 'plans/2020-02-03.json': PLANS_3 });
    const later = await plans();
    expect(later.map(({ msg }) => msg)).toEqual(
      after.map(({ msg }, index) => (index === 2 ? 'written anew' : msg)).toSpliced(-1, 0, 'later'),
    );
  });

  test('a private room does not become public by its name, nor one that lives here archived', async () => {
    const { channel } = (await server.admin.post('channels.create', { name: 'lively' })).body;
    await importing.all('slack', {
      'users.json': USERS,
      'channels.json': [
        { id: 'C10', name: 'lively', created: 5, creator: 'U01', is_archived: true, members: [] },
      ],
      'groups.json': [{ id: 'G10', name: 'plans', created: 5, creator: 'U01', members: ['U01'] }],
      'plans/2020-01-31.json': [],
    });
    expect((await server.admin.get('rooms.info', { roomId: channel._id })).body.room).not.toHaveProperty(
      'archived',
    );
    expect(await importing.room('plans')).toMatchObject({ t: 'c' });
    expect(await importing.privateRoom('plans-1')).toMatchObject({ t: 'p', fname: 'plans' });
  });

  test('the list of members alone', async () => {
    const csv = [
      'username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname,expiration-timestamp',
      'gina,gina@example.com,Admin,1,0,0,U20,Gina G,gg,',
      'hal,hal@example.com,Bot,1,0,0,U21,,Hal,',
      'ida,ida@example.com,Deactivated,1,0,0,U22,,,',
      'joe,,Member,1,0,0,U23,Joe,,',
      'kim,kim@example.com,Primary Owner,1,0,0,U24,Kim K,,',
    ].join('\n');
    await importing.upload('slack-users', Buffer.from(csv), 'members.csv');
    expect((await importing.prepare()).users).toHaveLength(4);
    expect(await importing.start()).toMatchObject({ name: 'Slack_Users', count: { total: 4, completed: 4 } });
    const user = async (username: string) => (await server.admin.get('users.info', { username })).body.user;
    expect(await user('gina')).toMatchObject({
      name: 'Gina G',
      roles: ['user', 'admin'],
      importIds: ['gina@example.com'],
    });
    expect(await user('hal')).toMatchObject({ name: 'Hal', type: 'bot', roles: ['user', 'bot'] });
    expect(await user('ida')).toMatchObject({ name: 'ida', active: false });
    expect(await user('kim')).toMatchObject({ name: 'Kim K', roles: ['user'] });
  });
});
