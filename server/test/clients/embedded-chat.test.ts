// `@embeddedchat/api` and `@embeddedchat/auth`: the chat widget for web pages. REST with fetch, events through
// `@rocket.chat/sdk` 1.x. It never rejects: it logs to the console and answers undefined.
import type { EmbeddedChatApi } from '@embeddedchat/api';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { type Inbox, openInbox } from './inbox.ts';
import { loadEmbeddedChat } from './load-embedded-chat.ts';

const embedded = await loadEmbeddedChat();

interface Message {
  _id: string;
  rid: string;
  msg: string;
  t?: string;
  ts: string | number;
  u: { _id: string; username: string };
  reactions?: Record<string, { usernames: string[] }>;
}

interface Widget {
  chat: EmbeddedChatApi;
  messages: Inbox<Message>;
  deleted: Inbox<string>;
  typing: Inbox<string[]>;
}

let server: TestServer;
const widgets: EmbeddedChatApi[] = [];

beforeEach(async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  server = await startServer();
});

afterEach(async () => {
  // `chat.close()` would first wait for answers to its `unsub`s under a name that no server sends, for ever.
  for (const chat of widgets.splice(0)) await chat.rcClient.disconnect();
  await server.close();
  vi.restoreAllMocks();
});

async function createChannel(person: Person, name: string, members: string[] = []): Promise<string> {
  const { body } = await person.post('channels.create', { name, members });
  return body.channel._id;
}

function widgetFor(rid: string, stored: { token: string } = { token: '' }): Widget {
  const chat = new embedded.EmbeddedChatApi(server.url, rid, {
    host: server.url,
    getToken: async () => stored.token,
    saveToken: async (token) => {
      stored.token = token;
    },
    deleteToken: async () => {
      stored.token = '';
    },
  });
  widgets.push(chat);
  return { chat, messages: openInbox(), deleted: openInbox(), typing: openInbox() };
}

/** A widget in a room: logged in with the password, connected, listening. */
async function enter(person: Person, rid: string): Promise<Widget> {
  const widget = widgetFor(rid);
  const { chat } = widget;
  expect(await chat.login(person.username, person.password, '')).toMatchObject({ status: 'success' });
  await chat.addMessageListener((message: Message) => widget.messages.push(message));
  await chat.addMessageDeleteListener((mid) => widget.deleted.push(mid));
  await chat.addTypingStatusListener((names) => widget.typing.push(names));
  await chat.connect();
  return widget;
}

interface StreamEvent {
  eventName: string;
  args: unknown[];
}

/** Every event that comes in over the widget's socket. */
async function framesOf(chat: EmbeddedChatApi): Promise<Inbox<StreamEvent>> {
  const frames = openInbox<StreamEvent>();
  const push = (frame: { fields: StreamEvent }): void => frames.push(frame.fields);
  for (const stream of ['stream-room-messages', 'stream-notify-room', 'stream-notify-user']) {
    // The published type gives the callback an error first; what is called has only the frame.
    await chat.rcClient.onStreamData(stream, push as never);
  }
  return frames;
}

const says = (text: string) => (message: Message) => message.msg === text;

describe('logging in', () => {
  test('with a password answers with the own user and stores the token', async () => {
    const alice = await server.person('alice');
    const stored = { token: '' };
    const { chat } = widgetFor('none', stored);

    const answer = await chat.login('alice', alice.password, '');

    expect(answer).toMatchObject({ status: 'success', me: { _id: alice.uid, username: 'alice' } });
    expect(stored.token).not.toBe('');
    expect(await chat.me()).toMatchObject({ _id: alice.uid, success: true });
  });

  test('with a wrong password answers with the error of the 401 body', async () => {
    await server.person('alice');
    const { chat } = widgetFor('none');

    expect(await chat.login('alice', 'wrong', '')).toEqual({ error: 'Unauthorized' });
  });

  test('with the stored token resumes the login', async () => {
    const alice = await server.person('alice');
    const { chat } = widgetFor('none', { token: alice.token });

    await chat.autoLogin({ flow: 'PASSWORD', credentials: undefined });

    expect(await chat.auth.getCurrentUser()).toMatchObject({ userId: alice.uid, authToken: alice.token });
  });

  test('out ends the login on the server, with an empty JSON body', async () => {
    const alice = await server.person('alice');
    const stored = { token: '' };
    const { chat } = widgetFor('none', stored);
    await chat.login('alice', alice.password, '');
    const { token } = stored;

    await chat.logout();

    expect(stored.token).toBe('');
    const answer = await fetch(`${server.url}/api/v1/me`, {
      headers: { 'X-Auth-Token': token, 'X-User-Id': alice.uid },
    });
    expect(answer.status).toBe(401);
  });
});

describe('in a room', () => {
  test('two people talk, and each hears both', async () => {
    const alice = await server.person('alice');
    const bob = await server.person('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const hers = await enter(alice, rid);
    const his = await enter(bob, rid);

    const sent = await hers.chat.sendMessage('hi bob', '');
    await his.messages.first(says('hi bob'));
    await his.chat.sendMessage({ msg: 'hi alice' }, '');

    expect(sent).toMatchObject({ success: true, message: { rid, msg: 'hi bob', u: { username: 'alice' } } });
    expect(await hers.messages.first(says('hi alice'))).toMatchObject({
      rid,
      u: { _id: bob.uid, username: 'bob' },
    });
    expect(await hers.messages.first(says('hi bob'))).toMatchObject({ _id: sent.message._id });
    expect(new Date((await his.messages.first(says('hi bob'))).ts).toISOString()).toBe(sent.message.ts);
  });

  test('messages, members and roles can be read', async () => {
    const alice = await server.person('alice');
    await server.person('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const { chat } = await enter(alice, rid);
    await chat.sendMessage('one', '');
    await chat.sendMessage('two', '');

    const { messages } = await chat.getMessages();
    const { members } = await chat.getChannelMembers();
    const { roles } = await chat.getChannelRoles();
    const { room } = await chat.channelInfo();

    expect(messages.slice(0, 2).map(({ msg }: Message) => msg)).toEqual(['two', 'one']);
    expect(members.map(({ username }: { username: string }) => username).sort()).toEqual(['alice', 'bob']);
    expect(roles).toMatchObject([{ rid, u: { _id: alice.uid, username: 'alice' }, roles: ['owner'] }]);
    expect(room).toMatchObject({ _id: rid, name: 'lobby' });
  });

  test('a message is edited, reacted to and deleted in front of the other', async () => {
    const alice = await server.person('alice');
    const bob = await server.person('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const { chat } = await enter(alice, rid);
    const his = await enter(bob, rid);
    const { message } = await chat.sendMessage('draft', '');

    await chat.updateMessage(message._id, 'final');
    await chat.reactToMessage(':wave:', message._id, 'true');
    await his.messages.first(says('final'));
    await his.messages.first(({ reactions }) => reactions?.[':wave:']?.usernames[0] === 'alice');
    await chat.deleteMessage(message._id);

    expect(await his.deleted.first((mid) => mid === message._id)).toBe(message._id);
  });

  test('typing is shown to the other', async () => {
    const alice = await server.person('alice');
    const bob = await server.person('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const hers = await enter(alice, rid);
    const his = await enter(bob, rid);

    await his.chat.sendTypingStatus('bob', true);
    await hers.typing.first((names) => names.includes('bob'));
    await his.chat.sendTypingStatus('bob', false);

    await hers.typing.first((names) => names.length === 0);
  });
});

describe('everything else that the widget offers', () => {
  test('marks, lists and searches messages', async () => {
    const alice = await server.person('alice');
    const rid = await createChannel(alice, 'lobby');
    const { chat } = await enter(alice, rid);
    const { message } = await chat.sendMessage('remember me, @alice', '');
    const mid: string = message._id;
    const ids = ({ messages }: { messages: Message[] }) => messages.map(({ _id }) => _id);

    expect(await chat.starMessage(mid)).toEqual({ success: true });
    expect(ids(await chat.getStarredMessages())).toEqual([mid]);
    expect(await chat.unstarMessage(mid)).toEqual({ success: true });
    expect(ids(await chat.getStarredMessages())).toEqual([]);
    expect(await chat.pinMessage(mid)).toMatchObject({ success: true, message: { t: 'message_pinned' } });
    expect(ids(await chat.getPinnedMessages())).toEqual([mid]);
    expect(await chat.unpinMessage(mid)).toEqual({ success: true });
    expect(ids(await chat.getMentionedMessages())).toEqual([mid]);
    expect(ids(await chat.getSearchMessages('remember'))).toEqual([mid]);
    expect(await chat.reportMessage(mid, 'spam')).toEqual({ success: true });
  });

  test('opens threads by a raw query, where the operator allows those', async () => {
    await server.close();
    server = await startServer({ allowUnsafeQueryAndFields: true });
    const alice = await server.person('alice');
    const { chat } = await enter(alice, await createChannel(alice, 'lobby'));
    const { message } = await chat.sendMessage('the parent, of @alice', '');
    const { message: reply } = await chat.sendMessage('in the thread', message._id);
    await chat.pinMessage(reply._id);
    const asked = async (query: object) => {
      const { messages } = await chat.getMessages(false, { query });
      return messages.map(({ _id }: Message) => _id);
    };

    const { messages } = await chat.getThreadMessages(message._id);

    expect(messages.map(({ _id }: Message) => _id)).toEqual([reply._id]);
    expect(await asked({ pinned: true })).toEqual([reply._id]);
    expect(await asked({ 'mentions._id': { $in: [alice.uid] } })).toEqual([message._id]);
    expect(await asked({ 'starred._id': alice.uid })).toEqual([]);
    expect(await asked({ $and: [{ tmid: message._id }, { _id: { $in: [reply._id, 'none'] } }] })).toEqual([
      reply._id,
    ]);
    const at = { $date: message.ts };
    expect(await asked({ ts: { $gt: at } })).toEqual(expect.arrayContaining([reply._id]));
    expect(await asked({ ts: { $gt: at } })).not.toContain(message._id);
    expect(await asked({ ts: { $gte: message.ts, $lte: message.ts } })).toEqual([message._id]);
    expect(await asked({ _updatedAt: { $lt: { $date: 0 } } })).toEqual([]);
    // Whoever asks for what the server cannot find must not take all messages for the answer.
    const refused = async (query: object) => (await chat.getMessages(false, { query })).error;
    expect(await refused({ unknown: 1, 'u.username': 'alice' })).toBe(
      'Invalid attribute: unknown\nInvalid attribute: u.username [error-invalid-query]',
    );
    expect(await refused({ pinned: false, ts: { $ne: at } })).toBe(
      'Invalid operation: $eq\nInvalid operation: $ne [error-invalid-query]',
    );
    expect(await refused({ $or: [{ pinned: true }, { tmid: 'x' }] })).toBe(
      'Invalid operation: $or [error-invalid-query]',
    );
    const { body: direct } = await alice.post('im.create', { username: 'alice' });
    const self = { message: { rid: direct.room._id, msg: 'note' } };
    const { body: note } = await alice.post('chat.sendMessage', self);
    const only = { roomId: direct.room._id, query: JSON.stringify({ _id: note.message._id }) };
    expect((await alice.get('im.messages', only)).body).toMatchObject({
      messages: [{ msg: 'note' }],
      total: 1,
    });
    const none = { ...only, query: '{"u._id":"x"}' };
    expect((await alice.get('im.messages', none)).body).toMatchObject({ errorType: 'error-invalid-query' });
  });

  test('shows a private group to its members, and a channel to anybody where that is allowed', async () => {
    const alice = await server.person('alice');
    const { body } = await alice.post('groups.create', { name: 'inner' });
    const { chat } = await enter(alice, body.group._id);
    await chat.sendMessage('inside', '');
    expect((await chat.getMessages(false, undefined, true)).messages).toMatchObject([{ msg: 'inside' }]);
    expect((await chat.getChannelMembers(true)).members).toMatchObject([{ username: 'alice' }]);
    expect((await chat.getChannelRoles(true)).roles).toMatchObject([{ roles: ['owner'] }]);

    const { chat: stranger } = widgetFor(await createChannel(alice, 'lobby'));
    expect(await stranger.getMessages(true)).toMatchObject({ success: false, status: 'error' });
    await server.admin.post('settings/Accounts_AllowAnonymousRead', { value: true });
    expect(await stranger.getMessages(true)).toMatchObject({ success: true, messages: [] });
  });

  test('sends a file, and lists files and pictures', async () => {
    const alice = await server.person('alice');
    const rid = await createChannel(alice, 'lobby');
    const { chat } = await enter(alice, rid);
    const file = new File(['some notes'], 'notes.txt', { type: 'text/plain' });

    const sent = await chat.sendAttachment(file, 'notes.txt', 'of today');

    expect(sent).toMatchObject({
      success: true,
      message: { file: { name: 'notes.txt', type: 'text/plain' } },
    });
    expect((await chat.getAllFiles()).files).toMatchObject([{ name: 'notes.txt', rid }]);
    expect((await chat.getAllImages()).files).toEqual([]);
  });

  test('reads people, permissions, commands and limits', async () => {
    const alice = await server.person('alice');
    const bob = await server.person('bob');
    const rid = await createChannel(alice, 'lobby');
    const { chat } = await enter(alice, rid);

    expect(await chat.me()).toMatchObject({ _id: alice.uid, username: 'alice', success: true });
    expect(await chat.userInfo(bob.uid)).toMatchObject({ user: { _id: bob.uid, username: 'bob' } });
    expect(await chat.getUserStatus(bob.uid)).toMatchObject({ _id: bob.uid, status: 'offline' });
    expect((await chat.permissionInfo()).update.length).toBeGreaterThan(100);
    expect((await chat.getCommandsList()).commands.length).toBeGreaterThan(10);
    expect(await chat.execCommand({ command: 'topic', params: 'news' })).toMatchObject({ success: true });
    expect((await chat.channelInfo()).room).toMatchObject({ topic: 'news' });
    expect(await chat.findOrCreateInvite()).toMatchObject({ rid, url: expect.any(String), success: true });
    // Both are for administrators; the widget goes on with its own limit and without their badges.
    expect(await chat.getMessageLimit()).toMatchObject({ success: false });
    expect(await chat.getUsersInRole('admin')).toMatchObject({ success: false });
    // There are no apps; the widget takes that for "not installed".
    expect(await chat.getRCAppInfo()).toBeFalsy();
  });

  test('helps somebody who came without a username to one', async () => {
    const alice = await server.person('alice');
    const rid = await createChannel(alice, 'lobby');
    const { chat } = await enter(alice, rid);

    expect(await chat.updateUserUsername(alice.uid, 'alice2')).toMatchObject({
      user: { username: 'alice2' },
    });
  });
});

describe('leaving a channel', () => {
  test('is seen by those who stay and is the last thing the leaver hears of it', async () => {
    const alice = await server.person('alice');
    const bob = await server.person('bob');
    const rid = await createChannel(alice, 'lobby', ['bob']);
    const other = await createChannel(alice, 'elsewhere', ['bob']);
    const hers = await enter(alice, rid);
    const his = await enter(bob, rid);
    await his.chat.rcClient.subscribe('stream-room-messages', other);
    const hisFrames = await framesOf(his.chat);
    const herFrames = await framesOf(hers.chat);
    await hers.chat.sendMessage('hi bob', '');
    await his.messages.first(says('hi bob'));

    expect((await bob.post('channels.leave', { roomId: rid })).status).toBe(200);

    expect(await hers.messages.first(({ t }) => t === 'ul')).toMatchObject({
      rid,
      msg: 'bob',
      u: { _id: bob.uid },
    });
    await herFrames.first(
      ({ eventName, args }) =>
        eventName === `${alice.uid}/rooms-changed` &&
        args[0] === 'updated' &&
        (args[1] as { usersCount: number }).usersCount === 1,
    );
    const removed = await hisFrames.first(
      ({ eventName, args }) => eventName === `${bob.uid}/subscriptions-changed` && args[0] === 'removed',
    );
    expect(removed.args[1]).toMatchObject({ rid, u: { _id: bob.uid } });

    // What alice says next must not reach bob; what she says afterwards in the other room does, and closes the wait.
    await hers.chat.sendMessage('is he gone?', '');
    await hers.messages.first(says('is he gone?'));
    await alice.post('chat.sendMessage', { message: { rid: other, msg: 'he is' } });
    await his.messages.first(says('he is'));
    expect(hisFrames.after(removed).filter((heard) => JSON.stringify(heard).includes(rid))).toEqual([]);
  });
});
