import type { IncomingMessage, ServerResponse } from 'node:http';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { DAV_USER, type FakeWebdav, startFakeWebdav } from '../../test/support/fake-webdav.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';
import { decode, encode } from '../realtime/ejson.ts';

/** WebDAV accounts: what people log in with at servers of their own, and what clients do there by way of ours. */

let server: TestServer;
let files: FakeWebdav;
let alice: Person;
let bob: Person;
let people = 0;

beforeAll(async () => {
  server = await startServer({
    outboundAllow: ['127.0.0.1'],
    settingOverrides: { Webdav_Integration_Enabled: 'true' },
  });
});
afterAll(() => server.close());

beforeEach(async () => {
  files = await startFakeWebdav();
  people += 1;
  alice = await server.person(`alice${people}`);
  bob = await server.person(`bob${people}`);
});
afterEach(() => files.close());

/** As the web client calls methods. */
async function call(person: Person, method: string, ...params: unknown[]) {
  const message = encode({ msg: 'method', id: '1', method, params });
  const { status, body } = await person.post(`method.call/${method}`, { message });
  expect(status).toBe(200);
  const { result, error } = decode(body.message) as { result?: unknown; error?: { error: unknown } };
  return error ? { error: error.error } : result;
}

const login = (more: object = {}) => ({ serverURL: files.url, ...DAV_USER, name: 'Mine', ...more });
const accountsOf = async (person: Person) => (await person.get('webdav.getMyAccounts')).body.accounts;

async function added(person: Person): Promise<string> {
  expect(await call(person, 'addWebdavAccount', login())).toBe(true);
  return (await accountsOf(person)).at(-1)._id;
}

const refused = (code: string) => ({ error: code });
const NO_ACCESS = refused('could-not-access-webdav');
const INVALID_ACCOUNT = refused('error-invalid-account');

describe('accounts', () => {
  test('are kept once the server has let their owner in, and are theirs alone', async () => {
    const [hers, his] = [await alice.ddp(), await bob.ddp()];
    await hers.subscribe('stream-notify-user', `${alice.uid}/webdav`);
    expect(await call(alice, 'addWebdavAccount', login({ serverURL: files.url.slice(0, -1) }))).toBe(true);
    expect(files.requests).toMatchObject([{ what: 'PROPFIND /', known: true }]);
    const account = { _id: expect.any(String), server_url: files.url, username: 'dave', name: 'Mine' };
    const { status, body } = await alice.get('webdav.getMyAccounts');
    expect([status, body]).toEqual([200, { accounts: [account], success: true }]);
    expect(await accountsOf(bob)).toEqual([]);
    const [{ _id }] = body.accounts;
    expect(await hers.event('notify-user', `${alice.uid}/webdav`)).toEqual([
      { type: 'changed', account: body.accounts[0] },
    ]);
    await expect(his.subscribe('stream-notify-user', `${alice.uid}/webdav`)).rejects.toMatchObject({
      error: 'not-allowed',
    });

    const foreign = await bob.post('webdav.removeWebdavAccount', { accountId: _id });
    expect([foreign.status, foreign.body.errorType]).toEqual([400, 'error-invalid-account']);
    const removed = await alice.post('webdav.removeWebdavAccount', { accountId: _id });
    expect([removed.status, removed.body]).toEqual([200, { success: true }]);
    expect(await accountsOf(alice)).toEqual([]);
    const again = await alice.post('webdav.removeWebdavAccount', { accountId: _id });
    expect(again.body.errorType).toBe('error-invalid-account');
    await hers.barrier();
    expect(hers.events('notify-user', `${alice.uid}/webdav`).slice(1)).toEqual([
      [{ type: 'removed', account: { _id } }],
    ]);
  });

  test('have no name where none is given', async () => {
    const { name: _, ...nameless } = login();
    expect(await call(alice, 'addWebdavAccount', nameless)).toBe(true);
    expect(await accountsOf(alice)).toMatchObject([{ name: '' }]);
  });

  test('are one for each server and name there, and ten at most', async () => {
    await added(alice);
    for (const serverURL of [files.url, ` ${files.url.slice(0, -1)} `, files.url.replace('http', 'HTTP')])
      expect(await call(alice, 'addWebdavAccount', login({ serverURL }))).toEqual(
        refused('duplicated-account'),
      );
    await added(bob);
    for (let number = 1; number < 10; number += 1) {
      files.entries.set(`/${number}`, undefined);
      expect(await call(alice, 'addWebdavAccount', login({ serverURL: `${files.url}${number}` }))).toBe(true);
    }
    files.entries.set('/10', undefined);
    expect(await call(alice, 'addWebdavAccount', login({ serverURL: `${files.url}10` }))).toEqual(
      refused('error-too-many-accounts'),
    );
    expect(await accountsOf(alice)).toHaveLength(10);
  });

  test('added twice at the same time are one', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => call(alice, 'addWebdavAccount', login())));
    expect(answers.filter((answer) => answer === true)).toHaveLength(1);
    expect(answers.filter((answer) => answer !== true)).toEqual(Array(2).fill(refused('duplicated-account')));
  });

  test('are not kept where the server refuses, is none, or is no address', async () => {
    expect(await call(alice, 'addWebdavAccount', login({ password: 'wrong' }))).toEqual(
      refused('error-invalid-credentials'),
    );
    const { host } = new URL(files.url);
    for (const serverURL of [
      `${files.url}nowhere`,
      '',
      'files',
      'ftp://127.0.0.1/',
      `http://dave:x@${host}/dav/`,
      `${files.url}?a=b`,
      `${files.url}#a`,
      'http://127.0.0.1:1/',
    ])
      expect([serverURL, await call(alice, 'addWebdavAccount', login({ serverURL }))]).toEqual([
        serverURL,
        NO_ACCESS,
      ]);
    for (const page of ['<html></html>', 'garbage', '<multistatus/>', '', BOMB])
      expect(await insteadOf(page, 207, () => call(alice, 'addWebdavAccount', login()))).toEqual(NO_ACCESS);
    expect(await insteadOf(EMPTY, 200, () => call(alice, 'addWebdavAccount', login()))).toEqual(NO_ACCESS);
    expect(await accountsOf(alice)).toEqual([]);
  });

  test('go with their owner', async () => {
    const carol = await server.person(`carol${people}`);
    await added(carol);
    await server.admin.post('users.delete', { userId: carol.uid });
    const { db } = server.server.ctx;
    const rows = await db.selectFrom('webdav_accounts').select('id').where('uid', '=', carol.uid).execute();
    expect(rows).toEqual([]);
  });

  test('of somebody who is gone before the server answers are not kept', async () => {
    const carol = await server.person(`carol${people}`);
    let answer: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      files.instead = (_, response) => {
        answer = () => response.writeHead(207).end(EMPTY);
        resolve();
        return true;
      };
    });
    const adding = call(carol, 'addWebdavAccount', login());
    await asked;
    await server.admin.post('users.delete', { userId: carol.uid });
    answer();
    expect(await adding).toEqual(refused('error-invalid-user'));
  });

  test('never tell their password', async () => {
    const ddp = await alice.ddp();
    await ddp.subscribe('stream-notify-user', `${alice.uid}/webdav`);
    const secret = 'a-secret-of-webdav';
    expect(await call(alice, 'addWebdavAccount', login({ password: secret }))).toEqual(
      refused('error-invalid-credentials'),
    );
    const accountId = await added(alice);
    // One that stands out.
    const { ctx } = server.server;
    await ctx.write((tx) => tx.updateTable('webdav_accounts').set({ password: secret }).execute());
    expect(await call(alice, 'getWebdavFileList', accountId, '/')).toEqual(
      refused('error-invalid-credentials'),
    );
    await alice.post('webdav.removeWebdavAccount', { accountId });
    await ddp.barrier();
    const heard = JSON.stringify(ddp.frames);
    expect(heard).toContain(accountId);
    const log = JSON.stringify((await server.admin.get('stdout.queue')).body);
    const audit = JSON.stringify((await server.admin.get('audit.actions')).body);
    for (const text of [heard, log, audit]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(DAV_USER.password);
    }
  });

  test('are in the table with their password, which a copy of the database has, too', async () => {
    const accountId = await added(alice);
    const { rows } = await sql`select password from webdav_accounts where id = ${accountId}`.execute(
      server.server.ctx.db,
    );
    expect(rows).toEqual([{ password: DAV_USER.password }]);
  });
});

describe('files', () => {
  let accountId: string;
  beforeEach(async () => {
    accountId = await added(alice);
    for (const path of ['/Größe & Maß', '/Größe & Maß/sub']) files.entries.set(path, undefined);
    files.entries.set('/a.txt', Buffer.from('some text'));
    files.entries.set('/Größe & Maß/50%.txt', Buffer.from('in the folder'));
    files.requests.length = 0;
  });

  const list = (path?: unknown) => call(alice, 'getWebdavFileList', accountId, path);
  const read = (filename: unknown) => call(alice, 'getFileFromWebdav', accountId, { filename });
  const write = (bytes: unknown, name: unknown) => call(alice, 'uploadFileToWebdav', accountId, bytes, name);

  const lastmod = 'Sat, 28 Nov 2026 09:00:00 GMT';
  const folder = { basename: 'Größe & Maß', filename: '/Größe & Maß', lastmod, size: 0, type: 'directory' };
  const text = {
    ...{ basename: 'a.txt', filename: '/a.txt', lastmod, size: 9, type: 'file' },
    ...{ mime: 'text/plain', etag: 'of-9' },
  };

  test('are listed by folder', async () => {
    for (const path of ['/', '', undefined]) {
      expect(await list(path)).toEqual({ success: true, data: [folder, text] });
    }
    const data = [
      { ...folder, basename: 'sub', filename: '/Größe & Maß/sub' },
      { ...text, basename: '50%.txt', filename: '/Größe & Maß/50%.txt', size: 13, etag: 'of-13' },
    ];
    for (const path of [folder.filename, 'Größe & Maß/']) {
      expect(await list(path)).toEqual({ success: true, data });
    }
    expect(await list('/Größe & Maß/sub')).toEqual({ success: true, data: [] });
    expect(await list('/nowhere')).toEqual(NO_ACCESS);
    expect(files.requests.every(({ known }) => known)).toBe(true);
  });

  test('are listed without what is not in the folder', async () => {
    const paths = [
      '/dav/b',
      '/dav/..',
      '/dav/%2e%2e/x',
      '/dav/x%2Fy',
      '/dav/x/y',
      '/elsewhere/z',
      '/dav/%zz',
    ];
    const responses = [...paths, 'http://other.example/dav/c', 'a b', ''].map(
      (href) => `<response><href>${href}</href></response>`,
    );
    const page = EMPTY.replace('/>', `>${responses.join('')}<response/></multistatus>`);
    const bare = { lastmod: '', size: 0, type: 'file' };
    expect(await insteadOf(page, 207, () => list('/'))).toEqual({
      success: true,
      data: ['b', 'c', 'a b'].map((name) => ({ basename: name, filename: `/${name}`, ...bare })),
    });
  });

  test('are fetched, over HTTP and over a socket', async () => {
    expect(await read('/a.txt')).toEqual({ success: true, data: bytesOf('some text') });
    const ddp = await alice.ddp();
    const file = { filename: '/Größe & Maß/50%.txt', basename: '50%.txt' };
    expect(await ddp.call('getFileFromWebdav', accountId, file)).toEqual({
      success: true,
      data: { $binary: Buffer.from('in the folder').toString('base64') },
    });
    expect(await read('/nowhere')).toEqual(NO_ACCESS);
    expect(await read('/')).toEqual(refused('error-invalid-path'));
  });

  test('are put into the folder for uploads, which overwrites nothing', async () => {
    for (const content of ['one', 'two', '']) {
      expect(await write(bytesOf(content), 'Grüße.x.txt')).toEqual({ success: true });
    }
    expect(await write(bytesOf('none'), 'README')).toEqual({ success: true });
    expect(await write(bytesOf('again'), 'README')).toEqual({ success: true });
    const uploads = [...files.entries].filter(([path]) => path.startsWith('/Rocket.Chat Uploads'));
    expect(uploads.map(([path, bytes]) => [path, bytes?.toString()])).toEqual([
      ['/Rocket.Chat Uploads', undefined],
      ['/Rocket.Chat Uploads/Grüße.x.txt', 'one'],
      ['/Rocket.Chat Uploads/Grüße.x (2).txt', 'two'],
      ['/Rocket.Chat Uploads/Grüße.x (3).txt', ''],
      ['/Rocket.Chat Uploads/README', 'none'],
      ['/Rocket.Chat Uploads/README (2)', 'again'],
    ]);
    const ddp = await alice.ddp();
    const sent = { $binary: Buffer.from('by socket').toString('base64') };
    expect(await ddp.call('uploadFileToWebdav', accountId, sent, 'b')).toEqual({ success: true });
    expect(files.entries.get('/Rocket.Chat Uploads/b')?.toString()).toBe('by socket');
  });

  test('are put beside one that came in the last moment, and beside one that the server would overwrite', async () => {
    const there = '/Rocket.Chat Uploads/a';
    files.instead = (request) => {
      if (request.method === 'PUT') files.entries.set(there, Buffer.from('of before'));
      if (request.method === 'PUT') files.instead = undefined;
      return false;
    };
    expect(await write(bytesOf('one'), 'a')).toEqual({ success: true });
    files.instead = (request) => {
      delete request.headers['if-none-match'];
      return false;
    };
    expect(await write(bytesOf('two'), 'a')).toEqual({ success: true });
    expect(
      [there, `${there} (2)`, `${there} (3)`].map((path) => files.entries.get(path)?.toString()),
    ).toEqual(['of before', 'one', 'two']);
  });

  test('are not put where too many have the name, or where there is a file instead of the folder', async () => {
    files.entries.set('/Rocket.Chat Uploads', undefined);
    files.entries.set('/Rocket.Chat Uploads/a', Buffer.from(''));
    for (let number = 2; number <= 10; number += 1)
      files.entries.set(`/Rocket.Chat Uploads/a (${number})`, Buffer.from(''));
    expect(await write(bytesOf('x'), 'a')).toEqual(NO_ACCESS);
    files.entries.set('/Rocket.Chat Uploads', Buffer.from('a file'));
    expect(await write(bytesOf('x'), 'b')).toEqual(NO_ACCESS);
  });

  test('of others cannot be reached', async () => {
    for (const id of [accountId, 'unknown']) {
      expect(await call(bob, 'getWebdavFileList', id, '/')).toEqual(INVALID_ACCOUNT);
      expect(await call(bob, 'getFileFromWebdav', id, { filename: '/a.txt' })).toEqual(INVALID_ACCOUNT);
      expect(await call(bob, 'uploadFileToWebdav', id, bytesOf('x'), 'x')).toEqual(INVALID_ACCOUNT);
    }
    expect(files.requests).toEqual([]);
  });

  test('outside of the root folder cannot be named', async () => {
    for (const path of ['..', '/../secret', '/a/../../b', '/./a', 'a\\..\\b', 'a\n', '/..']) {
      expect([path, await list(path)]).toEqual([path, refused('error-invalid-path')]);
      expect([path, await read(path)]).toEqual([path, refused('error-invalid-path')]);
      expect([path, await write(bytesOf('x'), path)]).toEqual([path, refused('error-invalid-path')]);
    }
    for (const name of ['', '/', 'a/b', '.'])
      expect(await write(bytesOf('x'), name)).toEqual(refused('error-invalid-path'));
    // These are names like others.
    for (const path of ['/%2e%2e', '/..%2fa', '/%2e%2e%2f%2e%2e', '/?a', '/#a']) await list(path);
    expect(files.requests.map(({ what }) => what)).toEqual([
      ...[
        'PROPFIND /%2e%2e',
        'PROPFIND /..%2fa',
        'PROPFIND /%2e%2e%2f%2e%2e',
        'PROPFIND /?a',
        'PROPFIND /#a',
      ],
    ]);
  });

  test('are bounded by the limit of uploads, and by what is read at once', async () => {
    const { admin } = server;
    const limit = async (value: number) =>
      expect((await admin.post('settings/FileUpload_MaxFileSize', { value })).status).toBe(200);
    const tooLarge = refused('error-file-too-large');
    await limit(9);
    try {
      expect(await read('/a.txt')).toEqual({ success: true, data: bytesOf('some text') });
      expect(await read('/Größe & Maß/50%.txt')).toEqual(tooLarge);
      expect(await write(bytesOf('0123456789'), 'x')).toEqual(tooLarge);
      await limit(-1);
      expect(await insteadOf(endless, 200, () => read('/a.txt'))).toEqual(tooLarge);
      const announced = (_: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { 'content-length': 5 * 1024 ** 3 });
        response.write('x');
      };
      expect(await insteadOf(announced, 200, () => read('/a.txt'))).toEqual(tooLarge);
      // What is told of a folder is bounded, too.
      expect(await insteadOf(endless, 207, () => list('/'))).toEqual(NO_ACCESS);
      expect(await insteadOf(endless, 201, () => write(bytesOf('x'), 'x'))).toEqual(NO_ACCESS);
      // A socket that has more to send is given up.
      files.entries.set('/large', Buffer.alloc(5 * 1024 ** 2, 'x'));
      const large = (await read('/large')) as { data: Uint8Array };
      expect(large.data.length).toBe(5 * 1024 ** 2);
      const ddp = await alice.ddp();
      await expect(ddp.call('getFileFromWebdav', accountId, { filename: '/large' })).rejects.toMatchObject({
        error: 'error-file-too-large',
      });
    } finally {
      await limit(104_857_600);
    }
  });

  test('are not there for who asks a server that no longer lets them in', async () => {
    const invalid = refused('error-invalid-credentials');
    await insteadOf('', 401, async () => {
      expect(await list('/')).toEqual(invalid);
      expect(await read('/a.txt')).toEqual(invalid);
      expect(await write(bytesOf('x'), 'x')).toEqual(invalid);
    });
    for (const status of [403, 404, 500, 302]) {
      await insteadOf('', status, async () => {
        expect(await list('/')).toEqual(NO_ACCESS);
        expect(await read('/a.txt')).toEqual(NO_ACCESS);
        expect(await write(bytesOf('x'), 'x')).toEqual(NO_ACCESS);
      });
    }
  });

  test('are fetched one at a time', async () => {
    let answer: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      files.instead = (_, response) => {
        answer = () => response.end('late');
        resolve();
        return true;
      };
    });
    const first = read('/a.txt');
    await asked;
    expect(await read('/a.txt')).toEqual(refused('error-too-many-requests'));
    expect(await write(bytesOf('x'), 'x')).toEqual(refused('error-too-many-requests'));
    answer();
    expect(await first).toEqual({ success: true, data: bytesOf('late') });
    files.instead = undefined;
    expect(await read('/a.txt')).toEqual({ success: true, data: bytesOf('some text') });
  });

  test('of a server that never answers are given up', async () => {
    const limits: number[] = [];
    const waiting: AbortController[] = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      limits.push(ms);
      const controller = new AbortController();
      waiting.push(controller);
      return controller.signal;
    });
    // Time is over when the server has been asked, not before.
    const hang = () => {
      for (const each of waiting.splice(0)) each.abort(new DOMException('time is over', 'TimeoutError'));
      return true;
    };
    try {
      files.instead = hang;
      expect(await list('/')).toEqual(NO_ACCESS);
      expect(await read('/a.txt')).toEqual(NO_ACCESS);
      files.instead = (request) => request.method === 'PUT' && hang();
      expect(await write(bytesOf('x'), 'x')).toEqual(NO_ACCESS);
      files.instead = (_, response) => response.writeHead(200).write('the beginning') && hang();
      expect(await read('/a.txt')).toEqual(NO_ACCESS);
      expect(limits).toEqual([10_000, 30_000, 30_000, 10_000, 10_000, 30_000, 30_000]);
      expect(files.requests.map(({ what }) => what.split(' ')[0])).toEqual([
        ...['PROPFIND', 'GET', 'MKCOL', 'PROPFIND', 'PUT', 'GET'],
      ]);
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe('redirects', () => {
  const to = (location: string) => (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(307, { location }).end();

  test('are followed where something is read, without the password to other servers', async () => {
    const other = await startFakeWebdav();
    try {
      const accountId = await added(alice);
      for (const path of ['/moved', '/moved/inside']) files.entries.set(path, undefined);
      const { pathname } = new URL(files.url);
      files.instead = (request, response) => {
        if (request.url?.startsWith(`${pathname}moved`)) return false;
        to(`${files.url}moved/`)(request, response);
        return true;
      };
      expect(await call(alice, 'getWebdavFileList', accountId, '/')).toMatchObject({
        data: [{ basename: 'inside', filename: '/inside' }],
      });
      await insteadOf(to(other.url), 307, async () => {
        expect(await call(alice, 'getWebdavFileList', accountId, '/')).toEqual(
          refused('error-invalid-credentials'),
        );
        expect(await call(alice, 'getFileFromWebdav', accountId, { filename: '/a' })).toEqual(
          refused('error-invalid-credentials'),
        );
      });
      expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
      await insteadOf(to(other.url), 307, async () =>
        expect(await call(alice, 'uploadFileToWebdav', accountId, bytesOf('x'), 'x')).toEqual(NO_ACCESS),
      );
      expect(other.requests).toHaveLength(2);
    } finally {
      other.close();
    }
  });

  test('to addresses that are not public are not followed', async () => {
    const accountId = await added(alice);
    for (const address of [
      'http://10.0.0.1/',
      'http://[::1]/',
      'http://169.254.169.254/latest/',
      'file:///etc/passwd',
    ]) {
      await insteadOf(to(address), 307, async () => {
        expect(await call(alice, 'getWebdavFileList', accountId, '/')).toEqual(NO_ACCESS);
        expect(await call(alice, 'getFileFromWebdav', accountId, { filename: '/a' })).toEqual(NO_ACCESS);
        expect(await call(alice, 'addWebdavAccount', login({ username: 'x' }))).toEqual(NO_ACCESS);
      });
    }
  });
});

test('servers in the own network have to be named', async () => {
  const strict = await startServer({ settingOverrides: { Webdav_Integration_Enabled: 'true' } });
  try {
    const person = await strict.person('alice');
    expect(await call(person, 'addWebdavAccount', login())).toEqual(NO_ACCESS);
    expect(files.requests).toEqual([]);
    await strict.admin.post('settings/SSRF_Allowlist', { value: '127.0.0.1' });
    expect(await call(person, 'addWebdavAccount', login())).toBe(true);
  } finally {
    await strict.close();
  }
});

test('a workspace that does without WebDAV keeps what is there, for its owner to remove', async () => {
  const off = await startServer({ outboundAllow: ['127.0.0.1'] });
  try {
    const set = (value: boolean) => off.admin.post('settings/Webdav_Integration_Enabled', { value });
    const person = await off.person('alice');
    const notAllowed = refused('error-not-allowed');
    expect(await call(person, 'addWebdavAccount', login())).toEqual(notAllowed);
    await set(true);
    const accountId = await added(person);
    files.requests.length = 0;
    await set(false);
    expect(await call(person, 'getWebdavFileList', accountId, '/')).toEqual(notAllowed);
    expect(await call(person, 'getFileFromWebdav', accountId, { filename: '/a' })).toEqual(notAllowed);
    expect(await call(person, 'uploadFileToWebdav', accountId, bytesOf('x'), 'x')).toEqual(notAllowed);
    expect(files.requests).toEqual([]);
    expect(await accountsOf(person)).toMatchObject([{ _id: accountId }]);
    expect((await person.post('webdav.removeWebdavAccount', { accountId })).status).toBe(200);
  } finally {
    await off.close();
  }
});

test('five accounts a minute are tried', async () => {
  const limited = await startServer({
    ...{ testMode: false, outboundAllow: ['127.0.0.1'] },
    settingOverrides: { Webdav_Integration_Enabled: 'true' },
  });
  try {
    const person = await limited.person('alice');
    const answers: unknown[] = [];
    for (let number = 0; number < 6; number += 1)
      answers.push(await call(person, 'addWebdavAccount', login({ password: `guess ${number}` })));
    expect(answers).toEqual([
      ...Array(5).fill(refused('error-invalid-credentials')),
      refused('too-many-requests'),
    ]);
  } finally {
    await limited.close();
  }
});

const EMPTY = '<?xml version="1.0"?><multistatus xmlns="DAV:"/>';
const BOMB = `<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa">]><multistatus xmlns="DAV:">&a;</multistatus>`;

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** The server answers everything so meanwhile. */
async function insteadOf<T>(
  answer: string | ((request: IncomingMessage, response: ServerResponse) => void),
  status: number,
  work: () => Promise<T>,
): Promise<T> {
  files.instead = (request, response) => {
    if (typeof answer === 'string') response.writeHead(status).end(answer);
    else answer(request, response);
    return true;
  };
  try {
    return await work();
  } finally {
    files.instead = undefined;
  }
}

function endless(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(request.method === 'GET' ? 200 : request.method === 'PROPFIND' ? 207 : 201);
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}
