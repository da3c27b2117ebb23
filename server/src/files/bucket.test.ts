import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeS3, S3_BUCKET, S3_KEYS, startFakeS3 } from '../../test/support/fake-s3.ts';
import { fetchFile, sendForm, uploadFile } from '../../test/support/files.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';
import { checkBucket } from './check-bucket.ts';

let s3: FakeS3;
let server: TestServer;
let alice: Person;
let rid: string;

beforeAll(async () => {
  s3 = await startFakeS3();
  server = await startServer({
    settingDefaults: {
      ...{ API_Embed: 'false', FileUpload_Storage_Type: 'AmazonS3', FileUpload_S3_ForcePathStyle: 'true' },
      ...{
        FileUpload_S3_Bucket: S3_BUCKET,
        FileUpload_S3_BucketURL: s3.url,
        FileUpload_S3_Region: S3_KEYS.region,
      },
      FileUpload_S3_AWSAccessKeyId: S3_KEYS.accessKeyId,
      FileUpload_S3_AWSSecretAccessKey: S3_KEYS.secretAccessKey,
    },
  });
  alice = await server.person('alice');
  rid = (await alice.post('channels.create', { name: 'files' })).body.channel._id;
});
afterAll(async () => {
  await server.close();
  await s3.close();
});
beforeEach(() => {
  s3.requests.length = 0;
  s3.fails = undefined;
});

const PART = 8 * 1024 ** 2;
const set = (id: string, value: unknown) => server.admin.post(`settings/${id}`, { value });
const upload = (bytes: Uint8Array | string) => uploadFile(server, alice, rid, { name: 'a.txt', bytes });
const refusedUpload = (bytes: Uint8Array | string) =>
  sendForm(server, alice, `rooms.media/${rid}`, { files: [{ name: 'a.txt', bytes }] });
const rowOf = (id: string) =>
  server.server.ctx.db.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** Sweeps what is doomed, when nobody can be at work on it any more. */
async function sweepLater(): Promise<void> {
  vi.spyOn(server.server.ctx.clock, 'now').mockReturnValue(Date.now() + 4 * 60 * 60_000);
  await server.server.files.sweep();
  vi.restoreAllMocks();
}

describe('a file in a bucket', () => {
  it('is fetched there, by a link for some minutes', async () => {
    const { _id, url } = await upload('some text');
    expect(await rowOf(_id)).toMatchObject({ store: 'AmazonS3' });
    expect([...s3.objects.keys()]).toEqual([`gantry/${(await rowOf(_id)).blob_key}`]);
    const { status, headers, bytes } = await fetchFile(server, alice, url);
    expect([status, bytes.length, headers.get('cache-control')]).toEqual([302, 0, 'private, no-store']);
    const location = headers.get('location') ?? '';
    expect(new URL(location).searchParams.get('X-Amz-Expires')).toBe('120');
    const fetched = await fetch(location);
    expect([fetched.status, await fetched.text()]).toEqual([200, 'some text']);
    expect(fetched.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''a.txt");
    expect(fetched.headers.get('content-type')).toBe('text/plain');
    expect((await fetch(location.replace('a.txt', 'b.txt'))).status).toBe(403);
    expect((await fetchFile(server, undefined, url)).status).toBe(403);
  });

  it('is told to clients that fetch it themselves', async () => {
    const { url } = await upload('some text');
    const facts = async () =>
      JSON.parse((await fetchFile(server, alice, `${url}?replyWithRedirectUrl=true`)).bytes.toString());
    const { redirectUrl, ...rest } = await facts();
    expect(rest).toEqual({ name: 'a.txt', type: 'text/plain', size: 9, expires: expect.any(Number) });
    expect((await fetch(redirectUrl)).status).toBe(200);
    await set('FileUpload_S3_Proxy_Uploads', true);
    expect(await facts()).toEqual({ redirectUrl: false, name: 'a.txt', type: 'text/plain', size: 9 });
    await set('FileUpload_S3_Proxy_Uploads', false);
  });

  it('comes through the server where the workspace wants that, in ranges too', async () => {
    const { url } = await upload('0123456789');
    await set('FileUpload_S3_Proxy_Uploads', true);
    const whole = await fetchFile(server, alice, url);
    expect([whole.status, whole.bytes.toString()]).toEqual([200, '0123456789']);
    const part = await fetchFile(server, alice, url, { range: 'bytes=2-4' });
    expect([part.status, part.bytes.toString()]).toEqual([206, '234']);
    s3.objects.clear();
    expect((await fetchFile(server, alice, url)).status).toBe(404);
    await set('FileUpload_S3_Proxy_Uploads', false);
  });

  it('is let go of when who asked for it goes away', async () => {
    const { url } = await upload(randomBytes(20 * 1024 ** 2));
    await set('FileUpload_S3_Proxy_Uploads', true);
    const away = new AbortController();
    const login = `?rc_uid=${alice.uid}&rc_token=${alice.token}`;
    const response = await fetch(`${server.url}${url}${login}`, { signal: away.signal });
    await response.body?.getReader().read();
    away.abort();
    const end = await fetchFile(server, alice, url, { range: 'bytes=20971519-' });
    expect([end.status, end.bytes.length]).toEqual([206, 1]);
    await set('FileUpload_S3_Proxy_Uploads', false);
  });

  it('stays where it is when others go to the disk', async () => {
    const { url } = await upload('in the bucket');
    await set('FileUpload_Storage_Type', 'FileSystem');
    const second = await upload('on the disk');
    expect(await rowOf(second._id)).toMatchObject({ store: 'FileSystem' });
    expect((await fetchFile(server, alice, second.url)).bytes.toString()).toBe('on the disk');
    const location = (await fetchFile(server, alice, url)).headers.get('location') ?? '';
    expect(await (await fetch(location)).text()).toBe('in the bucket');
    await set('FileUpload_Storage_Type', 'AmazonS3');
  });

  it('goes with its message', async () => {
    const { _id } = await upload('text');
    const { message } = (await alice.post(`rooms.mediaConfirm/${rid}/${_id}`)).body;
    const key = `gantry/${(await rowOf(_id)).blob_key}`;
    expect(s3.objects.has(key)).toBe(true);
    await server.admin.post('chat.delete', { roomId: rid, msgId: message._id });
    await server.server.files.sweep();
    expect(s3.objects.has(key)).toBe(false);
  });
});

describe('a large file', () => {
  it('is uploaded in parts', async () => {
    const bytes = randomBytes(2 * PART + 5);
    const { _id } = await upload(bytes);
    const sent = s3.requests.filter((request) => /uploads|partNumber|uploadId/.test(request));
    const part = 'PUT partNumber uploadId';
    expect(sent).toEqual(['POST uploads', part, part, part, 'POST uploadId']);
    expect(s3.objects.get(`gantry/${(await rowOf(_id)).blob_key}`)?.bytes.equals(bytes)).toBe(true);
    expect(s3.unfinished.size).toBe(0);
  });

  it('that is cut off leaves nothing', async () => {
    const before = s3.objects.size;
    let sent = 0;
    s3.fails = (request) => (request.startsWith('PUT partNumber') && ++sent > 1 ? 403 : undefined);
    expect(await refusedUpload(new Uint8Array(PART + 1))).toMatchObject({
      status: 400,
      body: { errorType: 'error-file-storage' },
    });
    expect([s3.unfinished.size, s3.objects.size]).toEqual([0, before]);
  });

  it('that is cut off with its connection is cleared away later, as after a crash', async () => {
    s3.fails = (request) => (/^(PUT partNumber|DELETE)/.test(request) ? 403 : undefined);
    expect((await refusedUpload(new Uint8Array(PART + 1))).status).toBe(400);
    expect(s3.unfinished.size).toBe(1);
    s3.fails = undefined;
    await sweepLater();
    expect(s3.unfinished.size).toBe(0);
    const doomed = await server.server.ctx.db.selectFrom('doomed_blobs').selectAll().execute();
    expect(doomed).toEqual([]);
  });
});

describe('a bucket', () => {
  it('that is busy for a moment is asked again', async () => {
    let refused = 0;
    s3.fails = (request) => (request === 'PUT' && ++refused < 3 ? 503 : undefined);
    await upload('text');
    expect(s3.requests.filter((request) => request === 'PUT')).toHaveLength(3);
  });

  it('that refuses us is named in the log, and takes no files', async () => {
    const { ctx } = server.server;
    const [error, info] = [vi.spyOn(ctx.log, 'error'), vi.spyOn(ctx.log, 'info')];
    await checkBucket(ctx);
    expect([error.mock.calls.length, info.mock.calls.length]).toEqual([0, 1]);
    await set('FileUpload_S3_AWSSecretAccessKey', 'another');
    await checkBucket(ctx);
    const logged = () => error.mock.calls.flatMap(([what]) => Object.values(what ?? {}).map(String)).join();
    expect(logged()).toContain('403 SignatureDoesNotMatch');
    expect((await refusedUpload('text')).body.errorType).toBe('error-file-storage');
    expect(logged()).not.toContain('another');
    await set('FileUpload_S3_AWSSecretAccessKey', S3_KEYS.secretAccessKey);
    await set('FileUpload_S3_Bucket', '');
    expect((await refusedUpload('text')).body.errorType).toBe('error-file-storage');
    await set('FileUpload_S3_Bucket', S3_BUCKET);
    vi.restoreAllMocks();
    await sweepLater();
  });
});
