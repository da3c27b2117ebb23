import { Buffer } from 'node:buffer';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fetchFile } from '../../test/support/files.ts';
import { Importing, zipOf } from '../../test/support/importing.ts';
import { coded, INVALID_PARAMS, NO_PERMISSION, NOT_LOGGED_IN } from '../../test/support/rooms.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';
import { startReceiver, type WebReceiver } from '../../test/support/web-receiver.ts';
import { csvRows } from './csv.ts';
import { jsonItems } from './json-items.ts';
import type { ImportOperation } from './operation.ts';
import { changeOperation, endRunningImport, latest } from './operation-steps.ts';
import { clearImport } from './operations.ts';

const DONE = { success: true };
const AT = 1_580_428_800_000;
const NO_OPERATION = coded('error-operation-not-found', 'Import Operation Not Found');
const INVALID = coded('error-import-operation-invalid', 'Invalid Import Operation');
const notDefined = (key: string) =>
  coded(
    'error-importer-not-defined',
    `The importer (${key}) has no import class defined.`,
    'uploadImportFile',
  );
const missing = (path: string) => coded('error-import-file-missing', path);

let dir: string;
let server: TestServer;
let importing: Importing;
let alice: Person;
let elsewhere: WebReceiver;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gantry-import-'));
  mkdirSync(join(dir, 'open'));
  elsewhere = await startReceiver();
  server = await startServer({ importDir: join(dir, 'open'), outboundAllow: ['127.0.0.1'] });
  importing = new Importing(server);
  alice = await server.person('alice');
});
afterAll(async () => {
  elsewhere.close();
  await server.close();
  rmSync(dir, { recursive: true });
});

const UPLOAD = { binaryContent: 'AAAA', contentType: 'text/csv', fileName: 'a.csv', importerKey: 'csv' };
const START = { input: { users: { all: true } } };
const USERS = 'ann,ann@example.com,Ann\nben,ben@example.com,Ben';

const ENDPOINTS: ['get' | 'post', string, object][] = [
  ['get', 'importers.list', {}],
  ['post', 'uploadImportFile', UPLOAD],
  ['post', 'downloadPublicImportFile', { fileUrl: 'https://example.com/a.zip', importerKey: 'csv' }],
  ['get', 'getImportFileData', {}],
  ['post', 'startImport', START],
  ['post', 'downloadPendingFiles', {}],
  ['post', 'downloadPendingAvatars', {}],
];

test.each(ENDPOINTS)('%s %s is refused without login or permission', async (verb, path, input) => {
  expect((await server.anonymous[verb](path, input as never)).body).toEqual(NOT_LOGGED_IN);
  expect(await alice[verb](path, input as never)).toMatchObject({ status: 403, body: NO_PERMISSION });
  expect((await importing.status()).state).toBe('none');
});

test('what needs an operation is refused before the first one', async () => {
  expect((await server.admin.get('getImportFileData')).body).toMatchObject(NO_OPERATION);
  expect((await server.admin.post('startImport', START)).body).toMatchObject(NO_OPERATION);
});

test.each<[string, object, object]>([
  [
    'of an unknown importer',
    { ...UPLOAD, importerKey: 'hipchatenterprise' },
    notDefined('hipchatenterprise'),
  ],
  ['of a hidden importer', { ...UPLOAD, importerKey: 'api' }, notDefined('api')],
  ['with a name of every object', { ...UPLOAD, importerKey: 'constructor' }, notDefined('constructor')],
  ['without content', { ...UPLOAD, binaryContent: '' }, missing('a.csv')],
  [
    'that is no base64',
    { ...UPLOAD, binaryContent: 'no!' },
    coded('error-invalid-params', 'binaryContent must be base64'),
  ],
  ['without a name', { ...UPLOAD, fileName: '' }, INVALID_PARAMS],
  ['with something else', { ...UPLOAD, more: 1 }, INVALID_PARAMS],
])('an upload %s is refused and begins nothing', async (_what, body, answer) => {
  expect((await server.admin.post('uploadImportFile', body)).body).toMatchObject(answer);
  expect((await importing.status()).state).toBe('none');
});

test('an operation takes the steps one after the other', async () => {
  await importing.upload('csv', await zipOf({ 'users.csv': USERS }));
  expect((await server.admin.post('startImport', START)).body).toMatchObject(INVALID);
  const added = await server.admin.post('import.addUsers', {
    users: [{ importIds: ['1'], emails: ['a@b.c'] }],
  });
  expect(added.body).toMatchObject({ error: 'The current import operation can not receive new data.' });
  await importing.prepare();
  expect((await server.admin.post('startImport', { input: { users: { none: true } } })).body).toEqual(
    INVALID_PARAMS,
  );
  // Nothing is named, so nothing is wanted.
  expect(await importing.start({})).toMatchObject({ count: { total: 0, completed: 0 } });
  expect((await server.admin.post('startImport', START)).body).toMatchObject(INVALID);
  expect((await server.admin.get('getImportFileData')).body).toMatchObject(INVALID);
});

const damaged = async () => {
  const bytes = await zipOf({ 'users.csv': 'some text that is long enough to be packed, '.repeat(50) });
  bytes.fill(0xff, 45, 60);
  return bytes;
};
const leadingOut = async () => {
  const bytes = await zipOf({ 'xx/users.csv': USERS });
  return Buffer.from(bytes.toString('latin1').replaceAll('xx/', '../'), 'latin1');
};

test.each<[string, string, () => Promise<Buffer>]>([
  ['no archive', 'csv', async () => Buffer.from(USERS)],
  ['an archive that is cut off', 'slack', async () => (await zipOf({ 'users.json': [] })).subarray(0, -30)],
  ['damaged', 'csv', damaged],
  ['an archive that leads out of itself', 'csv', leadingOut],
  ['made to fill disks', 'csv', async () => zipOf({ 'users.csv': '\n'.repeat(8 * 1024 ** 2) })],
  [
    'an archive without anything to import',
    'csv',
    async () => zipOf({ 'readme.txt': 'x', 'users.csv': 'a,"b"c' }),
  ],
  [
    'an export whose lists are no JSON',
    'slack',
    async () => zipOf({ 'users.json': '[{', 'channels.json': '{}' }),
  ],
  ['no list of members', 'slack-users', async () => Buffer.from('a,"b')],
])('a file that is %s fails, and nothing of it stays', async (_what, key, bytes) => {
  await importing.upload(key, await bytes());
  expect(await importing.prepare()).toMatchObject(INVALID);
  expect(await importing.status()).toMatchObject({
    ...{ state: 'error', operation: { status: 'importer_import_failed', valid: true } },
  });
  const { db } = server.server.ctx;
  expect(await db.selectFrom('files').select('id').execute()).toEqual([]);
  expect(await importing.errors()).toEqual([]);
});

describe('a file that is fetched', () => {
  const fetchIt = async (fileUrl: string, importerKey = 'csv') =>
    (await server.admin.post('downloadPublicImportFile', { fileUrl, importerKey })).body;

  test('comes from a web address', async () => {
    const bytes = await zipOf({ 'users.csv': USERS });
    elsewhere.answer('/export.zip', (_, response) => response.end(bytes));
    expect(await fetchIt(`${elsewhere.url}/export.zip?token=secret`)).toEqual(DONE);
    await server.server.jobs.idle();
    expect(await importing.status()).toMatchObject({
      operation: { status: 'importer_file_loaded', file: 'export.zip' },
    });
    expect((await importing.prepare()).users).toHaveLength(2);
  });

  test.each([
    ['is not there', () => `${elsewhere.url}/missing.zip`],
    ['is where nobody may be asked', () => 'http://10.0.0.1/a.zip'],
  ])('and %s fails', async (_what, url) => {
    elsewhere.answer('/missing.zip', (_, response) => response.writeHead(404).end('no'));
    expect(await fetchIt(url())).toEqual(DONE);
    expect((await server.admin.get('getImportFileData')).body).toSatisfy(
      (body: { waiting?: boolean; errorType?: string }) =>
        body.waiting || body.errorType === 'error-import-operation-invalid',
    );
    await server.server.jobs.idle();
    expect(await importing.status()).toMatchObject({ state: 'error' });
  });

  test('comes from the directory for imports, and from nowhere else', async () => {
    const path = join(dir, 'open', 'export.zip');
    writeFileSync(path, await zipOf({ 'users.csv': USERS }));
    writeFileSync(join(dir, 'secret.zip'), 'x');
    symlinkSync(join(dir, 'secret.zip'), join(dir, 'open', 'link.zip'));
    expect(await fetchIt(path, 'nothing')).toMatchObject(notDefined('nothing'));
    const before = (await importing.status()).operation._id;
    for (const wrong of [
      ...[
        join(dir, 'secret.zip'),
        join(dir, 'open', 'link.zip'),
        `${dir}/open/../secret.zip`,
        join(dir, 'open'),
      ],
      ...[join(dir, 'open', 'missing.zip'), 'export.zip', 'file:///etc/passwd', '/etc/passwd'],
    ])
      expect(await fetchIt(wrong)).toMatchObject(missing(wrong));
    expect((await importing.status()).operation._id).toBe(before);
    expect(await fetchIt(path)).toEqual(DONE);
    await server.server.jobs.idle();
    expect((await importing.prepare()).users).toHaveLength(2);
  });

  test('has no path where the operator has set nothing aside', async () => {
    const closed = await startServer();
    onTestFinished(() => closed.close());
    const body = { fileUrl: join(dir, 'open', 'export.zip'), importerKey: 'csv' };
    expect((await closed.admin.post('downloadPublicImportFile', body)).body).toMatchObject(
      missing(body.fileUrl),
    );
  });
});

describe('what is fetched afterwards', () => {
  const said = (more: object) => ({
    type: 'message',
    user: 'U1',
    text: '',
    ts: '1580428800.000100',
    ...more,
  });
  const file = (id: string, name: string) => ({
    ...{ id, name, size: 4, url_private_download: `${elsewhere.url}/files/${id}?t=xoxe-1` },
  });

  test('files of messages look as if they had been sent here', async () => {
    elsewhere.answer('/files/F1', (_, response) =>
      response.setHeader('content-type', 'text/plain').end('text'),
    );
    elsewhere.answer('/files/F2', (_, response) => response.writeHead(410).end('gone'));
    elsewhere.answer('/files/F3', (_, response) =>
      response.setHeader('content-type', 'text/html').end('<p>log in'),
    );
    await importing.all('slack', {
      'users.json': [{ id: 'U1', name: 'sender', profile: {} }],
      'channels.json': [{ id: 'C1', name: 'with-files', creator: 'U1', created: 1, members: ['U1'] }],
      'with-files/a.json': [said({ files: [file('F1', 'a.txt'), file('F2', 'b.png'), file('F3', 'c.png')] })],
    });
    expect((await server.admin.post('downloadPendingFiles')).body).toEqual({ count: 3, success: true });
    await server.server.jobs.idle();
    expect((await server.admin.get('getImportProgress')).body).toMatchObject({
      ...{ key: 'pending-files', step: 'importer_done', count: { total: 3, completed: 1, error: 2 } },
    });
    const room = await importing.room('with-files');
    const [fetched, gone] = await importing.messages(room._id);
    expect(fetched).toMatchObject({
      ...{
        msg: '',
        file: { name: 'a.txt', type: 'text/plain', size: 4 },
        _importFile: { id: 'F1', downloaded: true },
      },
      attachments: [{ title: 'a.txt', type: 'file' }],
    });
    await alice.post('channels.join', { roomId: room._id });
    const { status, bytes } = await fetchFile(server, alice, fetched.attachments[0].title_link);
    expect([status, Buffer.from(bytes).toString()]).toEqual([200, 'text']);
    expect(gone).toMatchObject({ msg: `${elsewhere.url}/files/F2` });
    expect(gone).not.toHaveProperty('file');

    // Importing it again does not undo it; what did not come is tried again.
    await importing.all('slack', {
      'users.json': [{ id: 'U1', name: 'sender', profile: {} }],
      'channels.json': [{ id: 'C1', name: 'with-files', creator: 'U1', created: 1, members: ['U1'] }],
      'with-files/a.json': [said({ files: [file('F1', 'a.txt'), file('F2', 'b.png')] })],
    });
    expect((await importing.messages(room._id))[0]).toEqual(fetched);
    elsewhere.answer('/files/F2', (_, response) => response.end('late'));
    elsewhere.answer('/files/F3', (_, response) => response.end('late'));
    expect((await server.admin.post('downloadPendingFiles')).body).toEqual({ count: 2, success: true });
    await server.server.jobs.idle();
    expect((await server.admin.post('downloadPendingFiles')).body).toEqual({ count: 0, success: true });
    expect(await importing.status()).toMatchObject({ state: 'done' });
    await server.admin.post('chat.delete', { roomId: room._id, msgId: fetched._id });
  });

  test('pictures of people are theirs, unless they have one', async () => {
    const picture = await sharp({ create: { width: 20, height: 20, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    elsewhere.answer('/a.png', (_, response) => response.setHeader('content-type', 'image/png').end(picture));
    await alice.post('users.setAvatar', { avatarUrl: `${elsewhere.url}/a.png` });
    const person = (name: string, path: string) => ({
      ...{
        importIds: [name],
        emails: [`${name}@example.com`],
        username: name,
        avatarUrl: `${elsewhere.url}${path}`,
      },
    });
    await server.admin.post('import.new');
    const users = [person('pia', '/a.png'), person('quinn', '/missing.png'), person('alice', '/a.png')];
    expect((await server.admin.post('import.addUsers', { users })).body).toEqual(DONE);
    await server.admin.post('import.run');
    await server.server.jobs.idle();
    elsewhere.answer('/missing.png', (_, response) => response.writeHead(404).end());
    expect((await server.admin.post('downloadPendingAvatars')).body).toEqual({ count: 2, success: true });
    await server.server.jobs.idle();
    expect((await server.admin.get('getImportProgress')).body).toMatchObject({
      ...{ key: 'pending-avatars', count: { total: 2, completed: 1, error: 1 } },
    });
    const { user } = (await server.admin.get('users.info', { username: 'pia' })).body;
    expect(user).toMatchObject({ avatarETag: expect.any(String) });
    expect(JSON.stringify(user)).not.toContain(elsewhere.url);
    expect((await fetchFile(server, alice, '/avatar/pia')).headers.get('content-type')).toMatch(
      /^image\/(png|webp|jpeg)/,
    );
    // It is asked for again with the next call.
    expect((await server.admin.post('downloadPendingAvatars')).body).toEqual({ count: 1, success: true });
  });
});

test('administrators come only from who may make some, and who imports stays', async () => {
  const { admin } = server;
  await admin.post('roles.create', { name: 'importer' });
  const permissions = ['run-import'].map((_id) => ({ _id, roles: ['admin', 'importer'] }));
  const { body } = await admin.get('roles.list');
  const role = body.roles.find(({ name }: { name: string }) => name === 'importer')._id;
  await admin.post('permissions.update', {
    permissions: permissions.map((each) => ({ ...each, roles: ['admin', role] })),
  });
  const mover = await server.person('mover', { roles: ['user', role] });
  const csv = 'h\nchief,chief@example.com,Admin\nmover,mover@example.com,Deactivated\n';
  const binaryContent = Buffer.from(csv).toString('base64');
  await mover.post('uploadImportFile', { ...UPLOAD, binaryContent, importerKey: 'slack-users' });
  await importing.prepare();
  expect((await mover.post('startImport', START)).body).toEqual(DONE);
  await server.server.jobs.idle();
  expect((await importing.errors()).map(({ error }) => error)).toEqual([
    'Assigning admin is not allowed [error-action-not-allowed]',
  ]);
  expect((await mover.get('me')).body).toMatchObject({ success: true, active: true });
});

test('without our channel for everybody Slack has none', async () => {
  await server.admin.post('channels.delete', { roomId: 'GENERAL' });
  await importing.all('slack', {
    'channels.json': [
      { id: 'C7', name: 'all-of-us', creator: 'U1', is_general: true, members: [] },
      { id: 'C8', creator: 'U1', members: [] },
    ],
  });
  expect((await importing.errors()).map(({ error }) => error)).toEqual([
    '[importer-channel-general-not-found]',
    '[importer-channel-missing-name]',
  ]);
});

const isUnderWay = ({ step, counts }: ImportOperation): boolean =>
  step === 'importer_importing_messages' && counts.completed > 100;

describe('an import that is ended', () => {
  const rows = Array.from({ length: 1500 }, (_, n) => `ann,${AT + n},row ${n}`).join('\n');
  const FILES = { 'users.csv': USERS, 'channels.csv': 'rows,ann,public,ben', 'rows/m.csv': rows };

  test('by another one leaves what it has taken in whole', async () => {
    const { ctx } = server.server;
    await importing.upload('csv', await zipOf(FILES));
    await importing.prepare();
    let cleared: Promise<void> | undefined;
    ctx.events.on('import.progressed', ({ operation }) => {
      if (isUnderWay(operation)) cleared ??= clearImport(ctx);
    });
    await importing.start();
    await cleared;
    await server.server.jobs.idle();
    expect(await importing.status()).toMatchObject({ state: 'error', operation: { valid: false } });
    expect(await importing.errors()).toEqual([]);
    const { msgs, _id } = await importing.room('rows');
    expect(await importing.messages(_id)).toHaveLength(msgs);
    expect(await importing.all('csv', FILES)).toMatchObject({
      count: { total: 1503, completed: 1503, error: 0 },
    });
    expect(await importing.room('rows')).toMatchObject({ msgs: 1500 });
  });

  test('by a restart, too', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'gantry-import-data-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const config = { memory: false, dataDir, limits: { shutdownMs: 10 } };
    const first = await startServer(config);
    const begun = new Importing(first);
    await begun.upload('csv', await zipOf(FILES));
    await begun.prepare();
    const far = new Promise<void>((resolve) =>
      first.server.ctx.events.on('import.progressed', ({ operation }) => {
        if (isUnderWay(operation)) resolve();
      }),
    );
    await first.admin.post('startImport', { input: { users: { all: true }, channels: { all: true } } });
    await far;
    await first.server.close();

    const second = await startServer(config);
    onTestFinished(() => second.close());
    await second.server.jobs.idle();
    const anew = new Importing(second);
    expect(await anew.status()).toMatchObject({ state: 'error', operation: { valid: false } });
    expect(await anew.errors()).toEqual([]);
    const { msgs, _id } = await anew.room('rows');
    expect(msgs).toBeGreaterThan(0);
    expect(await anew.messages(_id)).toHaveLength(msgs);
    await anew.all('csv', FILES);
    expect(await anew.room('rows')).toMatchObject({ msgs: 1500, lastMessage: { msg: 'row 1499' } });
  });

  test('while its file is looked through; one that was only uploaded waits', async () => {
    const { ctx } = server.server;
    await importing.upload('csv', await zipOf(FILES));
    await endRunningImport(ctx);
    expect(await importing.status()).toMatchObject({ state: 'loading', operation: { valid: true } });
    await ctx.write(async (tx, emit) => {
      const operation = await latest(tx);
      if (operation)
        await changeOperation(ctx, { tx, emit }, operation, { step: 'importer_preparing_messages' });
    });
    await endRunningImport(ctx);
    expect(await importing.status()).toMatchObject({ state: 'error', operation: { valid: false } });
    expect(await ctx.db.selectFrom('files').select('id').where('kind', '=', 'import').execute()).toEqual([]);
    expect((await server.admin.get('getImportFileData')).body).toMatchObject(INVALID);
  });
});

async function* piecesOf(text: string, length: number) {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe.each([1, 2, 3, 1000])('in pieces of %d characters', (length) => {
  test.each<[string, string[][]]>([
    ['', []],
    ['a', [['a']]],
    ['a,b\n', [['a', 'b']]],
    [
      '\ufeffa,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['a\rb', [['a'], ['b']]],
    [',\n', [['', '']]],
    ['a,\n\n\r\nb', [['a', ''], ['b']]],
    ['"a,""b""\r\nc",d', [['a,"b"\r\nc', 'd']]],
    ['"",""\n""', [['', ''], ['']]],
    ['"a"\r\n"b"', [['a'], ['b']]],
    [' a , b ', [[' a ', ' b ']]],
  ])('%j is CSV', async (text, rows) => {
    expect(await allOf(csvRows(piecesOf(text, length)))).toEqual(rows);
  });

  test.each(['"a', '"a"b', 'a"b"', 'a,"b" ,c', 'x\n"'])('%j is none', async (text) => {
    await expect(allOf(csvRows(piecesOf(text, length)))).rejects.toThrow();
  });

  test.each<[string, unknown[]]>([
    ['[]', []],
    ['\ufeff [ ] \n', []],
    ['[1, "a]", {"b": [",", "\\\\"]}, [[]], null]', [1, 'a]', { b: [',', '\\'] }, [[]], null]],
  ])('%j is a list', async (text, items) => {
    expect(await allOf(jsonItems(piecesOf(text, length)))).toEqual(items);
  });

  test.each(['', '{}', '[1', '[1,]', '[,1]', '[1}', '[1] x', '[{"a":1]', '["a', '[1 2]', '1'])(
    '%j is none',
    async (text) => {
      await expect(allOf(jsonItems(piecesOf(text, length)))).rejects.toThrow();
    },
  );
});
