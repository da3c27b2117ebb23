import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataDirectory } from '../../test/faults/support/data-directory.ts';
import { DdpClient, type Frame } from '../../test/support/ddp-client.ts';
import { uploadFile } from '../../test/support/files.ts';
import { plain, type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';
import { startServer } from '../../test/support/server.ts';
import { respondJson, startReceiver, type WebReceiver } from '../../test/support/web-receiver.ts';

let world: RoomWorld;
let web: WebReceiver;
let room: TestRoom;
let paths = 0;

beforeAll(async () => {
  world = await startRoomWorld({ outboundAllow: ['127.0.0.1'] });
  web = await startReceiver();
  room = await world.channel([world.bob]);
});
afterAll(async () => {
  web.close();
  await world.close();
});

/** A webhook with a path of its own at the receiver. */
async function newHook(more: object = {}): Promise<{ _id: string; path: string }> {
  const path = `/hook-${++paths}`;
  const created = await world.admin.post('integrations.create', {
    ...{ type: 'webhook-outgoing', username: 'rocket.cat', channel: `#${room.name}`, name: path },
    ...{ scriptEnabled: false, enabled: true, event: 'sendMessage', urls: [`${web.url}${path}`] },
    ...more,
  });
  expect(created).toMatchObject({ status: 200 });
  return { _id: created.body.integration._id, path };
}

const remove = (integrationId: string) =>
  world.admin.post('integrations.remove', { type: 'webhook-outgoing', integrationId });
const idle = () => world.server.server.jobs.idle();
const historyOf = async (id: string): Promise<Frame[]> =>
  (await world.admin.get('integrations.history', { id })).body.history;
const say = (msg: string, rid = room._id) => world.say(world.alice, rid, msg);
const sentTo = async (path: string): Promise<Frame[]> => {
  await idle();
  return web.received(path).map(({ body }) => body);
};
const last = async (rid = room._id): Promise<Frame> => (await world.messages(rid)).at(-1) as Frame;

describe('what is sent', () => {
  test('a message, with the token and the trigger word', async () => {
    const { _id, path } = await newHook({ token: 'secret', triggerWords: ['deploy', 'dep'] });
    const message = await say('deploy it');
    const [request] = await web.until(path, 1);
    expect(request?.body).toEqual({
      ...{ token: 'secret', bot: false, trigger_word: 'deploy', siteUrl: expect.any(String) },
      ...{ channel_id: room._id, channel_name: room.name, message_id: message._id, timestamp: message.ts },
      ...{ user_id: world.alice.uid, user_name: 'alice', text: 'deploy it' },
    });
    expect(request?.headers).toMatchObject({
      ...{ 'content-type': 'application/json', 'user-agent': expect.stringContaining('Chrome/41') },
      'x-gantry-delivery': expect.stringMatching(/^\w{17}$/),
    });
    await remove(_id);
  });

  test('only what a webhook asks for', async () => {
    const other = await world.channel();
    const secret = await world.group();
    const direct = (await world.alice.post('im.create', { username: 'bob' })).body.room;
    const hooks = {
      room: await newHook(),
      byId: await newHook({ channel: `#${room._id}` }),
      publicOnes: await newHook({ channel: 'all_public_channels' }),
      groups: await newHook({ channel: 'all_private_groups' }),
      directs: await newHook({ channel: 'all_direct_messages' }),
      toBob: await newHook({ channel: '@bob' }),
      byBobsId: await newHook({ channel: `@${world.bob.uid}` }),
      word: await newHook({ triggerWords: ['now'] }),
      anywhere: await newHook({ triggerWords: ['now'], triggerWordAnywhere: true }),
      off: await newHook({ enabled: false }),
    };
    await say('in the room now');
    await say('elsewhere', other._id);
    await say('secret', secret._id);
    await say('to bob', direct._id ?? direct.rid);
    await world.say(world.bob, direct._id ?? direct.rid, 'from bob');
    const texts: Record<string, string[]> = {};
    for (const [name, { path }] of Object.entries(hooks)) {
      texts[name] = (await sentTo(path)).map(({ text }) => text).sort();
    }
    expect(texts).toEqual({
      room: ['in the room now'],
      byId: ['in the room now'],
      publicOnes: ['elsewhere', 'in the room now'],
      groups: ['secret'],
      directs: ['from bob', 'to bob'],
      // Whoever writes is not written to.
      toBob: ['to bob'],
      byBobsId: ['from bob', 'to bob'],
      word: [],
      anywhere: ['in the room now'],
      off: [],
    });
    for (const { _id } of Object.values(hooks)) await remove(_id);
  });

  test('edits only where they are wanted, and nothing for reactions, pins and system messages', async () => {
    const quiet = await newHook();
    const eager = await newHook({ runOnEdits: true });
    const message = await say('first');
    await world.alice.post('chat.update', { roomId: room._id, msgId: message._id, text: 'second' });
    await world.alice.post('chat.react', { messageId: message._id, emoji: 'smile' });
    await world.alice.post('chat.pinMessage', { messageId: message._id });
    await world.alice.post('channels.setTopic', { roomId: room._id, topic: 'x' });
    expect((await sentTo(quiet.path)).map(({ text }) => text)).toEqual(['first']);
    const sent = await sentTo(eager.path);
    expect(sent.map(({ text, isEdited }) => [text, isEdited]).sort()).toEqual([
      ['first', undefined],
      ['second', true],
    ]);
    for (const { _id } of [quiet, eager]) await remove(_id);
  });

  test('what happens to rooms and people', async () => {
    const events = ['roomCreated', 'roomArchived', 'roomJoined', 'roomLeft', 'userCreated'];
    const hooks = new Map<string, { _id: string; path: string }>();
    for (const event of events) {
      hooks.set(event, await newHook({ event, channel: 'all_public_channels', targetRoom: '#general' }));
    }
    const made = await world.channel();
    await world.bob.post('channels.join', { roomId: made._id });
    await world.alice.post('channels.invite', { roomId: made._id, userId: world.carol.uid });
    await world.bob.post('channels.leave', { roomId: made._id });
    await world.alice.post('channels.kick', { roomId: made._id, userId: world.carol.uid });
    await world.alice.post('channels.archive', { roomId: made._id });
    const dave = await world.server.person('dave');
    const sent = async (event: string) => sentTo(hooks.get(event)?.path ?? '');
    const about = {
      channel_id: made._id,
      channel_name: made.name,
      timestamp: expect.any(String),
      bot: false,
    };
    const room_ = expect.objectContaining({ _id: made._id });
    expect(await sent('roomCreated')).toEqual([
      expect.objectContaining({
        ...{ channel_id: made._id, channel_name: made.name, user_name: 'alice', room: room_, bot: false },
        owner: expect.objectContaining({ _id: world.alice.uid }),
      }),
    ]);
    const joined = await sent('roomJoined');
    expect(joined.map(({ user_name }) => user_name).sort()).toEqual(['bob', 'carol']);
    const whoLeft = await sent('roomLeft');
    expect(whoLeft.map(({ user_name }) => user_name).sort()).toEqual(['bob', 'carol']);
    const left = whoLeft.find(({ user_name }) => user_name === 'bob');
    expect(left).toMatchObject({
      ...{ user_id: world.bob.uid, user: { username: 'bob' }, room: { _id: made._id } },
    });
    expect(left).toMatchObject(about);
    expect(await sent('roomArchived')).toEqual([
      expect.objectContaining({ user_name: 'alice', room: room_, bot: false }),
    ]);
    const [created] = await sent('userCreated');
    expect(created).toMatchObject({
      ...{ user_id: dave.uid, user_name: 'dave', user: { _id: dave.uid }, bot: false },
    });
    // Replayed, each tells of the room and the people as they are now.
    await world.alice.post('rooms.saveRoomSettings', { rid: made._id, roomTopic: 'later' });
    for (const [event, { _id }] of hooks) {
      const [{ _id: historyId }] = (await historyOf(_id)) as [Frame];
      await world.admin.post('integrations.replayOutgoing', { integrationId: _id, historyId });
      const again = (await sent(event)).at(-1);
      expect(again?.user_name).toBe((await historyOf(_id))[0]?.data.user_name);
      expect(again?.room?.topic).toBe(event === 'userCreated' ? undefined : 'later');
    }
    expect(JSON.stringify([created, left])).not.toMatch(/password|services|\$2[ab]\$/);
    for (const { _id } of hooks.values()) await remove(_id);
  });

  test('files', async () => {
    const { _id, path } = await newHook({ event: 'fileUploaded' });
    const { server, alice } = world;
    const file = await uploadFile(server, alice, room._id, { name: 'a.txt', bytes: 'some text' });
    await alice.post(`rooms.mediaConfirm/${room._id}/${file._id}`, { msg: 'my notes' });
    await say('no file');
    expect(await sentTo(path)).toEqual([
      expect.objectContaining({
        ...{ channel_id: room._id, user_name: 'alice', text: 'my notes', bot: false },
        user: expect.objectContaining({ _id: alice.uid }),
        room: expect.objectContaining({ _id: room._id }),
        message: expect.objectContaining({ files: [expect.objectContaining({ name: 'a.txt' })] }),
      }),
    ]);
    await remove(_id);
  });

  test('messages of webhooks say so', async () => {
    const { _id, path } = await newHook();
    const incoming = await world.admin.post('integrations.create', {
      ...{ type: 'webhook-incoming', username: 'rocket.cat', channel: `#${room.name}`, name: 'in' },
      ...{ scriptEnabled: false, enabled: true },
    });
    const { _id: id, token } = incoming.body.integration;
    await fetch(`${world.server.url}/hooks/${id}/${token}`, {
      ...{ method: 'POST', body: '{"text":"by a program"}', headers: { 'content-type': 'application/json' } },
    });
    expect(await sentTo(path)).toEqual([expect.objectContaining({ text: 'by a program', bot: { i: id } })]);
    await remove(_id);
  });

  test('a message that is refused calls nobody', async () => {
    const { _id, path } = await newHook();
    const refused = await world.alice.post('chat.sendMessage', {
      message: { rid: room._id, msg: 'x'.repeat(6000) },
    });
    expect(refused.status).toBe(400);
    expect(await sentTo(path)).toEqual([]);
    await remove(_id);
  });
});

describe('the answer', () => {
  test('is posted into the room, once, with the look of the webhook', async () => {
    const { _id, path } = await newHook({ alias: 'Deployer', emoji: ':ship:', triggerWords: ['go'] });
    web.answer(path, respondJson({ text: 'done', attachments: [{ text: 'log' }] }));
    await say('go');
    await idle();
    expect(await last()).toMatchObject({
      ...{ msg: 'done', alias: 'Deployer', emoji: ':ship:', attachments: [{ text: 'log' }] },
      ...{ u: { username: 'rocket.cat' }, bot: { i: _id } },
    });
    const [entry] = await historyOf(_id);
    expect(entry).toMatchObject({
      ...{
        type: 'outgoing-webhook',
        step: 'url-response-sent-message',
        finished: true,
        event: 'sendMessage',
      },
      ...{ triggerWord: 'go', url: `${web.url}${path}`, ranPrepareScript: false, integration: { _id } },
      ...{ httpResult: JSON.stringify({ text: 'done', attachments: [{ text: 'log' }] }) },
      resultMessage: { msg: 'done' },
    });
    expect(JSON.parse(entry?.httpCallData)).toMatchObject({ text: 'go' });
    await remove(_id);
  });

  test('goes where it says, else to the target room, as the person it answers where that is wanted', async () => {
    const target = await world.channel([world.bob]);
    const { _id, path } = await newHook({ targetRoom: `#${target.name}`, impersonateUser: true });
    web.answer(path, respondJson({ text: 'answer' }));
    await say('a');
    await idle();
    expect(await last(target._id)).toMatchObject({ msg: 'answer', u: { username: 'alice' } });
    web.answer(path, respondJson({ text: 'directed', channel: `#${room.name}` }));
    await say('b', target._id);
    await say('c');
    await idle();
    expect(await last()).toMatchObject({ msg: 'directed' });
    // Its answer in its own room is no reason to call it again.
    expect(web.received(path).map(({ body }) => body.text)).toEqual(['a', 'c']);
    await remove(_id);
  });

  test('that cannot be posted is told in the history', async () => {
    const { _id, path } = await newHook();
    web.answer(path, respondJson({ text: 'x', channel: '#nowhere' }));
    await say('x');
    await idle();
    expect(await historyOf(_id)).toMatchObject([
      { step: 'after-http-call', finished: true, error: true, errorStack: '[invalid-channel]' },
    ]);
    await remove(_id);
  });

  test.each([
    ['text', (_: unknown, out: { end(text: string): void }) => out.end('{"text":"not JSON by its type"}')],
    [
      'broken JSON',
      (_: unknown, out: Frame) => out.writeHead(200, { 'content-type': 'application/json' }).end('{"text"'),
    ],
    ['a list', respondJson([{ text: 'x' }])],
    ['JSON without text', respondJson({ ok: true })],
  ])('that is %s posts nothing', async (_, respond) => {
    const { _id, path } = await newHook();
    web.answer(path, respond as never);
    const { _id: sent } = await say('x');
    await idle();
    expect((await last())._id).toBe(sent);
    expect(await historyOf(_id)).toMatchObject([{ step: 'after-http-call', finished: true }]);
    await remove(_id);
  });

  test('410 switches the webhook off, 500 is not tried again', async () => {
    const { _id, path } = await newHook({ retryFailedCalls: true });
    web.answer(path, respondJson({ error: 1 }, 500));
    await say('x');
    await idle();
    expect(web.received(path)).toHaveLength(1);
    expect((await historyOf(_id))[0]).toMatchObject({ step: 'after-process-http-status-500', error: true });
    web.answer(path, respondJson({ gone: 1 }, 410));
    await say('y');
    await idle();
    expect((await historyOf(_id))[0]).toMatchObject({ step: 'after-process-http-status-410' });
    const got = await world.admin.get('integrations.get', { integrationId: _id });
    expect(got.body.integration.enabled).toBe(false);
    await say('z');
    await idle();
    expect(web.received(path)).toHaveLength(2);
    await remove(_id);
  });

  test('a failure is tried again, under the same id, until it succeeds or it is enough', async () => {
    const { _id, path } = await newHook({ retryFailedCalls: true, retryCount: 2 });
    web.answer(path, respondJson({ error: 1 }, 503));
    await say('x');
    const requests = await web.until(path, 2);
    await until(async () => (await historyOf(_id)).length === 2 && (await historyOf(_id))[0]?.finished);
    expect(new Set(requests.map(({ headers }) => headers['x-gantry-delivery'])).size).toBe(1);
    // The third would come after a second: the job waits for it.
    const [job] = await world.server.server.ctx.db.selectFrom('jobs').select(['run_at', 'payload']).execute();
    expect(JSON.parse(job?.payload ?? '')).toMatchObject({ tries: 2 });
    const steps = (await historyOf(_id)).map(({ step }) => step);
    expect(steps).toEqual(['going-to-retry-2', 'going-to-retry-1']);
    await web.until(path, 3);
    await until(async () => (await historyOf(_id))[0]?.step === 'too-many-retries');
    expect(web.received(path)).toHaveLength(3);
    await remove(_id);
  });

  test.each([
    [
      'an unknown delay',
      { retryFailedCalls: true, retryDelay: 'sometimes' },
      'failed-and-retry-delay-is-invalid',
    ],
    ['no retries', {}, 'failed-and-not-configured-to-retry'],
  ])('with %s a failure is the end', async (_, more, step) => {
    const { _id, path } = await newHook(more);
    // An empty body is a failure, too.
    web.answer(path, (_request, response) => response.end());
    await say('x');
    await idle();
    expect(await historyOf(_id)).toMatchObject([{ step, finished: true, error: true }]);
    expect(web.received(path)).toHaveLength(1);
    await remove(_id);
  });
});

test('what was not answered before a restart is called again after it, under the same id', async () => {
  const dataDir = dataDirectory();
  const start = () => startServer({ memory: false, dataDir, outboundAllow: ['127.0.0.1'] });
  const before = await start();
  const created = await before.admin.post('integrations.create', {
    ...{ type: 'webhook-outgoing', username: 'rocket.cat', channel: 'all_public_channels', name: 'r' },
    ...{ scriptEnabled: false, enabled: true, event: 'sendMessage', urls: [`${web.url}/restarted`] },
    ...{ retryFailedCalls: true, retryDelay: 'powers-of-two' },
  });
  web.answer('/restarted', respondJson({ error: 1 }, 503));
  await before.admin.post('chat.sendMessage', { message: { rid: 'GENERAL', msg: 'survives' } });
  await before.server.jobs.idle();
  await before.close();
  expect(web.received('/restarted')).toHaveLength(1);
  web.answer('/restarted', respondJson({ text: 'at last' }));
  const after = await start();
  const requests = await web.until('/restarted', 2);
  await after.server.jobs.idle();
  expect(requests.map(({ body }) => body.text)).toEqual(['survives', 'survives']);
  expect(new Set(requests.map(({ headers }) => headers['x-gantry-delivery'])).size).toBe(1);
  const { history } = (await after.admin.get('integrations.history', { id: created.body.integration._id }))
    .body;
  expect(history.map(({ step }: Frame) => step)).toEqual(['url-response-sent-message', 'going-to-retry-1']);
  await after.close();
});

describe('receivers that do harm', () => {
  test('nobody there, private addresses, redirects to them: told in the history, not tried again', async () => {
    const hooks = [
      await newHook({ urls: ['http://127.0.0.1:1/'], retryFailedCalls: true }),
      await newHook({ urls: ['http://169.254.169.254/latest'], retryFailedCalls: true }),
      await newHook({ urls: ['http://[::1]:80/'], retryFailedCalls: true }),
      await newHook({ urls: ['file:///etc/passwd'], retryFailedCalls: true }),
      await newHook({ retryFailedCalls: true }),
    ];
    web.answer(hooks[4]?.path ?? '', (_, response) => {
      response.writeHead(307, { location: 'http://10.0.0.1/' }).end();
    });
    await say('x');
    await idle();
    const faults: unknown[] = [];
    for (const { _id } of hooks) {
      const entries = await historyOf(_id);
      expect(entries).toMatchObject([{ step: 'after-http-call', finished: true, error: true }]);
      faults.push(entries[0]?.httpError.code);
      await remove(_id);
    }
    expect(faults).toEqual(['network', 'blocked-address', 'blocked-address', 'bad-url', 'blocked-address']);
    expect(await world.server.server.ctx.db.selectFrom('jobs').select('id').execute()).toEqual([]);
  });

  test('one that never answers holds up neither who writes nor other webhooks', async () => {
    const hanging = await newHook();
    const other = await newHook();
    web.answer(hanging.path, () => {});
    await say('x');
    await web.until(hanging.path, 1);
    await web.until(other.path, 1);
    web.hangUp();
    await idle();
    expect(await historyOf(hanging._id)).toMatchObject([{ httpError: { code: 'network' }, finished: true }]);
    for (const { _id } of [hanging, other]) await remove(_id);
  });

  test('an endless answer is cut', async () => {
    const { _id, path } = await newHook();
    web.answer(path, (_, response) => {
      const piece = Buffer.alloc(65_536, 'x');
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      more();
    });
    await say('x');
    await idle();
    const [entry] = await historyOf(_id);
    expect(entry?.httpResult.length).toBeLessThanOrEqual(50_000);
    await remove(_id);
  });
});

describe('history', () => {
  test('is streamed, replayed, cleared, and goes with the webhook', async () => {
    const { admin, alice } = world;
    const { _id, path } = await newHook();
    const socket = await admin.ddp();
    await socket.subscribe('stream-integrationHistory', _id);
    await say('once');
    await idle();
    await socket.barrier();
    const events = socket.events('integrationHistory', _id).map(([change]) => change as Frame);
    expect(events).toMatchObject([
      { type: 'inserted', data: { step: 'pre-http-call', finished: false } },
      { type: 'updated', id: events[0]?.data._id, diff: { step: 'after-http-call', finished: true } },
    ]);
    const historyId = events[0]?.data._id;
    const replay = (body: object) => admin.post('integrations.replayOutgoing', body);
    expect((await replay({ integrationId: _id, historyId })).body).toEqual({ success: true });
    expect((await sentTo(path)).map(({ text }) => text)).toEqual(['once', 'once']);
    const ids = web.received(path).map(({ headers }) => headers['x-gantry-delivery']);
    expect(new Set(ids).size).toBe(2);
    expect((await replay({ integrationId: _id, historyId: 'x' })).body.errorType).toBe(
      'error-invalid-integration-history',
    );
    expect((await replay({ integrationId: 'x', historyId })).body.errorType).toBe(
      'error-invalid-integration',
    );
    const list = await admin.get('integrations.history', { id: _id, count: 1 });
    expect(list.body).toMatchObject({ count: 1, items: 1, offset: 0, total: 2, success: true });
    expect((await admin.get('integrations.history', { id: ' ' })).body).toEqual(
      plain('Invalid integration id.'),
    );
    expect((await alice.get('integrations.history', { id: _id })).status).toBe(403);
    const cleared = await admin.post('integrations.clearHistory', { integrationId: _id });
    expect([cleared.body, await historyOf(_id)]).toEqual([{ success: true }, []]);
    await socket.barrier();
    expect(socket.events('integrationHistory', _id).at(-1)).toEqual([{ type: 'removed', id: _id }]);
    await say('again');
    await idle();
    await remove(_id);
    expect(await historyOf(_id)).toEqual([]);
  });

  test('its stream is refused to those who administer no webhooks', async () => {
    const refused = { error: 'not-allowed' };
    const [stranger, member] = [await DdpClient.connect(world.server.url), await world.alice.ddp()];
    for (const socket of [stranger, member]) {
      await expect(socket.subscribe('stream-integrationHistory', 'some-webhook')).rejects.toMatchObject(
        refused,
      );
    }
    const socket = await world.admin.ddp();
    await expect(socket.subscribe('stream-integrationHistory', 'some-webhook')).resolves.toEqual(
      expect.any(String),
    );
    stranger.close();
  });
});

/** For what happens by a timer. */
async function until(holds: () => Promise<unknown>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
