import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';
import { messageDoc, reviveMessage, type WireMessage, wireDoc } from './message.ts';

let world: RoomWorld;
let alice: Person;
let bob: Person;
let room: TestRoom;

beforeAll(async () => {
  world = await startRoomWorld();
  ({ alice, bob } = world);
  room = await world.channel([bob]);
});
afterAll(() => world.close());

const text = (value: string) => ({ type: 'PLAIN_TEXT', value });
const paragraph = (...value: object[]) => ({ type: 'PARAGRAPH', value });

describe('md', () => {
  test.each([
    ['plain', 'nothing "special" \\here', [paragraph(text('nothing "special" \\here'))]],
    ['marked up', '*a*', [paragraph({ type: 'BOLD', value: [text('a')] })]],
    ['several lines', 'a\nb', [paragraph(text('a')), paragraph(text('b'))]],
  ])('of a message that is %s is the same wherever it is read', async (_what, msg, md) => {
    const socket = await alice.ddp();
    await socket.subscribe('stream-room-messages', room._id);
    const sent = await world.say(bob, room._id, msg);
    expect(sent.md).toEqual(md);
    const { body: page } = await alice.get('channels.history', { roomId: room._id, count: '1' });
    expect(page.messages).toEqual([sent]);
    const { body: one } = await alice.get('chat.getMessage', { msgId: sent._id });
    expect(one.message).toEqual(sent);
    expect((await world.room(room._id)).lastMessage).toEqual(sent);
    await socket.barrier();
    expect(socket.events('room-messages', room._id).map(([event]) => event?.md)).toEqual([md]);
    await bob.post('chat.react', { messageId: sent._id, emoji: 'smile' });
    expect((await alice.get('chat.getMessage', { msgId: sent._id })).body.message.md).toEqual(md);
  });

  test('stays beside a star, which only its owner sees', async () => {
    const sent = await world.say(bob, room._id, 'to be starred');
    await bob.post('chat.starMessage', { messageId: sent._id });
    const { body } = await bob.get('channels.history', { roomId: room._id, count: '1' });
    expect(body.messages).toMatchObject([{ md: sent.md, starred: [{ _id: bob.uid }] }]);
  });

  test('is that of the text after an edit, and goes with the text', async () => {
    const attachments = [{ title: 'x' }];
    const { body } = await bob.post('chat.sendMessage', {
      message: { rid: room._id, msg: 'a', attachments },
    });
    const edit = { roomId: room._id, msgId: body.message._id };
    const edited = await bob.post('chat.update', { ...edit, text: '*b*' });
    expect(edited.body.message.md).toEqual([paragraph({ type: 'BOLD', value: [text('b')] })]);
    const emptied = await bob.post('chat.update', { ...edit, text: '' });
    expect(emptied.body.message).not.toHaveProperty('md');
  });

  test('is absent from what has no text, what is encrypted, and system messages', async () => {
    const content = { algorithm: 'rc.v2.aes-sha2', ciphertext: 'x' };
    for (const draft of [
      { rid: room._id, attachments: [{ title: 'x' }] },
      { rid: room._id, msg: 'secret', t: 'e2e', content },
    ]) {
      const { body } = await bob.post('chat.sendMessage', { message: draft });
      expect(body.message).not.toHaveProperty('md');
    }
    await bob.post('channels.leave', { roomId: room._id });
    expect((await world.messages(room._id)).at(-1)).not.toHaveProperty('md');
    await bob.post('channels.join', { roomId: room._id });
  });

  test('of a description is beside it, and follows it', async () => {
    const attachments = [
      { title: 'file', description: '*d*', descriptionMd: 'forged' },
      { description: 'e' },
    ];
    const { body } = await bob.post('chat.sendMessage', {
      message: { rid: room._id, msg: 'm', attachments },
    });
    expect(body.message.attachments).toEqual([
      { title: 'file', description: '*d*', descriptionMd: [paragraph({ type: 'BOLD', value: [text('d')] })] },
      { description: 'e' },
    ]);
    const edit = { roomId: room._id, msgId: body.message._id, text: 'f' };
    const edited = await bob.post('chat.update', edit);
    expect(edited.body.message.attachments[0].descriptionMd).toEqual([paragraph(text('f'))]);
    expect(edited.body.message.md).toEqual([paragraph(text('m'))]);
  });

  test('recognises what the workspace wants to be recognised', async () => {
    const msg = 'color:#ffffff';
    await world.withSettings({ HexColorPreview_Enabled: false }, async () => {
      expect((await world.say(bob, room._id, msg)).md).toEqual([paragraph(text(msg))]);
    });
    await world.withSettings({ Message_CustomDomain_AutoLink: ' intra , ' }, async () => {
      const { md, urls } = await world.say(bob, room._id, 'wiki.intra');
      const src = text('//wiki.intra');
      expect(md).toEqual([paragraph({ type: 'LINK', value: { src, label: [text('wiki.intra')] } })]);
      expect(urls).toEqual([{ url: 'https://wiki.intra', meta: {} }]);
    });
    await world.withSettings({ Katex_Enabled: false }, async () => {
      expect((await world.say(bob, room._id, '\\(x\\)')).md).toEqual([paragraph(text('\\(x\\)'))]);
    });
  });

  test('gives the links that are fetched: pages, and addresses that nobody outside knows', async () => {
    const { urls } = await world.say(
      bob,
      room._id,
      'github.com/x [a](https://b.example.com) me@example.com +1234567 http://chat-host/x `http://code.com`',
    );
    expect(urls.map(({ url }: { url: string }) => url)).toEqual([
      'https://github.com/x',
      'https://b.example.com',
      'http://chat-host/x',
    ]);
  });
});

describe('the stored document', () => {
  const message = (changes: object): WireMessage => ({
    _id: 'i,"msg":"',
    rid: 'r',
    msg: 'say "\\"',
    ts: new Date(0),
    u: { _id: 'u', username: 'u' },
    _updatedAt: new Date(0),
    ...changes,
  });

  test('of a plain text does not repeat it, and reads as if it did', () => {
    const whole = message({ md: [paragraph(text('say "\\"'))] });
    const doc = messageDoc(whole);
    expect(doc.length).toBeLessThan(JSON.stringify(whole).length - 60);
    expect(JSON.parse(wireDoc(doc))).toEqual(JSON.parse(JSON.stringify(whole)));
    expect(reviveMessage(doc)).toEqual(whole);
  });

  test('of a message without mentions, channels and links does not say so', () => {
    const whole = message({ mentions: [], channels: [], urls: [], md: [paragraph(text('say "\\"'))] });
    const doc = messageDoc(whole);
    expect(doc).not.toContain('mentions');
    expect(JSON.parse(wireDoc(doc))).toEqual(JSON.parse(JSON.stringify(whole)));
    expect(reviveMessage(doc)).toEqual(whole);
    const some = message({ ...whole, urls: [{ url: 'https://a.example', meta: {} }] });
    expect(JSON.parse(wireDoc(messageDoc(some)))).toEqual(JSON.parse(JSON.stringify(some)));
    expect(reviveMessage(messageDoc(some))).toEqual(some);
  });

  test.each([
    ['another text', { md: [paragraph(text('other'))] }],
    ['no tree', {}],
    ['two lines', { md: [paragraph(text('say "\\"')), paragraph(text(''))] }],
    [
      'something of the same name before it',
      { _id: 'x', rid: 'y', msg: undefined, attachments: [{ a: 1, msg: 5 }], md: [paragraph(text('z'))] },
    ],
  ])('of %s is the whole message', (_what, changes) => {
    const whole = message(changes);
    expect(messageDoc(whole)).toBe(JSON.stringify(whole));
    expect(wireDoc(messageDoc(whole))).toBe(messageDoc(whole));
  });
});
