import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { HTML_TEXT, SQL_TEXT } from './support/hostile-values.ts';
import { expectStillServing } from './support/proof.ts';

/** What people write is data: it is kept and told as written, and never becomes a statement or markup. */

let server: TestServer;
let alice: Person;

beforeAll(async () => {
  server = await startServer({ settingOverrides: { UTF8_User_Names_Validation: '.+' } });
  alice = await server.person('alice');
});
afterAll(async () => {
  await expectStillServing(server);
  await server.close();
});

async function made(path: string, input: object) {
  const { status, body } = await alice.post(path, input);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

let rooms = 0;
async function newRoom() {
  rooms += 1;
  return (await made('channels.create', { name: `room-${rooms}` })).channel;
}

/** What is sent, and what is kept: no database takes a zero or half a surrogate pair (see `storableText`). */
describe.each([
  ['SQL', SQL_TEXT, SQL_TEXT],
  ['HTML', HTML_TEXT, HTML_TEXT],
  ['wildcards', `%_\\' "$" \${x}`, `%_\\' "$" \${x}`],
  ['control characters', 'a\u0000b\u0007\u202ec', 'a\ufffdb\u0007\u202ec'],
  ['half a surrogate pair', 'half \ud800 pair', 'half \ufffd pair'],
  ['names of prototypes', '__proto__ constructor', '__proto__ constructor'],
])('%s', (_what, sent, kept) => {
  test('in a message is told and read the same at every door', async () => {
    const room = await newRoom();
    const socket = await alice.ddp();
    await socket.subscribe('stream-room-messages', room._id);
    const { message } = await made('chat.sendMessage', { message: { rid: room._id, msg: sent } });
    const [told] = await socket.event('room-messages', room._id);
    const { body: single } = await alice.get('chat.getMessage', { msgId: message._id });
    const { body: history } = await alice.get('channels.history', { roomId: room._id });
    const { body: info } = await alice.get('channels.info', { roomId: room._id });
    const answers = [message, told, single.message, history.messages[0], info.channel.lastMessage];
    expect(answers.map(({ msg }) => msg)).toEqual(answers.map(() => kept));
  });

  test('in a message that is sent over a socket too', async () => {
    const room = await newRoom();
    const socket = await alice.ddp();
    const { _id } = await socket.call('sendMessage', { rid: room._id, msg: sent });
    expect((await alice.get('chat.getMessage', { msgId: _id })).body.message.msg).toBe(kept);
  });

  test('in the texts of a room is kept', async () => {
    const room = await newRoom();
    await made('channels.setTopic', { roomId: room._id, topic: sent });
    await made('channels.setDescription', { roomId: room._id, description: sent });
    await made('channels.setAnnouncement', { roomId: room._id, announcement: sent });
    const { body } = await alice.get('channels.info', { roomId: room._id });
    const { topic, description, announcement } = body.channel;
    expect({ topic, description, announcement }).toEqual({
      topic: kept,
      description: kept,
      announcement: kept,
    });
  });

  test('in the texts of a person is kept, or refused and nothing changed', async () => {
    const { body: before } = await alice.get('me');
    const data = { name: sent, bio: sent, nickname: sent, statusText: sent };
    const { status } = await alice.post('users.updateOwnBasicInfo', { data });
    const { body: after } = await alice.get('me');
    const shown = ({ name, bio, nickname, statusText }: typeof before) => ({
      name,
      bio,
      nickname,
      statusText,
    });
    const expected = { name: kept, bio: kept, nickname: kept, statusText: kept };
    expect(shown(after)).toEqual(status === 200 ? expected : shown(before));
  });

  test('as an id of a message finds this message and no other', async () => {
    const room = await newRoom();
    const { message } = await made('chat.sendMessage', {
      message: { _id: sent, rid: room._id, msg: 'mine' },
    });
    const { body: read } = await alice.get('chat.getMessage', { msgId: kept });
    expect(read.message).toMatchObject({ _id: message._id, msg: 'mine' });
    const { body: history } = await alice.get('channels.messages', { roomId: room._id });
    expect(history.messages.map(({ _id }: { _id: string }) => _id)).toEqual([message._id]);
    await made('chat.delete', { roomId: room._id, msgId: message._id });
  });
});

test('a file-like or a nameless id reaches nothing', async () => {
  for (const msgId of ['../../etc/passwd', '%', '_', '*']) {
    expect((await alice.get('chat.getMessage', { msgId })).body).toEqual({ success: false });
  }
});
