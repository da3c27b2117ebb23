import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../test/support/ddp-client.ts';
import { type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';

let world: RoomWorld;
let room: TestRoom;
let hook: Frame;

beforeAll(async () => {
  world = await startRoomWorld();
  room = await world.channel();
  hook = await newHook();
});
afterAll(() => world.close());

async function newHook(more: object = {}): Promise<Frame> {
  const body = {
    ...{ type: 'webhook-incoming', username: 'rocket.cat', channel: `#${room.name}`, name: 'in' },
    ...{ scriptEnabled: false, enabled: true, ...more },
  };
  const created = await world.admin.post('integrations.create', body);
  expect(created).toMatchObject({ status: 200 });
  return created.body.integration;
}

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';

async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(`${world.server.url}/hooks/${path}`, init);
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
  };
}

const post = (body: string, contentType = JSON_TYPE, { _id, token } = hook) =>
  call(`${_id}/${token}`, { method: 'POST', body, headers: { 'content-type': contentType } });
const postJson = (body: unknown, to = hook) => post(JSON.stringify(body), JSON_TYPE, to);

const last = async (rid = room._id): Promise<Frame> => (await world.messages(rid)).at(-1) as Frame;
const OK = { status: 200, body: { success: true } };
const failed = (error: string) => ({ status: 400, body: { success: false, error } });

describe('posting', () => {
  test('a message is posted as the user of the webhook, marked as its', async () => {
    expect(await postJson({ text: ' *hello* ' })).toEqual(OK);
    expect(await last()).toMatchObject({
      ...{ msg: '*hello*', rid: room._id, bot: { i: hook._id }, groupable: false, attachments: [] },
      u: { _id: 'rocket.cat', username: 'rocket.cat' },
    });
  });

  test.each([
    ['a form with a payload', FORM, `payload=${encodeURIComponent('{"text":"a=b&c"}')}`, 'a=b&c'],
    ['JSON with a payload', JSON_TYPE, JSON.stringify({ payload: '{"text":"inner"}' }), 'inner'],
    ['a form that is JSON with a payload', FORM, JSON.stringify({ payload: ' {"text":"in"}' }), 'in'],
    ['JSON with a payload that is a text', JSON_TYPE, '{"text":"outer","payload":"deploy"}', 'outer'],
    ['a form that is JSON', FORM, '{"text":"x"}', 'x'],
    ['a form that is JSON with signs', FORM, '{"text":"x=y&z+%26"}', 'x=y&z+%26'],
    ['a form with fields', FORM, 'text=some+text&alias=A', 'some text'],
    ['a charset', 'application/json; charset=utf-8', '{"text":"ü"}', 'ü'],
    ['a number', JSON_TYPE, '{"text":5}', '5'],
    ['the old name of the text', JSON_TYPE, '{"msg":"old"}', 'old'],
    [
      'a text longer than people may write',
      JSON_TYPE,
      JSON.stringify({ text: 'x'.repeat(6000) }),
      'x'.repeat(6000),
    ],
  ])('%s is understood', async (_, type, body, text) => {
    expect(await post(body, type)).toEqual(OK);
    expect((await last()).msg).toBe(text);
  });

  test.each([
    ['broken JSON', JSON_TYPE, '{"text":', /JSON/],
    ['a broken payload', FORM, 'payload=%7Bx', /JSON/],
    ['a broken payload in JSON', JSON_TYPE, '{"payload":"{x"}', /JSON/],
    ['a list', JSON_TYPE, '[1]', /must be a JSON object/],
    ['a text', JSON_TYPE, '"x"', /must be a JSON object/],
    ['null', JSON_TYPE, 'null', /must be a JSON object/],
    ['too many levels', JSON_TYPE, `${'['.repeat(1000)}`, /error-invalid-params/],
    ['attachments that are none', JSON_TYPE, '{"text":"x","attachments":5}', /Match error/],
    ['a script as a link', JSON_TYPE, '{"attachments":[{"title_link":"javascript:x"}]}', /Invalid href/],
    ['a channel that is none', JSON_TYPE, '{"text":"x","channel":{"a":1}}', /invalid-channel/],
  ])('%s is refused', async (_, type, body, error) => {
    const before = (await world.messages(room._id)).length;
    const answer = await post(body, type);
    expect(answer).toEqual(failed(expect.stringMatching(error) as unknown as string));
    expect(await world.messages(room._id)).toHaveLength(before);
  });

  test('nothing is posted for an empty body, for GET, and for other types', async () => {
    const before = (await world.messages(room._id)).length;
    expect(await post('')).toEqual(OK);
    expect(await post('{}')).toEqual(OK);
    expect(await post('text', 'text/plain')).toEqual(OK);
    expect(await call(`${hook._id}/${hook.token}?text=x`)).toEqual(OK);
    expect(await world.messages(room._id)).toHaveLength(before);
  });

  test('names and pictures: those of the payload, else those of the webhook', async () => {
    const dressed = await newHook({ alias: 'Hook', avatar: 'https://a.example/a.png', emoji: ':ghost:' });
    await postJson({ text: '1' }, dressed);
    expect(await last()).toMatchObject({ alias: 'Hook', avatar: 'https://a.example/a.png' });
    await postJson({ text: '2', username: 'Slack', icon_emoji: ':x:' }, dressed);
    const slack = await last();
    expect(slack).toMatchObject({ alias: 'Slack', emoji: ':x:' });
    expect(slack).not.toHaveProperty('avatar');
    await postJson({ text: '3', alias: 'A', avatar: 'https://b.example/b.png', emoji: ':y:' }, dressed);
    expect(await last()).toMatchObject({ alias: 'A', avatar: 'https://b.example/b.png' });
  });

  test('attachments, threads and the rest of a message', async () => {
    const parent = await world.say(world.alice, room._id, 'parent');
    await postJson({
      text: 'r',
      tmid: parent._id,
      attachments: [{ msg: ' old ', color: 'red' }],
      parseUrls: false,
    });
    const reply = await last();
    expect(reply).toMatchObject({ tmid: parent._id, attachments: [{ text: 'old', color: 'red' }] });
    expect(reply).not.toHaveProperty('urls');
  });
});

describe('where it goes', () => {
  test('to all channels of the webhook, people included', async () => {
    const other = await world.channel();
    const wide = await newHook({ channel: `#${room.name},#${other._id},@alice` });
    expect(await postJson({ text: 'everywhere' }, wide)).toEqual(OK);
    for (const rid of [room._id, other._id]) expect((await last(rid)).msg).toBe('everywhere');
    const direct = (await world.alice.get('im.list')).body.ims.find((im: Frame) =>
      im.usernames.includes('rocket.cat'),
    );
    expect((await last(direct._id)).msg).toBe('everywhere');
  });

  test('elsewhere only where that is allowed', async () => {
    const other = await world.channel();
    const refusal = failed('overriding destination channel is disabled for this integration');
    expect(await postJson({ text: 'x', channel: `#${other.name}` })).toEqual(refusal);
    expect(await postJson({ text: 'x', roomId: other._id })).toEqual(refusal);
    const free = await newHook({ overrideDestinationChannelEnabled: true });
    expect(await postJson({ text: 'moved', channel: `#${other.name}` }, free)).toEqual(OK);
    expect((await last(other._id)).msg).toBe('moved');
    expect(await postJson({ text: 'x', channel: '#nowhere' }, free)).toEqual(failed('invalid-channel'));
    const secret = await world.group();
    expect(await postJson({ text: 'x', roomId: secret._id }, free)).toEqual(failed('error-not-allowed'));
  });

  test('separately, so that one failure keeps nothing from the others', async () => {
    const free = await newHook({ overrideDestinationChannelEnabled: true });
    const body = { text: 'x', separateResponse: true };
    const both = await postJson({ ...body, channel: ['#nowhere', `#${room.name}`] }, free);
    expect(both).toEqual({
      status: 200,
      body: {
        responses: [
          { channel: '#nowhere', error: 'invalid-channel' },
          { channel: `#${room.name}`, message: expect.objectContaining({ msg: 'x' }) },
        ],
        success: true,
      },
    });
    const none = await postJson({ ...body, channel: ['#nowhere'] }, free);
    expect(none).toMatchObject({
      status: 400,
      body: { success: false, responses: [{ error: 'invalid-channel' }] },
    });
  });
});

describe('who may', () => {
  const UNKNOWN = { success: false, error: 'Invalid integration id or token provided.' };

  test('a wrong id and a wrong token look alike', async () => {
    const { _id, token } = hook;
    const init = { method: 'POST', body: '{"text":"x"}', headers: { 'content-type': JSON_TYPE } };
    for (const path of [`${_id}/wrong`, `nowhere/${token}`, `${_id}/%00`, `${_id}/${'x'.repeat(90)}`]) {
      expect(await call(path, init)).toEqual({ status: 404, body: UNKNOWN });
    }
    expect(await call(`${_id}/${encodeURIComponent(token)}`, init)).toEqual(OK);
    expect(await call(`${_id}/${world.alice.uid}/${token}`, init)).toEqual(OK);
  });

  test('an outgoing webhook is none to post to', async () => {
    const created = await world.admin.post('integrations.create', {
      ...{
        type: 'webhook-outgoing',
        username: 'rocket.cat',
        channel: `#${room.name}`,
        name: 'o',
        token: 'secret',
      },
      ...{ scriptEnabled: false, enabled: true, event: 'sendMessage', urls: ['https://x.example'] },
    });
    const { _id } = created.body.integration;
    expect((await postJson({ text: 'x' }, { _id, token: 'secret' })).status).toBe(404);
    await world.admin.post('integrations.remove', { type: 'webhook-outgoing', integrationId: _id });
  });

  test('a webhook that is switched off answers 503', async () => {
    const off = await newHook({ enabled: false });
    expect(await postJson({ text: 'x' }, off)).toEqual({
      status: 503,
      body: { success: false, error: 'Service Unavailable' },
    });
  });

  test('calls are limited by address and webhook', async () => {
    const { server } = world;
    expect(server.server.ctx.config.testMode).toBe(true);
    server.server.ctx.config.testMode = false;
    try {
      const limited = await newHook();
      const statuses: number[] = [];
      for (let n = 0; n < 11; n++) statuses.push((await postJson({}, limited)).status);
      expect(statuses).toEqual([...Array(10).fill(200), 429]);
      expect((await postJson({}, hook)).status).toBe(200);
    } finally {
      server.server.ctx.config.testMode = true;
    }
  });
});

describe('helpers', () => {
  test('info and sample', async () => {
    const { _id, token } = hook;
    expect(await call(`info/${_id}/${token}`)).toEqual(OK);
    expect((await call(`info/${_id}/wrong`)).status).toBe(404);
    const { body } = await call(`sample/${_id}/${world.alice.uid}/${token}`);
    expect(body).toHaveLength(3);
    expect(body[0]).toMatchObject({
      channel_name: 'general',
      user_name: 'rocket.cat',
      text: 'Sample text 1',
      trigger_word: 'Sample',
    });
  });

  test('add and remove an outgoing webhook, if the user of the incoming one may', async () => {
    const init = (body: object) => ({
      ...{ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': JSON_TYPE } },
    });
    const subscription = {
      ...{ event: 'newMessageOnChannel', name: 'zap', target_url: 'https://zap.example/1' },
      data: { channel_name: room.name, trigger_words: ['zap'] },
    };
    expect(await call(`add/${hook._id}/${hook.token}`, init(subscription))).toEqual(failed('not_authorized'));
    const { _id, token } = await newHook({ username: 'root' });
    expect(await call(`add/${_id}/${token}`, init(subscription))).toMatchObject({
      status: 200,
      body: {
        success: true,
        event: 'sendMessage',
        channel: [`#${room.name}`],
        triggerWords: ['zap'],
        username: 'rocket.cat',
      },
    });
    const gone = { target_url: subscription.target_url };
    expect(await call(`remove/${_id}/${token}`, init(gone))).toEqual(OK);
    expect(await call(`remove/${_id}/${token}`, init(gone))).toEqual(failed('integration-not-found'));
  });
});
