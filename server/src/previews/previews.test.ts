import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { DdpClient, Frame } from '../../test/support/ddp-client.ts';
import { coded } from '../../test/support/rooms.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';

/** Previews of links, with a web server of our own to link to (spec 30 §4.9). */

let server: TestServer;
let alice: Person;
let socket: DdpClient;
let rid: string;
let web: Server;
let origin: string;
let pages = 0;
let answer: (request: IncomingMessage) => {
  status?: number;
  headers?: Record<string, string>;
  body: string | Buffer;
};
const asked: IncomingMessage[] = [];

const PAGE = '<title>Ours</title><meta property="og:title" content="Welcome">';
const html = (body: string | Buffer = PAGE, type = 'text/html') => ({
  headers: { 'content-type': type },
  body,
});

beforeAll(async () => {
  web = createServer((request, response) => {
    asked.push(request);
    const { status = 200, headers, body } = answer(request);
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
  server = await startServer({
    outboundAllow: ['127.0.0.1'],
    settingDefaults: { API_EmbedIgnoredHosts: '10.0.0.0/8', API_EmbedSafePorts: `80, 443, ${port}` },
  });
  alice = await server.person('alice');
  rid = (await alice.post('channels.create', { name: 'links' })).body.channel._id;
  socket = await alice.ddp();
  await socket.subscribe('stream-room-messages', rid);
});
afterAll(async () => {
  await server.close();
  web.close();
});
beforeEach(() => {
  asked.length = 0;
  answer = () => html();
});

const answerWith = (page: ReturnType<typeof answer>) => {
  answer = () => page;
};
const newPage = () => `${origin}/page-${++pages}`;
const send = async (msg: string) =>
  (await alice.post('chat.sendMessage', { message: { rid, msg } })).body.message;
const stored = async (msgId: string) => {
  await server.server.jobs.idle();
  return (await alice.get('chat.getMessage', { msgId })).body.message;
};
const set = (id: string, value: unknown) => server.admin.post(`settings/${id}`, { value });

it('a link is shown with what its page says, some time after the message', async () => {
  const url = newPage();
  const sent = await send(`look at ${url}`);
  expect(sent.urls).toEqual([{ url, meta: {} }]);
  const preview = {
    url,
    meta: { pageTitle: 'Ours', ogTitle: 'Welcome' },
    headers: { contentType: 'text/html', contentLength: String(PAGE.length) },
  };
  const isShown = ([message]: Frame[]) => message?._id === sent._id && message?.urls[0].headers;
  const [again = {}] = await socket.event('room-messages', rid, isShown);
  expect(again.urls).toEqual([preview]);
  expect(again).not.toHaveProperty('editedAt');
  const message = await stored(sent._id);
  expect(message.urls).toEqual([preview]);
  expect(message._updatedAt).not.toBe(sent._updatedAt);
  const [request] = asked;
  expect(request?.headers).toMatchObject({
    'user-agent': expect.stringMatching(/^Mozilla.* Rocket\.Chat\/\d/),
    'accept-language': 'en',
  });
  const { lastMessage } = (await alice.get('rooms.info', { roomId: rid })).body.room;
  expect(lastMessage.urls).toEqual([preview]);

  // Somebody else's message about the same page asks nobody.
  expect((await stored((await send(url))._id)).urls).toEqual([preview]);
  expect(asked).toHaveLength(1);
});

it('an edit shows what it links to then', async () => {
  const [first, second] = [newPage(), newPage()];
  const { _id } = await send(first);
  await stored(_id);
  await alice.post('chat.update', { roomId: rid, msgId: _id, text: `rather ${second}` });
  expect((await stored(_id)).urls).toMatchObject([{ url: second, meta: { pageTitle: 'Ours' } }]);
});

it('pictures are told by their headers; their bytes are not read', async () => {
  answer = () => html(Buffer.alloc(3_000_000), 'image/png');
  expect((await stored((await send(newPage()))._id)).urls).toMatchObject([
    { meta: {}, headers: { contentType: 'image/png', contentLength: '3000000' } },
  ]);
});

it.each<[string, () => ReturnType<typeof answer>, string]>([
  [
    'its header',
    () => html(Buffer.from('<title>\xe4</title>', 'latin1'), 'text/html; charset=ISO-8859-1'),
    'ä',
  ],
  ['itself', () => html(Buffer.from('<meta charset=koi8-r><title>\xc1</title>', 'latin1')), 'а'],
  [
    'Windows',
    () => html(Buffer.from('<meta charset=windows-1252><title>\x80\x93\xe4</title>', 'latin1')),
    '€“ä',
  ],
  ['nobody', () => html('<title>ö</title>', 'text/html; charset=nonsense'), 'ö'],
])('the charset of a page is known from %s', async (_whom, page, pageTitle) => {
  answer = page;
  expect((await stored((await send(newPage()))._id)).urls).toMatchObject([{ meta: { pageTitle } }]);
});

it('of a long page only the beginning is read', async () => {
  answer = () => html(`${PAGE}${' '.repeat(250_000)}<meta name="description" content="far away">`);
  const [{ meta }] = (await stored((await send(newPage()))._id)).urls;
  expect(meta).toEqual({ pageTitle: 'Ours', ogTitle: 'Welcome' });
});

it.each<[string, () => unknown, (() => string)?]>([
  ['that is not there', () => answerWith({ ...html(), status: 404 })],
  ['of a host that the workspace ignores', () => set('API_EmbedIgnoredHosts', '127.0.0.0/8')],
  ['on another port', () => set('API_EmbedSafePorts', '80, 443')],
  ['that is not public', () => undefined, () => 'http://192.168.1.1/'],
  [
    'that leads to one that is not',
    () => answerWith({ status: 302, headers: { location: 'http://10.1.2.3/' }, body: '' }),
  ],
  ['that nobody gives out', () => undefined, () => `${origin.replace(/\d+$/, '1')}/`],
])('a page %s has no preview', async (_what, prepare, page = newPage) => {
  const before = await Promise.all(['API_EmbedIgnoredHosts', 'API_EmbedSafePorts'].map(settingOf));
  await prepare();
  const url = page();
  const sent = await send(url);
  const message = await stored(sent._id);
  expect(message.urls).toEqual([{ url, meta: {} }]);
  expect(message._updatedAt).toBe(sent._updatedAt);
  for (const { _id, value } of before) await set(_id, value);
});

const settingOf = async (id: string) => (await server.admin.get(`settings/${id}`)).body;

it('nothing is asked where the workspace wants no previews, and for who wants none', async () => {
  await alice.post('chat.sendMessage', { message: { rid, msg: newPage() }, previewUrls: [] });
  await set('API_Embed', false);
  await send(newPage());
  await set('API_Embed', true);
  await server.server.jobs.idle();
  expect(asked).toEqual([]);
});

it('a message that is gone meanwhile stays gone', async () => {
  const url = newPage();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  web.prependOnceListener('request', () => release());
  const { _id } = await send(url);
  await held;
  await alice.post('chat.delete', { roomId: rid, msgId: _id });
  await server.server.jobs.idle();
  expect((await alice.get('chat.getMessage', { msgId: _id })).status).toBe(400);
});

it('what is known of a page is forgotten after some days', async () => {
  const url = newPage();
  await stored((await send(url))._id);
  vi.spyOn(server.server.ctx.clock, 'now').mockReturnValue(Date.now() + 31 * 24 * 60 * 60_000);
  await stored((await send(url))._id);
  vi.restoreAllMocks();
  expect(asked).toHaveLength(2);
});

it('a page is looked at before a message links to it, for members of the room', async () => {
  const url = newPage();
  const preview = async (person: Person, query: object) =>
    person.get('chat.getURLPreview', { roomId: rid, ...query });
  const { status, body } = await preview(alice, { url });
  expect([status, body]).toEqual([
    200,
    {
      urlPreview: {
        url,
        meta: { pageTitle: 'Ours', ogTitle: 'Welcome' },
        headers: { contentType: 'text/html', contentLength: String(PAGE.length) },
        ignoreParse: true,
      },
      success: true,
    },
  ]);
  await preview(alice, { url });
  expect(asked).toHaveLength(1);
  for (const unknown of ['http://10.0.0.1/', 'ftp://example.com/', 'none'])
    expect((await preview(alice, { url: unknown })).body.urlPreview).toEqual({
      ...{ url: unknown, meta: {}, ignoreParse: true },
    });
  const { group } = (await server.admin.post('groups.create', { name: 'closed' })).body;
  const refused = await preview(alice, { url, roomId: group._id });
  expect(refused).toMatchObject({ status: 400 });
  expect(refused.body).toEqual(coded('error-not-allowed', 'Not allowed'));
});
