import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchFile, type TestFile, uploadFile } from '../../test/support/files.ts';
import { type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';

let world: RoomWorld;
let room: TestRoom;
let link: string;

beforeAll(async () => {
  world = await startRoomWorld();
  room = await world.channel([world.bob]);
  link = (await upload({ name: 'digits.txt', type: 'text/plain', bytes: '0123456789' })).url;
});
afterAll(() => world.close());

const upload = (file: TestFile, rid = room._id) => uploadFile(world.server, world.alice, rid, file);
const get = (path = link, headers: Record<string, string> = {}, person = world.bob) =>
  fetchFile(world.server, person, path, headers);
const anonymous = (path = link, headers: Record<string, string> = {}) =>
  fetchFile(world.server, undefined, path, headers);

describe('an answer', () => {
  it('carries the bytes and says what may be done with them', async () => {
    const { status, headers, bytes } = await get();
    expect({ status, bytes: bytes.toString() }).toEqual({ status: 200, bytes: '0123456789' });
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '10',
      'content-disposition': "attachment; filename*=UTF-8''digits.txt",
      'content-security-policy': "default-src 'none'",
      'cache-control': 'private, max-age=31536000',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'last-modified': expect.stringMatching(/GMT$/),
      etag: expect.stringMatching(/^"\w+"$/),
    });
  });

  it('to HEAD has the same headers and no bytes', async () => {
    const url = `${world.server.url}${link}?rc_uid=${world.bob.uid}&rc_token=${world.bob.token}`;
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
  });

  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=5-2', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('to the range %s is %i', async (range, status, bytes, contentRange) => {
    const answer = await get(link, { range });
    expect([answer.status, answer.bytes.toString(), answer.headers.get('content-range')]).toEqual([
      status,
      bytes,
      contentRange,
    ]);
  });

  it('is packed where the client takes that and it is worth it, but no part of it', async () => {
    const text = Buffer.from('All work and no play. '.repeat(200));
    const { url: long } = await upload({ name: 'long.txt', type: 'text/plain', bytes: text });
    const { url: archive } = await upload({ name: 'long.zip', type: 'application/zip', bytes: text });
    const ask = (path: string, accepted: string, more: Record<string, string> = {}) =>
      get(path, { 'accept-encoding': accepted, ...more });

    const packed = await ask(long, 'br, gzip;q=0.5');
    expect(packed.bytes).toEqual(text);
    expect(Object.fromEntries(packed.headers)).toMatchObject({
      ...{ 'content-encoding': 'gzip', vary: 'accept-encoding', 'accept-ranges': 'none' },
      ...{ 'content-type': 'text/plain', etag: expect.stringMatching(/^W\/"\w+"$/) },
    });
    expect(packed.headers.get('content-length')).toBeNull();
    const known = packed.headers.get('etag') ?? '';
    expect((await ask(long, 'gzip', { 'if-none-match': known })).status).toBe(304);

    const isPacked = async (path: string, accepted: string, more?: Record<string, string>) =>
      (await ask(path, accepted, more)).headers.get('content-encoding') === 'gzip';
    expect(await isPacked(long, 'identity')).toBe(false);
    expect(await isPacked(long, 'gzip;q=0, *')).toBe(false);
    expect(await isPacked(long, '*')).toBe(true);
    expect(await isPacked(long, 'gzip', { range: 'bytes=0-9' })).toBe(false);
    expect(await isPacked(link, 'gzip')).toBe(false);
    expect(await isPacked(archive, 'gzip')).toBe(false);
  });

  it('depends on what the client has already', async () => {
    const { headers } = await get();
    const etag = headers.get('etag') ?? '';
    const modified = headers.get('last-modified') ?? '';
    const status = async (more: Record<string, string>) => (await get(link, more)).status;
    expect(await status({ 'if-none-match': etag })).toBe(304);
    expect(await status({ 'if-none-match': `"x", W/${etag}` })).toBe(304);
    expect(await status({ 'if-none-match': '"x"', 'if-modified-since': modified })).toBe(200);
    expect(await status({ 'if-modified-since': modified })).toBe(304);
    expect(await status({ 'if-modified-since': new Date(0).toUTCString() })).toBe(200);
    expect(await status({ range: 'bytes=0-1', 'if-range': etag })).toBe(206);
    expect(await status({ range: 'bytes=0-1', 'if-range': modified })).toBe(206);
    expect(await status({ range: 'bytes=0-1', 'if-range': '"another"' })).toBe(200);
  });

  it.each([
    ['notes.txt', 'text/plain', 'some notes', 'inline'],
    ['page.html', 'text/html', '<script>alert(1)</script>', 'attachment'],
    ['page.xhtml', 'application/xhtml+xml', '<html/>', 'attachment'],
  ])('shows %s in the browser only when nothing can run in it', async (name, type, bytes, shown) => {
    const { url } = await upload({ name, type, bytes });
    const inline = await get(`${url}?contentDisposition=inline`);
    expect(inline.headers.get('content-disposition')).toBe(`${shown}; filename*=UTF-8''${name}`);
    const policy = shown === 'inline' ? "default-src 'none'" : "default-src 'none'; sandbox";
    expect(inline.headers.get('content-security-policy')).toBe(policy);
    const saved = await get(`${url}?contentDisposition=inline&download`);
    expect(saved.headers.get('content-disposition')).toContain('attachment');
  });

  it.each([
    ['Übersicht (2).txt', 'text/plain', '%C3%9Cbersicht%20%282%29.txt'],
    ['报告', 'text/csv', '%E6%8A%A5%E5%91%8A.csv'],
    ['../../etc/passwd', 'text/plain', 'passwd.txt'],
    ["a'\u0007b;*c.txt", 'text/plain', 'a%27b%3B%2Ac.txt'],
    ['data.bin', 'application/octet-stream', 'data.bin'],
    ['..', 'text/plain', 'file.txt'],
  ])('names %j safely', async (name, type, encoded) => {
    const { url } = await upload({ name, type, bytes: 'x' });
    const { status, headers } = await get(url);
    expect([status, headers.get('content-disposition')]).toEqual([
      200,
      `attachment; filename*=UTF-8''${encoded}`,
    ]);
  });
});

describe('access', () => {
  it('by query, cookies or headers, the query first', async () => {
    const { uid, token } = world.bob;
    const cookie = `other=1; rc_uid=${uid}; rc_token=${token}`;
    const headers = { 'x-user-id': uid, 'x-auth-token': token };
    expect((await anonymous(link, { cookie })).status).toBe(200);
    expect((await anonymous(link, headers)).status).toBe(200);
    expect((await anonymous(`${link}?rc_uid=${uid}&rc_token=wrong`, { cookie, ...headers })).status).toBe(
      403,
    );
    expect((await anonymous(link, { cookie: `rc_uid=${uid}; rc_token=wrong`, ...headers })).status).toBe(403);
    const denied = await anonymous();
    expect([denied.status, denied.bytes.length]).toEqual([403, 0]);
  });

  it('old links lead to the same file, and the name does not matter', async () => {
    const id = link.split('/')[2];
    expect((await get(`/ufs/GridFS:Uploads/${id}/old.txt`)).bytes.toString()).toBe('0123456789');
    expect((await get(`/file-upload/${id}/any/thing%2F..%2Felse`)).bytes.toString()).toBe('0123456789');
  });

  it('an unknown id, a thumbnail of nothing and paths are missing', async () => {
    for (const path of ['unknown', '..%2f..%2fgantry.db', '__proto__', 'x'.repeat(400)]) {
      const { status, bytes } = await get(`/file-upload/${path}/x`);
      expect([path, status, bytes.length]).toEqual([path, 404, 0]);
    }
  });

  it('is for members by default, even of a channel that others can read', async () => {
    expect((await get(link, {}, world.carol)).status).toBe(403);
    const settings = { FileUpload_Restrict_to_room_members: false };
    await world.withSettings(settings, async () => {
      expect((await get(link, {}, world.carol)).status).toBe(200);
      expect((await anonymous()).status).toBe(403);
    });
    const { url } = await upload({ bytes: 'x' }, (await world.group())._id);
    const readers = { ...settings, FileUpload_Restrict_to_users_who_can_access_room: true };
    await world.withSettings(readers, async () => {
      expect((await get(link, {}, world.carol)).status).toBe(200);
      expect((await get(url, {}, world.carol)).status).toBe(403);
    });
    await world.withSettings({ FileUpload_Restrict_to_users_who_can_access_room: true }, async () => {
      expect((await get()).status).toBe(403);
    });
    await world.withSettings({ FileUpload_ProtectFiles: false }, async () => {
      expect((await anonymous()).status).toBe(200);
    });
  });

  it('a member who was removed does not get the files any more', async () => {
    const short = await world.channel([world.carol]);
    const { url } = await upload({ bytes: 'x' }, short._id);
    expect((await get(url, {}, world.carol)).status).toBe(200);
    await world.alice.post('channels.kick', { roomId: short._id, userId: world.carol.uid });
    expect((await get(url, {}, world.carol)).status).toBe(403);
  });

  it('a signed token opens its own file for its time', async () => {
    const { ctx } = world.server.server;
    const secret = ctx.settings.text('FileUpload_json_web_token_secret_for_files');
    expect(secret).not.toBe('');
    const now = Math.floor(Date.now() / 1000);
    const context = { rid: room._id, userId: world.alice.uid, fileId: link.split('/')[2] };
    const right = { iat: now, nbf: now - 1, exp: now + 3600, aud: 'RocketChat', context };
    const base = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const signed = (claims: object, header: object = { alg: 'HS256', typ: 'JWT' }, key = secret) => {
      const text = `${base(header)}.${base(claims)}`;
      return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
    };
    const status = async (token: string) => (await anonymous(`${link}?token=${token}`)).status;
    expect(await status(signed(right))).toBe(200);
    expect(await status(signed({ ...right, exp: now - 1 }))).toBe(403);
    expect(await status(signed({ ...right, nbf: now + 100 }))).toBe(403);
    expect(await status(signed({ ...right, aud: 'x' }))).toBe(403);
    expect(await status(signed({ ...right, context: { ...context, fileId: 'x' } }))).toBe(403);
    expect(await status(signed({ ...right, context: { ...context, rid: 'x' } }))).toBe(403);
    expect(await status(signed(right, { alg: 'none' }))).toBe(403);
    expect(await status(signed(right, undefined, 'another secret'))).toBe(403);
    expect(await status(`${base({ alg: 'none' })}.${base(right)}.`)).toBe(403);
    for (const nonsense of ['', 'a.b.c', '...', '%7B']) expect(await status(nonsense)).toBe(403);
    await world.withSettings({ FileUpload_Enable_json_web_token_for_files: false }, async () => {
      expect(await status(signed(right))).toBe(403);
    });
  });
});

it('a file that is removed while it is being read is read to its end', async () => {
  const size = 8_000_000;
  const { _id, url } = await upload({ name: 'large.bin', bytes: new Uint8Array(size).fill(7) });
  const path = `${url}?rc_uid=${world.alice.uid}&rc_token=${world.alice.token}`;
  const received = await new Promise<number>((resolve, reject) => {
    const asked = httpRequest(`${world.server.url}${path}`, (answer) => {
      let bytes = 0;
      answer.once('data', async (first: Buffer) => {
        answer.pause();
        bytes += first.length;
        const gone = await world.alice.post('uploads.delete', { fileId: _id });
        expect(gone.body).toEqual({ deletedFiles: [_id], success: true });
        await world.server.server.files.sweep();
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        answer.resume();
      });
      answer.on('end', () => resolve(bytes));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
  expect(received).toBe(size);
  expect((await get(url)).status).toBe(404);
});

it('a file whose bytes were lost is missing, and the log says so', async () => {
  const { url } = await upload({ bytes: 'x' });
  const { ctx } = world.server.server;
  const row = await ctx.db
    .selectFrom('files')
    .selectAll()
    .where('id', '=', url.split('/')[2] ?? '')
    .executeTakeFirstOrThrow();
  await ctx.blobs.store('FileSystem').remove(row.blob_key);
  expect((await get(url)).status).toBe(404);
});
