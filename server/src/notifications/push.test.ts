import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MailSink, startMailSink } from '../../test/support/mail-sink.ts';
import { type RoomWorld, startRoomWorld } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';
import { type Received, startReceiver, type WebReceiver } from '../../test/support/web-receiver.ts';

/** Messages on devices and by mail, for who is not looking (spec 30 §4.11, spec 23 "Push"). */

let gateway: WebReceiver;
let mails: MailSink;
let world: RoomWorld;
const APN = '/push/apn/send';
const GCM = '/push/gcm/send';

beforeAll(async () => {
  gateway = await startReceiver();
  mails = await startMailSink();
  world = await startRoomWorld({
    outboundAllow: ['127.0.0.1'],
    settingDefaults: { API_Embed: 'false', Push_gateway: `${gateway.url}/` },
    settingOverrides: { SMTP_Host: '127.0.0.1', SMTP_Port: String(mails.port) },
  });
  await register(world.bob, 'bobs-phone');
});
afterAll(async () => {
  await world.close();
  gateway.close();
  await mails.close();
});
beforeEach(() => gateway.answer(GCM, (_, response) => response.end('ok')));

const register = (person: Person, value: string, type = 'gcm') =>
  person.post('push.token', { type, value, appName: 'chat.app' });

const idle = () => world.server.server.jobs.idle();

/** What the gateway gets because of `work`. */
async function pushed(work: () => Promise<unknown>, path = GCM): Promise<Received[]> {
  const before = gateway.received(path).length;
  await work();
  await idle();
  return gateway.received(path).slice(before);
}

const setting = (id: string, value: unknown) => world.server.admin.post(`settings/${id}`, { value });

describe('a message', () => {
  test('is pushed to the devices of members, with nothing but its id', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    let id = '';
    const [first, ...others] = await pushed(async () => {
      id = (await world.say(alice, room._id, 'hello bob'))._id;
    });
    expect(others).toEqual([]);
    expect(first?.body).toEqual({
      token: 'bobs-phone',
      options: {
        ...{ from: 'push', sound: 'default', priority: 10, title: '', text: 'You have a new message' },
        ...{ badge: expect.any(Number), userId: bob.uid, notId: expect.any(Number), topic: 'chat.app' },
        payload: {
          host: expect.stringMatching(/^http.*\/$/),
          messageId: id,
          notificationType: 'message-id-only',
        },
        gcm: { style: 'inbox', image: expect.stringContaining('/assets/favicon_192.png') },
        apn: { category: 'MESSAGE' },
        uniqueId: expect.any(String),
      },
    });
    const { body } = await bob.get('push.get', { id });
    expect(body.data.message).toMatchObject({ _id: id, msg: 'hello bob' });
    expect(body.data.notification).toMatchObject({
      ...{ title: `#${room.name}`, text: 'alice: hello bob' },
      payload: {
        ...{ messageId: id, notificationType: 'message', rid: room._id, type: 'c', name: room.name },
        sender: { _id: alice.uid, username: 'alice' },
      },
    });
  });

  test('is pushed as it is where the workspace wants that', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    await setting('Push_request_content_from_server', false);
    const [whole] = await pushed(() => world.say(alice, room._id, 'all of it'));
    expect(whole?.body.options).toMatchObject({ title: `#${room.name}`, text: 'alice: all of it' });
    await setting('Push_show_username_room', false);
    const [nameless] = await pushed(() => world.say(alice, room._id, 'who says it?'));
    expect(nameless?.body.options).toMatchObject({ title: '', text: 'who says it?' });
    expect(JSON.stringify(nameless?.body)).not.toMatch(/alice|room-/);
    await setting('Push_show_message', false);
    const [bare] = await pushed(() => world.say(alice, room._id, 'nothing of it'));
    expect(bare?.body.options).toMatchObject({ title: '', text: 'You have a new message' });
    for (const id of ['request_content_from_server', 'show_message', 'show_username_room'])
      await setting(`Push_${id}`, true);
  });

  test.each([
    ['nothing of the room', { mobilePushNotifications: 'nothing' }, 'hello @bob', 0],
    ['mentions, and is not mentioned', { mobilePushNotifications: 'mentions' }, 'hello', 0],
    ['mentions, and is mentioned', { mobilePushNotifications: 'mentions' }, 'hello @bob', 1],
    ['mentions, and everybody is', { mobilePushNotifications: 'mentions' }, 'hello @all', 1],
    ['mentions, and those who are here are', { mobilePushNotifications: 'mentions' }, 'hello @here', 0],
    ['no notifications at all', { disableNotifications: '1' }, 'hello @bob', 0],
  ])('to somebody who wants %s', async (_, notifications, text, count) => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    await bob.post('rooms.saveNotification', { roomId: room._id, notifications });
    expect(await pushed(() => world.say(alice, room._id, text))).toHaveLength(count);
  });

  test('in a large room is pushed to those whom it names, and to those who want all', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    await setting('Notifications_Max_Room_Members', 1);
    expect(await pushed(() => world.say(alice, room._id, 'to nobody'))).toEqual([]);
    expect(await pushed(() => world.say(alice, room._id, 'to @all'))).toEqual([]);
    expect(await pushed(() => world.say(alice, room._id, 'to @bob'))).toHaveLength(1);
    const wish = (mobilePushNotifications: string) =>
      bob.post('rooms.saveNotification', { roomId: room._id, notifications: { mobilePushNotifications } });
    await wish('all');
    expect(await pushed(() => world.say(alice, room._id, 'to nobody'))).toHaveLength(1);
    await wish('mentions');
    expect(await pushed(() => world.say(alice, room._id, 'to @all'))).toEqual([]);
    await setting('Notifications_Max_Room_Members', 100);
  });

  test('is not pushed to its author, nor where push is off', async () => {
    const { bob, carol } = world;
    const room = await world.channel([bob, carol]);
    expect(await pushed(() => world.say(bob, room._id, 'by myself'))).toEqual([]);
    await setting('Push_enable', false);
    expect(await pushed(() => world.say(carol, room._id, 'unheard'))).toEqual([]);
    await setting('Push_enable', true);
  });

  test('waits for a member who is there, and is not pushed once it is read', async () => {
    const { alice, carol } = world;
    await register(carol, 'carols-phone', 'apn');
    const socket = await carol.ddp();
    await socket.call('UserPresence:online');
    const room = await world.channel([carol]);
    expect(await pushed(() => world.say(alice, room._id, 'are you there?'), APN)).toEqual([]);
    const { db, clock } = world.server.server.ctx;
    const due = () =>
      db.selectFrom('jobs').select(['id', 'run_at']).where('kind', '=', 'notifications.push').execute();
    const [job] = await due();
    expect((job?.run_at ?? 0) - clock.now()).toBeGreaterThan(60_000);
    await carol.post('subscriptions.read', { rid: room._id });
    await world.server.server.ctx.write(async (tx) => {
      await tx.updateTable('jobs').set({ run_at: 0 }).where('kind', '=', 'notifications.push').execute();
    });
    expect(await pushed(idle, APN)).toEqual([]);
    expect(await due()).toEqual([]);
    socket.close();
  });
});

describe('the gateway', () => {
  test('is asked again when it fails, and a device that it does not know is forgotten', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    let calls = 0;
    gateway.answer(GCM, (_, response) => {
      response.statusCode = ++calls === 1 ? 503 : 406;
      response.end();
    });
    await world.say(alice, room._id, 'try again');
    while (calls < 2) await gateway.until(GCM, gateway.received(GCM).length + 1);
    await idle();
    const { db } = world.server.server.ctx;
    expect(await db.selectFrom('push_tokens').select('id').where('uid', '=', bob.uid).execute()).toEqual([]);
    await register(bob, 'bobs-phone');
  });

  test('gets a test message on demand', async () => {
    const [call] = await pushed(async () => {
      expect((await world.bob.post('push.test')).body).toEqual({ tokensCount: 1, success: true });
    });
    expect(call?.body).toMatchObject({
      token: 'bobs-phone',
      options: { text: 'This is a push test message' },
    });
    await setting('Push_gateway', 'https://gateway.rocket.chat');
    expect((await world.bob.post('push.test')).body.errorType).toBe('error-push-disabled');
    await setting('Push_gateway', gateway.url);
  });
});

describe('push.get', () => {
  test('refuses what is unknown or in a room of others', async () => {
    const { alice, bob } = world;
    const group = (await alice.post('groups.create', { name: 'only-alice' })).body.group;
    const { _id: id } = await world.say(alice, group._id, 'a secret');
    const foreign = await bob.get('push.get', { id });
    expect([foreign.status, foreign.body]).toEqual([400, { success: false, error: 'error-not-allowed' }]);
    const unknown = await bob.get('push.get', { id: 'none' });
    expect([unknown.status, unknown.body]).toEqual([
      400,
      { success: false, error: 'error-message-not-found' },
    ]);
  });
});

describe('a mail', () => {
  const told = async (work: () => Promise<unknown>) => {
    const before = mails.mails.length;
    await work();
    await idle();
    return mails.mails.slice(before).map(({ to, subject }) => ({ to, subject }));
  };

  test('tells somebody who is away of direct messages and mentions, and of nothing else', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    const to = ['bob@example.com'];
    expect(await told(() => world.say(alice, room._id, 'nothing special'))).toEqual([]);
    expect(await told(() => world.say(alice, room._id, 'for @bob'))).toEqual([
      {
        to,
        subject: expect.stringMatching(new RegExp(`You have been mentioned by alice in #${room.name}$`)),
      },
    ]);
    await bob.post('rooms.saveNotification', {
      roomId: room._id,
      notifications: { emailNotifications: 'all' },
    });
    expect(await told(() => world.say(alice, room._id, 'nothing special'))).toEqual([
      { to, subject: `alice has posted a message in #${room.name}` },
    ]);
    const { rid } = (await alice.post('im.create', { username: 'bob' })).body.room;
    expect(await told(() => world.say(alice, rid, 'psst'))).toEqual([
      { to, subject: expect.stringMatching(/You have been direct messaged by alice$/) },
    ]);
    await setting('Accounts_AllowEmailNotifications', false);
    expect(await told(() => world.say(alice, rid, 'psst'))).toEqual([]);
    await setting('Accounts_AllowEmailNotifications', true);
  });
});

/** What bob, who is away, is pushed and mailed of four messages, by each thing that he can wish. */
describe('wishes', () => {
  const SAID = ['plain', 'hi @bob', 'hi @all', 'hi @here'] as const;
  type Said = (typeof SAID)[number];
  const ALL: readonly Said[] = SAID;

  test.each<[string, wishes: object, pushed: readonly Said[], mailed: readonly Said[]]>([
    ['nothing said', {}, ALL, ['hi @bob', 'hi @all']],
    ['pushes of all', { mobilePushNotifications: 'all' }, ALL, ['hi @bob', 'hi @all']],
    ['mails of all', { emailNotifications: 'all' }, ALL, ALL],
    ['mails of mentions', { emailNotifications: 'mentions' }, ALL, ['hi @bob', 'hi @all']],
    ['no mails', { emailNotifications: 'nothing' }, ALL, []],
    ['no notifications', { disableNotifications: '1', emailNotifications: 'all' }, [], []],
    ['no group mentions', { muteGroupMentions: '1' }, ['plain', 'hi @bob'], ['hi @bob']],
    [
      'no group mentions, and mails of all',
      { muteGroupMentions: '1', emailNotifications: 'all' },
      ['plain', 'hi @bob'],
      ['plain', 'hi @bob'],
    ],
  ])('with %s', async (_, notifications, toDevice, byMail) => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    await bob.post('rooms.saveNotification', { roomId: room._id, notifications });
    expect(await reached(() => inTurn(SAID, (text) => world.say(alice, room._id, text)))).toEqual({
      pushed: toDevice,
      mailed: byMail,
    });
  });

  test.each<[string, object, pushed: readonly Said[], mailed: readonly Said[]]>([
    ['pushes of mentions', { pushNotifications: 'mentions' }, ['hi @bob', 'hi @all'], ['hi @bob', 'hi @all']],
    ['no pushes', { pushNotifications: 'nothing' }, [], ['hi @bob', 'hi @all']],
    ['no mails', { emailNotificationMode: 'nothing' }, ALL, []],
    ['an own word', { highlights: ['plain'] }, ALL, ['plain', 'hi @bob', 'hi @all']],
  ])('of the account: %s', async (_, data, toDevice, byMail) => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    await bob.post('users.setPreferences', { data });
    const heard = await reached(() => inTurn(SAID, (text) => world.say(alice, room._id, text)));
    const usual = { pushNotifications: 'all', emailNotificationMode: 'mentions', highlights: [] };
    expect((await bob.post('users.setPreferences', { data: usual })).status).toBe(200);
    expect(heard).toEqual({ pushed: toDevice, mailed: byMail });
  });

  test('a reply reaches who follows its thread as if it named them, and nobody else', async () => {
    const { alice, bob } = world;
    const room = await world.channel([bob]);
    const [mine, hers] = [
      await world.say(bob, room._id, 'of bob'),
      await world.say(alice, room._id, 'of alice'),
    ];
    await idle();
    await bob.post('rooms.saveNotification', {
      roomId: room._id,
      notifications: { mobilePushNotifications: 'mentions', muteGroupMentions: '1' },
    });
    const reply = (tmid: string, msg: string) =>
      alice.post('chat.sendMessage', { message: { rid: room._id, msg, tmid } });
    const heard = await reached(async () => {
      await reply(hers._id, 'to nobody');
      await reply(hers._id, 'to @all');
      await reply(mine._id, 'to bob');
      await reply(mine._id, 'to bob and @here');
    });
    expect(heard).toEqual({ pushed: ['to bob', 'to bob and @here'], mailed: ['to bob', 'to bob and @here'] });
  });

  test('nobody is told of what they ignore, and no address that is not verified gets a mail', async () => {
    const { alice, bob, server } = world;
    const room = await world.channel([bob]);
    await bob.get('chat.ignoreUser', { rid: room._id, userId: alice.uid, ignore: 'true' });
    expect(await reached(() => world.say(alice, room._id, 'hi @bob'))).toEqual({ pushed: [], mailed: [] });
    const dave = await server.person('dave');
    const data = { email: 'other@example.com', verified: false };
    await server.admin.post('users.update', { userId: dave.uid, data });
    await alice.post('channels.invite', { roomId: room._id, userId: dave.uid });
    // Mails about the address itself.
    await idle();
    expect(await reached(() => world.say(alice, room._id, 'hi @dave'))).toEqual({ pushed: [], mailed: [] });
  });

  /** The texts that bob's phone and everybody's mailbox got, in the order in which they were said. */
  async function reached(work: () => Promise<unknown>) {
    await setting('Push_request_content_from_server', false);
    const [pushes, mail] = [gateway.received(GCM).length, mails.mails.length];
    await work();
    await idle();
    await setting('Push_request_content_from_server', true);
    const said = (text: string) => /alice: ([^<]*)/.exec(text)?.[1] ?? text;
    const inOrder = (texts: string[]) =>
      texts.sort((one, other) => ORDER.indexOf(one) - ORDER.indexOf(other));
    return {
      pushed: inOrder(
        gateway
          .received(GCM)
          .slice(pushes)
          .map(({ body }) => said(body.options.text)),
      ),
      mailed: inOrder(mails.mails.slice(mail).map(({ html, text }) => said(html ?? text))),
    };
  }
  const ORDER: readonly string[] = [...SAID, 'to bob', 'to bob and @here'];

  async function inTurn<T>(list: readonly T[], run: (one: T) => Promise<unknown>): Promise<void> {
    for (const one of list) await run(one);
  }
});
