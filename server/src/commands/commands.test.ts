import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DdpClient, Frame } from '../../test/support/ddp-client.ts';
import {
  coded,
  type Listener,
  plain,
  type RoomWorld,
  startRoomWorld,
  type TestRoom,
  withPermission,
} from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
/** Owned by alice, with bob. */
let room: TestRoom;
const listeners = new Map<Person, Listener>();

beforeAll(async () => {
  world = await startRoomWorld();
  for (const person of [world.alice, world.bob]) listeners.set(person, await world.listen(person));
});
beforeEach(async () => {
  room = await world.channel([world.bob]);
});
afterAll(() => world.close());

const run = (person: Person, command: string, params = '', rid = room._id, more: object = {}) =>
  person.post('commands.run', { command, roomId: rid, params, ...more });
const OK = { status: 200, body: { success: true } };
const last = async (rid = room._id): Promise<Frame> => (await world.messages(rid)).at(-1) as Frame;

/** Runs a command that is not refused; returns what its caller alone is told. */
async function told(person: Person, command: string, params = '', rid = room._id): Promise<string[]> {
  const listener = listeners.get(person);
  const before = (await listener?.ephemeral())?.length ?? 0;
  expect(await run(person, command, params, rid)).toMatchObject(OK);
  return ((await listener?.ephemeral()) ?? []).slice(before).map(({ msg }) => msg);
}

describe('doors', () => {
  test('commands.list and commands.get describe what there is', async () => {
    const { alice } = world;
    const { body } = await alice.get('commands.list');
    expect(body).toMatchObject({ appsLoaded: true, offset: 0, count: 24, total: 24, success: true });
    expect(body.commands.slice(0, 3).map((one: Frame) => one.command)).toEqual([
      'archive',
      'unarchive',
      'create',
    ]);
    const wanted = await alice.get('commands.list', { query: '{"command":"kick"}' });
    expect(wanted.body.commands).toEqual([
      {
        ...{ command: 'kick', params: '@username', description: 'Remove_someone_from_room' },
        ...{ permission: 'remove-user', clientOnly: false, providesPreview: false },
      },
    ]);
    const sorted = await alice.get('commands.list', { sort: '{"command":-1}', count: 1, offset: 1 });
    expect(sorted.body).toMatchObject({ commands: [{ command: 'unflip' }], count: 1, total: 24 });
    expect((await alice.get('commands.list', { query: 'x' })).body.errorType).toBe('error-invalid-query');
    expect((await alice.get('commands.get', { command: 'OPEN' })).body).toEqual({
      command: {
        ...{ command: 'open', params: 'room_name', description: 'Opens_a_channel_group_or_direct_message' },
        ...{ clientOnly: true, providesPreview: false },
      },
      success: true,
    });
    expect((await alice.get('commands.get', { command: 'x' })).body).toEqual(
      plain('There is no command in the system by the name of: x'),
    );
    expect((await alice.get('commands.get')).body.errorType).toBe('error-invalid-params');
    expect((await world.server.anonymous.get('commands.list')).status).toBe(401);
  });

  test('commands.run refuses unknown commands, rooms of others and threads of other rooms', async () => {
    const { alice, carol } = world;
    const secret = await world.group();
    expect((await run(alice, 'nothing')).body).toEqual(
      plain('The command provided does not exist (or is disabled).'),
    );
    for (const rid of [secret._id, 'nowhere'])
      expect(await run(carol, 'me', 'x', rid)).toMatchObject({
        status: 403,
        body: { success: false, error: 'unauthorized' },
      });
    const elsewhere = await world.say(alice, secret._id, 'elsewhere');
    for (const tmid of [elsewhere._id, 'nowhere'])
      expect((await run(alice, 'me', 'x', room._id, { tmid })).body).toEqual(plain('Invalid thread.'));
    expect((await alice.post('commands.run', { command: 'me' })).body.errorType).toBe('error-invalid-params');
    expect(await run(alice, 'open', '#general')).toMatchObject(OK);
  });

  test('nothing has previews', async () => {
    const { alice } = world;
    const place = { command: 'me', roomId: room._id };
    const none = coded('error-invalid-command', 'Command Does Not Provide Previews', {
      method: 'executeSlashCommandPreview',
    });
    expect((await alice.get('commands.preview', place)).body).toEqual(none);
    const previewItem = { id: '1', type: 'text', value: 'x' };
    expect((await alice.post('commands.preview', { ...place, previewItem })).body).toEqual(none);
    expect((await alice.get('commands.preview', { ...place, command: 'x' })).body.error).toBe(
      'The command provided does not exist (or is disabled).',
    );
    expect((await alice.get('commands.preview', { ...place, roomId: 'x' })).status).toBe(403);
  });

  test('the methods over DDP', async () => {
    const socket: DdpClient = await world.alice.ddp();
    const parent = await world.say(world.alice, room._id, 'parent');
    const msg = { _id: 'chosen-by-client', rid: room._id, msg: '/shrug so', tmid: parent._id };
    expect(await socket.call('slashCommand', { cmd: 'shrug', params: 'so', msg })).toBeUndefined();
    expect(await last()).toMatchObject({ _id: 'chosen-by-client', tmid: parent._id });
    const invalid = { error: 'error-invalid-command' };
    await expect(socket.call('slashCommand', { cmd: 'nothing', params: '', msg })).rejects.toMatchObject(
      invalid,
    );
    for (const method of ['getSlashCommandPreviews', 'executeSlashCommandPreview'])
      await expect(socket.call(method, { cmd: 'me', params: '', msg })).rejects.toMatchObject(invalid);
  });
});

describe('texts', () => {
  test.each([
    ['me', 'waves', '_waves_'],
    ['gimme', 'this', '༼ つ ◕_◕ ༽つ this'],
    ['lennyface', 'hm', 'hm ( ͡° ͜ʖ ͡°)'],
    ['SHRUG', '', '¯\\\\_(ツ)_/¯'],
    ['tableflip', 'no', 'no (╯°□°）╯︵ ┻━┻'],
    ['unflip', 'yes', 'yes ┬─┬ ノ( ゜-゜ノ)'],
  ])('/%s %s', async (command, params, text) => {
    expect(await run(world.bob, command, params)).toMatchObject(OK);
    expect(await last()).toMatchObject({ msg: text, u: { username: 'bob' } });
  });

  test('/me without text sends nothing; who may not write is refused', async () => {
    const before = (await world.messages(room._id)).length;
    expect(await run(world.bob, 'me', '  ')).toMatchObject(OK);
    await world.alice.post('channels.setReadOnly', { roomId: room._id, readOnly: true });
    expect((await run(world.bob, 'me', 'x')).status).toBe(400);
    expect((await world.messages(room._id)).slice(before).filter(({ t }) => t === undefined)).toEqual([]);
  });

  test('/msg writes to somebody', async () => {
    const { alice, bob } = world;
    expect(await told(alice, 'msg', '@bob hello  there\nyou')).toEqual([]);
    const { room: direct } = (await alice.post('im.create', { username: 'bob' })).body;
    expect((await last(direct._id)).msg).toBe('hello  there\nyou');
    expect(await told(bob, 'msg', '@alice')).toEqual(['Username and message must not be empty.']);
    expect(await told(bob, 'msg', '@nobody hi')).toEqual(["The username `nobody` doesn't exist."]);
  });

  test('/help and /status', async () => {
    const [help] = await told(world.bob, 'help');
    expect(help?.split('\n')).toHaveLength(8);
    expect(await told(world.bob, 'status', 'out for lunch')).toEqual([
      'Status message changed successfully.',
    ]);
    expect((await world.bob.get('me')).body.statusText).toBe('out for lunch');
    await world.withSettings({ Accounts_AllowUserStatusMessageChange: false }, async () => {
      expect((await run(world.bob, 'status', 'x')).body.errorType).toBe('error-not-allowed');
    });
    expect((await listeners.get(world.bob)?.ephemeral())?.at(-1)?.msg).toBe(
      'Your Rocket.Chat administrator has disabled the changing of status messages',
    );
  });
});

describe('rooms', () => {
  test('/archive and /unarchive, here and by name', async () => {
    const { alice, bob, admin } = world;
    const { name } = room;
    expect((await run(bob, 'archive')).body.errorType).toBe('error-not-authorized');
    await withPermission(world, 'unarchive-room', ['admin', 'owner'], async () => {
      expect(await told(alice, 'archive')).toEqual([
        `Channel with name \`#${name}\` has been archived successfully`,
      ]);
      expect(await told(alice, 'archive', `#${name}`)).toEqual([
        `An archived Channel with name \`#${name}\` exists`,
      ]);
      const general = 'GENERAL';
      await alice.post('channels.join', { roomId: general });
      expect(await told(alice, 'unarchive', `#${name}`, general)).toEqual([
        `Channel with name \`#${name}\` has been Unarchived successfully`,
      ]);
      expect(await told(alice, 'unarchive', name)).toEqual([
        `Channel with name \`#${name}\` is already in Unarchived state`,
      ]);
    });
    expect(await told(alice, 'archive', '#nowhere')).toEqual(['The channel `#nowhere` does not exist.']);
    const secret = await world.group();
    expect(await told(bob, 'archive', secret.name)).toEqual([
      `The channel \`#${secret.name}\` does not exist.`,
    ]);
    const { room: direct } = (await alice.post('im.create', { username: 'bob' })).body;
    for (const [command, word] of [
      ['archive', 'archived'],
      ['unarchive', 'unarchived'],
    ]) {
      expect((await run(admin, `${command}`, '', direct._id)).status).toBe(403);
      expect((await run(alice, `${command}`, '', direct._id)).body.error).toContain(
        `Room type: d can not be ${word}`,
      );
    }
  });

  test('/create', async () => {
    const { alice } = world;
    expect(await told(alice, 'create', '#made-here')).toEqual([]);
    expect(await told(alice, 'create', 'made-here')).toEqual(['The channel `#made-here` already exists.']);
    expect(await told(alice, 'create', '--private #made-secretly')).toEqual([]);
    const info = (await alice.get('rooms.info', { roomName: 'made-secretly' })).body.room;
    expect(info).toMatchObject({ t: 'p', u: { username: 'alice' } });
    await withPermission(world, 'create-c', ['admin'], async () => {
      expect((await run(alice, 'create', '#not-mine')).status).toBe(403);
    });
    expect(await told(alice, 'create', '!!!')).toEqual([]);
  });

  test('/hide here, by name and by person', async () => {
    const { alice, bob } = world;
    const isOpen = async (rid: string) => (await world.subscription(bob, rid))?.open;
    expect(await told(bob, 'hide')).toEqual([]);
    expect(await isOpen(room._id)).toBe(false);
    const { room: direct } = (await bob.post('im.create', { username: 'alice' })).body;
    expect(await told(bob, 'hide', '@alice')).toEqual([]);
    expect(await isOpen(direct._id)).toBe(false);
    const other = await world.channel();
    expect(await told(bob, 'hide', `#${other.name}`)).toEqual([`You are not in the room \`${other.name}\``]);
    expect(await told(alice, 'hide', '#nowhere')).toEqual(['The channel `#nowhere` does not exist.']);
    expect(await told(alice, 'hide', '@nobody')).toEqual(['The channel `#nobody` does not exist.']);
  });

  test('/join, /leave, /part and /topic', async () => {
    const { alice, bob, carol } = world;
    const other = await world.channel();
    expect(await told(bob, 'join', `#${other.name}`)).toEqual([]);
    expect(await last(other._id)).toMatchObject({ t: 'uj', msg: 'bob' });
    expect((await run(bob, 'join', other.name)).body).toEqual(
      coded('error-user-already-in-room', 'You are already in the channel', { method: 'slashCommands' }),
    );
    for (const name of ['nowhere', (await world.group([bob])).name])
      expect(await told(bob, 'join', name)).toEqual([`The channel \`#${name}\` does not exist.`]);
    expect(await told(bob, 'leave', '', other._id)).toEqual([]);
    expect(await last(other._id)).toMatchObject({ t: 'ul' });
    expect(await told(alice, 'part', '', other._id)).toEqual([
      'You are the last owner. Please set new owner before leaving the room.',
    ]);
    expect(await told(alice, 'topic', 'trains')).toEqual([]);
    expect(await told(bob, 'topic', 'boats')).toEqual([]);
    expect(await run(carol, 'topic', 'planes')).toMatchObject(OK);
    expect((await world.room(room._id)).topic).toBe('trains');
  });
});

describe('members', () => {
  const membersOf = async (rid: string): Promise<string[]> => {
    const { body } = await world.admin.get('channels.members', { roomId: rid });
    return body.members.map(({ username }: Frame) => username).sort();
  };

  test('/invite', async () => {
    const { alice, bob } = world;
    expect(await told(alice, 'invite', '@carol, @bob @nobody')).toEqual(['`@bob` is already in here.']);
    expect(await membersOf(room._id)).toEqual(['alice', 'bob', 'carol']);
    expect(await told(alice, 'invite', '@nobody @none')).toEqual([
      'No user exists by the name of `@nobody @none`.',
    ]);
    const { room: direct } = (await alice.post('im.create', { username: 'bob' })).body;
    expect(await told(alice, 'invite', '@carol', direct._id)).toEqual([
      'Cannot invite users to direct rooms',
    ]);
    await withPermission(world, 'add-user-to-joined-room', ['admin', 'owner'], async () => {
      expect(await told(bob, 'invite', '@carol')).toEqual(['Not allowed']);
    });
  });

  test('/invite-all-to and /invite-all-from', async () => {
    const { alice, bob } = world;
    const ADDED = 'The users have been added';
    const NO_ACCESS = 'The room does not exist or you may not have access permission';
    const other = await world.channel([world.carol]);
    expect(await told(alice, 'invite-all-to', `#${other.name}`)).toEqual([ADDED]);
    expect(await membersOf(other._id)).toEqual(['alice', 'bob', 'carol']);
    expect(await told(alice, 'invite-all-from', other.name)).toEqual([ADDED]);
    expect(await membersOf(room._id)).toEqual(['alice', 'bob', 'carol']);
    expect(await told(alice, 'invite-all-to', '#made-for-all')).toEqual([
      'Channel `#made-for-all` created.',
      ADDED,
    ]);
    const made = (await alice.get('rooms.info', { roomName: 'made-for-all' })).body.room;
    expect(made).toMatchObject({ t: 'c', usersCount: 3 });
    const secret = await world.group();
    for (const name of ['nowhere', secret.name])
      expect(await told(bob, 'invite-all-from', name)).toEqual([NO_ACCESS]);
    await world.withSettings({ API_User_Limit: 2 }, async () => {
      expect(await told(alice, 'invite-all-to', secret.name)).toEqual(['User Limit Exceeded']);
    });
  });

  test('/kick, /mute and /unmute', async () => {
    const { alice, bob } = world;
    const unknown = "The username `nobody` doesn't exist.";
    expect((await run(bob, 'mute', '@alice')).body.errorType).toBe('error-not-allowed');
    expect(await told(alice, 'mute', '@bob')).toEqual([]);
    expect((await world.room(room._id)).muted).toEqual(['bob']);
    expect(await told(alice, 'unmute', 'bob')).toEqual([]);
    expect((await world.room(room._id)).muted).toEqual([]);
    expect(await told(alice, 'unmute', '@nobody')).toEqual([unknown]);
    expect((await run(alice, 'mute', '@nobody')).body.errorType).toBe('error-user-not-in-room');
    expect((await listeners.get(alice)?.ephemeral())?.at(-1)?.msg).toBe(unknown);
    expect((await run(bob, 'kick', '@alice')).body.errorType).toBe('error-not-allowed');
    expect(await told(alice, 'kick', '@nobody')).toEqual([unknown]);
    expect(await told(alice, 'kick', '@bob')).toEqual([]);
    expect(await membersOf(room._id)).toEqual(['alice']);
    for (const command of ['kick', 'mute', 'unmute', 'join', 'invite', 'invite-all-to'])
      expect(await told(alice, command, ' ')).toEqual([]);
  });
});
