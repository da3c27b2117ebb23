import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchFile, uploadFile } from '../../test/support/files.ts';
import { type MailSink, startMailSink } from '../../test/support/mail-sink.ts';
import { coded, INVALID_PARAMS, NOT_LOGGED_IN } from '../../test/support/rooms.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';
import { expireExports } from './expire-exports.ts';

let server: TestServer;
let sink: MailSink;
let alice: Person;
let bob: Person;
let rid: string;

beforeAll(async () => {
  sink = await startMailSink();
  server = await startServer({ mailUrl: `smtp://127.0.0.1:${sink.port}` });
  [alice, bob] = await Promise.all([server.person('alice'), server.person('bob')]);
  rid = (await alice.post('channels.create', { name: 'news', members: ['bob'] })).body.channel._id;
  await say(alice, 'hello <script>alert(1)</script>');
  await say(bob, 'answer');
  const file = await uploadFile(server, alice, rid, {
    name: '../a <b>.txt',
    type: 'text/plain',
    bytes: 'text',
  });
  await alice.post(`rooms.mediaConfirm/${rid}/${file._id}`, { msg: 'look' });
});
afterAll(async () => {
  await server.close();
  await sink.close();
});

const say = (person: Person, msg: string) => person.post('chat.sendMessage', { message: { rid, msg } });
const ask = (more: object = {}, person: Person = server.admin) =>
  person.post('rooms.export', { rid, type: 'file', format: 'html', ...more });
const request = (person: Person, fullExport?: boolean) =>
  person.get('users.requestDataDownload', { fullExport });
const made = () => server.server.jobs.idle();
const linkIn = (html: string | undefined) => /\/data-export\/\w+/.exec(html ?? '')?.[0] ?? '';

async function unpack(person: Person, path: string): Promise<Record<string, string>> {
  const { status, headers, bytes } = await fetchFile(server, person, path);
  expect([status, headers.get('content-type')]).toEqual([200, 'application/zip']);
  const entries = Object.entries(unzipSync(bytes));
  return Object.fromEntries(entries.map(([name, content]) => [name, strFromU8(content)]));
}

test('a room as pages: made behind the answer, and its link goes by mail', async () => {
  // The same wish is fulfilled once.
  for (const { status, body } of await Promise.all([ask(), ask()]))
    expect([status, body]).toEqual([200, { success: true }]);
  await made();
  const mail = await sink.next();
  expect(mail.to).toEqual(['root@example.com']);
  expect(sink.mails).toHaveLength(1);
  const entries = await unpack(server.admin, linkIn(mail.html));
  const [asset = ''] = Object.keys(entries).filter((name) => name.startsWith('assets/'));
  expect(asset).toMatch(/^assets\/\w+-a _b_\.txt$/);
  expect(entries[asset]).toBe('text');
  const page = entries['messages.html'] ?? '';
  expect(page).toContain('hello &lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toContain('<script>');
  expect(page).toContain(`href="assets/${encodeURIComponent(asset.slice('assets/'.length))}"`);
});

test('a stretch of a room as JSON', async () => {
  const today = new Date().toISOString().slice(0, 10);
  await alice.post('chat.starMessage', { messageId: (await say(alice, 'starred')).body.message._id });
  const messagesOf = async (times: object) => {
    await ask({ format: 'json', ...times });
    await made();
    const entries = await unpack(server.admin, linkIn((await sink.next()).html));
    return { entries: Object.keys(entries), messages: JSON.parse(entries['messages.json'] ?? '') };
  };
  const { messages } = await messagesOf({ dateFrom: today, dateTo: today });
  const texts = messages.map(({ msg }: { msg: string }) => msg);
  expect(texts).toEqual(expect.arrayContaining(['answer', 'look', 'starred']));
  expect(messages.at(-1)).toMatchObject({ msg: 'starred', u: { username: 'alice' }, rid });
  expect(messages.at(-1)).not.toHaveProperty('starred');
  expect(await messagesOf({ dateTo: '2020-01-01' })).toEqual({ entries: ['messages.json'], messages: [] });
});

test.each<[string, object, object]>([
  ['without a format', { format: undefined }, INVALID_PARAMS],
  ['as something else', { format: 'pdf' }, INVALID_PARAMS],
  ['from no day', { dateFrom: 'soon' }, INVALID_PARAMS],
  [
    'backwards',
    { dateFrom: '2021-01-03', dateTo: '2021-01-01' },
    coded('error-invalid-dates', 'From date cannot be after To date', { method: 'roomsExport' }),
  ],
  ['of a room that there is not', { rid: 'x' }, { errorType: 'error-invalid-room' }],
])('a room %s is refused', async (_what, more, body) => {
  expect(await ask(more)).toMatchObject({ status: 400, body });
});

test('whoever may not mail messages gets no archive, and not too many wait', async () => {
  const action = { method: 'roomsExport', action: 'Mailing' };
  expect((await ask({}, alice)).body).toEqual(
    coded('error-action-not-allowed', 'Mailing is not allowed', action),
  );
  const { jobs } = server.server;
  await server.server.ctx.write(async (tx) => {
    const row = { uid: server.admin.uid, kind: 'room', status: 'pending', updated_at: 0 };
    for (let i = 0; i < 10; i++)
      await tx
        .insertInto('exports')
        .values({ ...row, id: `waiting-${i}`, created_at: Date.now(), wish: '{}' })
        .execute();
  });
  expect((await ask()).status).toBe(429);
  await server.server.ctx.write((tx) => tx.deleteFrom('exports').where('wish', '=', '{}').execute());
  await jobs.idle();
});

test('the own data, once a day in each of its forms, for nobody else', async () => {
  const first = await request(alice);
  expect(first).toMatchObject({
    status: 200,
    body: {
      ...{ requested: true, pendingOperationsBeforeMyRequest: 0, success: true },
      exportOperation: {
        userId: alice.uid,
        status: 'pending',
        fullExport: false,
        roomList: [],
        fileList: [],
      },
    },
  });
  expect(first.body).not.toHaveProperty('url');
  await made();
  expect((await sink.next()).to).toEqual(['alice@example.com']);
  const again = (await request(alice)).body;
  expect(again).toMatchObject({ requested: false, exportOperation: { status: 'completed' } });
  expect(again.exportOperation._id).toBe(first.body.exportOperation._id);
  const path = linkIn(again.url);
  const pages = await unpack(alice, path);
  expect(Object.keys(pages)).toEqual(['user.html', 'rooms.html', 'messages.html']);
  expect(pages['messages.html']).toContain('hello &lt;script&gt;');
  expect(pages['messages.html']).not.toContain('answer');
  const socket = await alice.ddp();
  expect(await socket.call('requestDataDownload', { fullExport: true })).toMatchObject({ requested: true });
  await made();
  const full = await unpack(alice, linkIn((await request(alice, true)).body.url));
  expect(Object.keys(full)).toEqual([
    'user.json',
    'rooms.json',
    'messages.json',
    expect.stringMatching(/^assets/),
  ]);
  expect(JSON.parse(full['user.json'] ?? '')).toMatchObject({ username: 'alice' });
  expect(JSON.parse(full['rooms.json'] ?? '')).toMatchObject([{ rid, roles: ['owner'] }]);
  for (const [person, status] of [
    [bob, 403],
    [server.admin, 403],
    [undefined, 403],
  ] as const)
    expect((await fetchFile(server, person, path)).status).toBe(status);
  expect((await fetchFile(server, alice, '/data-export/unknown')).status).toBe(404);
});

test('it is refused without a login, and where the workspace does not offer it', async () => {
  expect((await server.anonymous.get('users.requestDataDownload')).body).toEqual(NOT_LOGGED_IN);
  const offer = (value: boolean) => server.admin.post('settings/UserData_EnableDownload', { value });
  await offer(false);
  const details = { method: 'requestDataDownload' };
  expect((await request(bob)).body).toEqual(coded('error-not-allowed', 'Not allowed', details));
  await offer(true);
});

test('an archive goes with its account, and after a week', async () => {
  const { ctx, files } = server.server;
  const carol = await server.person('carol');
  await request(carol);
  await made();
  const path = linkIn((await request(carol)).body.url);
  expect((await fetchFile(server, carol, path)).status).toBe(200);
  await server.admin.post('users.delete', { userId: carol.uid, confirmRelinquish: true });
  expect((await fetchFile(server, undefined, path)).status).toBe(404);
  const left = () => ctx.db.selectFrom('files').select('id').where('kind', '=', 'export').execute();
  expect(await left()).not.toEqual([]);
  const later = { ...ctx, clock: { ...ctx.clock, now: () => Date.now() + 8 * 24 * 60 * 60_000 } };
  await expireExports(later);
  expect(await left()).toEqual([]);
  await files.sweep();
});
