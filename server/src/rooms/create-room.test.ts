import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  coded,
  EJSON_DATE,
  INVALID_PARAMS,
  ISO,
  plain,
  type RoomWorld,
  startRoomWorld,
  withPermission,
} from '../../test/support/rooms.ts';

let world: RoomWorld;

beforeAll(async () => {
  world = await startRoomWorld();
});
afterAll(() => world.close());

const FAMILIES = [
  { prefix: 'channels', key: 'channel', t: 'c' },
  { prefix: 'groups', key: 'group', t: 'p' },
] as const;

const nameRefusal = (code: string, reason: string, slug: string) =>
  coded(code, reason, { function: 'RocketChat.getValidRoomName', channel_name: slug });

describe.each(FAMILIES)('$prefix.create', ({ prefix, key, t }) => {
  const path = `${prefix}.create`;

  test('the answer is the new room, owned by the creator', async () => {
    const { alice, bob, newName, subscription } = world;
    const name = newName();
    const { status, body } = await alice.post(path, { name, members: ['bob', 'nobody', 'bob', 'alice'] });
    expect(status).toBe(200);
    const room = body[key];
    expect(body).toEqual({
      [key]: {
        _id: expect.stringMatching(/^[2-9A-HJ-NP-Za-km-z]{17}$/),
        name,
        fname: name,
        t,
        msgs: 0,
        usersCount: 2,
        u: { _id: alice.uid, username: 'alice', name: 'alice' },
        customFields: {},
        ts: ISO,
        ro: false,
        sysMes: true,
        default: false,
        _updatedAt: ISO,
      },
      success: true,
    });
    const creator = await subscription(alice, room._id);
    expect(creator).toEqual({
      _id: expect.any(String),
      rid: room._id,
      t,
      u: { _id: alice.uid, username: 'alice', name: 'alice' },
      name,
      fname: name,
      ts: room.ts,
      ls: room.ts,
      open: true,
      alert: false,
      unread: 0,
      userMentions: 0,
      groupMentions: 0,
      roles: ['owner'],
      customFields: {},
      _updatedAt: ISO,
    });
    const member = await subscription(bob, room._id);
    expect(member).toMatchObject({ open: true, alert: false, unread: 0, userMentions: 0, ts: room.ts });
    expect(member).not.toHaveProperty('ls');
    expect(member).not.toHaveProperty('roles');
  });

  test('no message is posted for the creation or the first members', async () => {
    const { alice, messages, newName } = world;
    const { body } = await alice.post(path, { name: newName(), members: ['bob', 'carol'] });
    expect(await messages(body[key]._id)).toEqual([]);
  });

  test('every option ends up in the room', async () => {
    const { alice, newName } = world;
    const { body } = await alice.post(path, {
      name: newName(),
      readOnly: true,
      customFields: { cost: 7, tags: ['a'] },
      extraData: { topic: 'Plans', broadcast: false, encrypted: false },
    });
    expect(body[key]).toMatchObject({
      ro: true,
      customFields: { cost: 7, tags: ['a'] },
      topic: 'Plans',
      broadcast: false,
      encrypted: false,
    });
  });

  test('a broadcast room is read-only', async () => {
    const { alice, newName } = world;
    const { body } = await alice.post(path, {
      name: newName(),
      readOnly: false,
      extraData: { broadcast: true, reactWhenReadOnly: true },
    });
    expect(body[key]).toMatchObject({ broadcast: true, ro: true });
    expect(body[key]).not.toHaveProperty('reactWhenReadOnly');
  });

  test('unknown members of extraData are ignored, dangerous ones above all', async () => {
    const { alice, newName } = world;
    const extraData = {
      description: 'from an old bot',
      default: true,
      featured: true,
      retention: { enabled: true },
      teamMain: true,
      teamId: 'no such team',
      u: { _id: 'x', username: 'x' },
      ts: '2001-01-01T00:00:00.000Z',
      _id: 'mine',
      msgs: 99,
      usersCount: 99,
      joinCode: 'x',
      prid: 'GENERAL',
      archived: true,
    };
    const { status, body } = await alice.post(path, { name: newName(), extraData });
    expect(status).toBe(200);
    expect(body[key]).toMatchObject({ default: false, msgs: 0, usersCount: 1, u: { username: 'alice' } });
    expect(body[key]._id).not.toBe('mine');
    const kept = Object.keys(body[key]).filter((member) => member in extraData);
    expect(kept.sort()).toEqual(['_id', 'default', 'msgs', 'ts', 'u', 'usersCount']);
  });

  test('excludeSelf leaves the creator out: nobody owns the room', async () => {
    const { alice, bob, newName, subscription } = world;
    const { body } = await alice.post(path, {
      name: newName(),
      members: ['alice', 'bob'],
      excludeSelf: true,
    });
    expect(body[key]).toMatchObject({ usersCount: 1, u: { _id: alice.uid } });
    expect(await subscription(alice, body[key]._id)).toBeNull();
    expect(await subscription(bob, body[key]._id)).not.toHaveProperty('roles');
  });

  test('every member hears of the subscription and the room', async () => {
    const { alice, bob, listen, newName } = world;
    const [creator, member] = [await listen(alice), await listen(bob)];
    const { body } = await alice.post(path, { name: newName(), members: ['bob'] });
    const rid = body[key]._id;
    expect(await creator.subscriptions(rid)).toMatchObject([
      ['inserted', { rid, roles: ['owner'], ls: EJSON_DATE }],
    ]);
    expect(await creator.rooms(rid)).toMatchObject([['inserted', { _id: rid, usersCount: 2 }]]);
    expect(await member.subscriptions(rid)).toMatchObject([['inserted', { rid, open: true, alert: false }]]);
    expect(await member.rooms(rid)).toMatchObject([['inserted', { _id: rid, t, usersCount: 2, msgs: 0 }]]);
  });

  test.each([
    ['no name', {}],
    ['an object as name', { name: { $ne: 1 } }],
    ['a text as members', { name: 'x', members: { 0: 'bob' } }],
    ['objects as members', { name: 'x', members: [{ _id: 'bob' }] }],
    ['an unknown member', { name: 'x', type: 'p' }],
    ['a list as customFields', { name: 'x', customFields: ['a', 'b'] }],
    ['a text as extraData', { name: 'x', extraData: 'topic' }],
    ['a word as broadcast', { name: 'x', extraData: { broadcast: 'yes' } }],
    ['a word as encrypted', { name: 'x', extraData: { encrypted: 'yes' } }],
    ['a word as federated', { name: 'x', extraData: { federated: 'yes' } }],
    ['an object as topic', { name: 'x', extraData: { topic: {} } }],
    ['a list as teamId', { name: 'x', extraData: { teamId: ['a', 'b'] } }],
  ])('%s is refused as parameters', async (_what, body) => {
    const answer = await world.alice.post(path, body);
    expect([answer.status, answer.body]).toEqual([400, INVALID_PARAMS]);
  });

  test('a name of another scalar type is taken as text', async () => {
    const { body } = await world.alice.post(path, { name: t === 'c' ? 4711 : 4712 });
    expect(body[key].name).toBe(t === 'c' ? '4711' : '4712');
  });

  test('members of extraData of another scalar type are taken as their own', async () => {
    const { alice, newName } = world;
    const extraData = { broadcast: 'true', topic: 5, teamId: null };
    const { status, body } = await alice.post(path, { name: newName(), extraData });
    expect([status, body[key]]).toMatchObject([200, { broadcast: true, ro: true, topic: '5' }]);
    expect(body[key]).not.toHaveProperty('teamId');
  });

  test('an empty name is refused after the permission, a blank one as invalid', async () => {
    const { alice } = world;
    const text = t === 'c' ? 'Param "name" is required' : 'Body param "name" is required';
    expect((await alice.post(path, { name: '' })).body).toEqual(plain(text));
    const blank = coded('error-invalid-name', 'Invalid name', { function: 'RocketChat.createRoom' });
    expect((await alice.post(path, { name: ' \t ' })).body).toEqual(blank);
    await withPermission(world, `create-${t}`, ['admin'], async () => {
      const { status } = await alice.post(path, { name: '' });
      expect(status).toBe(t === 'c' ? 403 : 400);
    });
  });

  test('the name is trimmed', async () => {
    const { alice, newName } = world;
    const name = newName();
    const { body } = await alice.post(path, { name: `  ${name} ` });
    expect(body[key]).toMatchObject({ name, fname: name });
  });

  test.each(['white space', 'slash/y', 'üml', 'a<b>', 'admin', 'Administrator', 'SYSTEM', 'user', "x'y"])(
    'the name %j is not valid',
    async (name) => {
      const slug = name.replace('<', '&lt;').replace('>', '&gt;').replace("'", '&#39;');
      const { status, body } = await world.alice.post(path, { name });
      const refusal = nameRefusal('error-invalid-room-name', `${slug} is not a valid room name.`, slug);
      expect([status, body]).toEqual([400, refusal]);
    },
  );

  test('a name that any room has is a duplicate, archived or not; another case is another name', async () => {
    const { alice, channel, group } = world;
    for (const taken of [await channel(), await group()]) {
      const { name } = taken;
      const exists = nameRefusal(
        'error-duplicate-channel-name',
        `A channel with name '${name}' exists`,
        name,
      );
      expect((await alice.post(path, { name })).body).toEqual(exists);
      expect(await alice.post(path, { name: `${name.toUpperCase()}-${t}` })).toMatchObject({ status: 200 });
    }
    const old = await channel();
    await alice.post('channels.archive', { roomId: old._id });
    const archived = `There's an archived channel with name ${old.name}`;
    const { body } = await alice.post(path, { name: old.name });
    expect(body).toEqual(nameRefusal('error-archived-duplicate-name', archived, old.name));
  });

  test('of several creations of one name at the same moment one succeeds', async () => {
    const { alice, bob, carol, newName } = world;
    for (let round = 0; round < 3; round++) {
      const name = newName();
      const answers = await Promise.all([alice, bob, carol].map((person) => person.post(path, { name })));
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400, 400]);
      const refused = answers.filter((answer) => answer.status === 400).map((answer) => answer.body);
      const exists = nameRefusal(
        'error-duplicate-channel-name',
        `A channel with name '${name}' exists`,
        name,
      );
      expect(refused).toEqual([exists, exists]);
    }
  });

  test('a username is no obstacle on creation', async () => {
    const name = t === 'c' ? 'bob' : 'carol';
    expect(await world.alice.post(path, { name })).toMatchObject({ status: 200 });
  });

  test('without the permission it is refused', async () => {
    const { alice, newName } = world;
    await withPermission(world, `create-${t}`, ['admin'], async () => {
      const { status, body } = await alice.post(path, { name: newName() });
      const refused =
        t === 'c'
          ? [403, plain('unauthorized')]
          : [400, coded('error-not-allowed', 'Not allowed', { method: 'createPrivateGroup' })];
      expect([status, body]).toEqual(refused);
    });
  });
});

describe('names with special characters', () => {
  const SPECIAL = { UI_Allow_room_names_with_special_chars: true };

  test.each([
    ['Früh Stück & Café', 'Fruh-Stuck-Cafe'],
    ['Große Ærø', 'Grosse-Aero'],
    ['Общий чат', 'Obshchii-chat'],
    ['Ελλάδα', 'Ellada'],
  ])('the slug of %s is made of its words, the display name stays as typed', async (fname, name) => {
    await world.withSettings(SPECIAL, async () => {
      const { body } = await world.alice.post('channels.create', { name: fname });
      expect(body.channel).toMatchObject({ name, fname });
    });
  });

  test('the same display name is a duplicate, another one with the same slug gets a number', async () => {
    const { alice, withSettings } = world;
    await withSettings(SPECIAL, async () => {
      const create = async (name: string) => (await alice.post('channels.create', { name })).body;
      expect((await create('Red Team!')).channel.name).toBe('Red-Team');
      expect((await create('Red Team?')).channel.name).toBe('Red-Team-1');
      expect((await create('Red Team.')).channel.name).toBe('Red-Team-2');
      const exists = "A channel with name 'Red-Team' exists";
      expect(await create('Red Team!')).toEqual(
        nameRefusal('error-duplicate-channel-name', exists, 'Red-Team'),
      );
    });
  });

  test('an invalid expression falls back to the default, a valid one is anchored as a whole', async () => {
    const { alice, withSettings } = world;
    const create = (name: string) => alice.post('channels.create', { name });
    await withSettings({ UTF8_Channel_Names_Validation: '[a-z' }, async () => {
      expect(await create('Fall_back.1')).toMatchObject({ status: 200 });
      expect((await create('fall back')).body.errorType).toBe('error-invalid-room-name');
    });
    await withSettings({ UTF8_Channel_Names_Validation: 'dev-[a-z]+|ops-[a-z]+' }, async () => {
      expect(await create('dev-web')).toMatchObject({ status: 200 });
      expect((await create('dev-web2')).body.errorType).toBe('error-invalid-room-name');
      expect((await create('xops-web')).body.errorType).toBe('error-invalid-room-name');
    });
  });
});

describe('rooms of a team', () => {
  async function team(...members: Parameters<RoomWorld['channel']>[0] & object) {
    const room = await world.channel(members);
    const { body } = await world.alice.post('channels.convertToTeam', { channelId: room._id });
    return { ...body.team, main: room } as { _id: string; name: string; main: { _id: string } };
  }

  test('creating a channel in a team needs create-team-channel in the main room, and is announced there', async () => {
    const { alice, bob, messages, newName, room } = world;
    const { _id: teamId, main } = await team(bob);
    const name = newName();
    const body = { name, extraData: { teamId } };
    expect(await bob.post('channels.create', body)).toMatchObject({
      status: 403,
      body: plain('unauthorized'),
    });
    const created = await alice.post('channels.create', body);
    expect(created.body.channel).toMatchObject({ name, teamId });
    expect((await messages(main._id)).at(-1)).toMatchObject({
      t: 'user-added-room-to-team',
      msg: name,
      u: { username: 'alice' },
    });
    expect(await room(main._id)).toMatchObject({ msgs: 2 });
  });

  test('creating a group in a team needs create-team-group and is not announced', async () => {
    const { alice, bob, newName, types } = world;
    const { _id: teamId, main } = await team(bob);
    const body = { name: newName(), extraData: { teamId } };
    const refused = coded('error-not-allowed', 'Not allowed', { method: 'createPrivateGroup' });
    expect((await bob.post('groups.create', body)).body).toEqual(refused);
    expect((await alice.post('groups.create', body)).body.group).toMatchObject({ teamId });
    expect(await types(main._id)).toEqual(['user-converted-to-team']);
  });

  test('inside a team the team permission replaces create-c', async () => {
    const { alice, newName } = world;
    const { _id: teamId } = await team();
    await withPermission(world, 'create-c', ['admin'], async () => {
      const { status } = await alice.post('channels.create', { name: newName(), extraData: { teamId } });
      expect(status).toBe(200);
    });
  });

  test('`teams` adds the members of teams that the caller can see', async () => {
    const { admin, alice, bob, carol, group, newName } = world;
    const open = await team(bob);
    const hidden = await group([carol]);
    const secret = (await alice.post('groups.convertToTeam', { roomId: hidden._id })).body.team;
    const teams = [open.name, secret.name, 'no such team'];
    const members = async (person: typeof bob) => {
      const { body } = await person.post('channels.create', { name: newName(), teams });
      const answer = await person.get('channels.members', { roomId: body.channel._id });
      return answer.body.members.map((member: { username: string }) => member.username).sort();
    };
    expect(await members(bob)).toEqual(['alice', 'bob']);
    expect(await members(alice)).toEqual(['alice', 'bob', 'carol']);
    expect(await members(admin)).toEqual(['alice', 'bob', 'carol', 'root']);
  });
});

test('groups are encrypted from the start where the workspace says so', async () => {
  const { alice, newName, withSettings } = world;
  await withSettings({ E2E_Enable: true, E2E_Enabled_Default_PrivateRooms: true }, async () => {
    const create = async (path: string, more: object) =>
      (await alice.post(path, { name: newName(), ...more })).body;
    expect((await create('groups.create', {})).group).toMatchObject({ encrypted: true });
    expect((await create('groups.create', { extraData: { encrypted: false } })).group).toMatchObject({
      encrypted: false,
    });
    expect((await create('channels.create', {})).channel).not.toHaveProperty('encrypted');
  });
});

describe('the DDP methods', () => {
  test('createChannel and createPrivateGroup answer the room with rid and inserted', async () => {
    const { alice, newName, subscription } = world;
    const socket = await alice.ddp();
    const [open, hidden] = [newName(), newName()];
    const channel = await socket.call('createChannel', open, ['bob'], true, { a: 1 }, { topic: 'T' });
    expect(channel).toMatchObject({
      _id: channel.rid,
      name: open,
      t: 'c',
      inserted: true,
      ro: true,
      usersCount: 2,
      customFields: { a: 1 },
      topic: 'T',
    });
    const group = await socket.call('createPrivateGroup', hidden, []);
    expect(group).toMatchObject({ _id: group.rid, name: hidden, t: 'p', inserted: true, usersCount: 1 });
    expect(await subscription(alice, group.rid)).toMatchObject({ roles: ['owner'] });
  });

  test('they refuse as the REST endpoints do', async () => {
    const { alice } = world;
    const socket = await alice.ddp();
    await expect(socket.call('createChannel', 'general', [])).rejects.toMatchObject({
      error: 'error-duplicate-channel-name',
      details: { channel_name: 'general' },
    });
    await expect(socket.call('createChannel', '', [])).rejects.toMatchObject({ error: 'error-invalid-name' });
    await expect(socket.call('createChannel', 'x', [7])).rejects.toMatchObject({ error: 400 });
  });
});
