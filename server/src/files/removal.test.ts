import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sendForm, uploadFile } from '../../test/support/files.ts';
import { PATIENCE } from '../../test/support/patience.ts';
import { logIn, type Person, startServer, type TestServer } from '../../test/support/server.ts';

/** What stays of files when something is deleted, goes wrong or is cut off: a server with a directory. */

const dataDir = mkdtempSync(join(tmpdir(), 'gantry-files-test-'));
let server: TestServer;
let alice: Person;
let bob: Person;
let rid: string;
let rooms = 0;

beforeAll(async () => {
  server = await startServer({ memory: false, dataDir });
  alice = await server.person('alice');
  bob = await server.person('bob');
  rid = await channel();
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

async function channel(): Promise<string> {
  rooms += 1;
  return (await alice.post('channels.create', { name: `room-${rooms}`, members: ['bob'] })).body.channel._id;
}

/** Paths of everything below the directory of files. */
const onDisk = (below: 'blobs' | 'tmp') =>
  readdirSync(join(dataDir, 'files', below), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );

const rowsOf = (table: 'files' | 'doomed_blobs') =>
  server.server.ctx.db.selectFrom(table).selectAll().execute();

/** The bytes on the disk are those of the files, and nothing is waiting to be removed. */
async function expectNothingLost(): Promise<void> {
  await server.server.files.sweep();
  const files = await server.server.ctx.db.selectFrom('files').select('blob_key').execute();
  expect(onDisk('tmp')).toEqual([]);
  expect(
    onDisk('blobs')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(files.map((row) => row.blob_key).sort());
  expect(await rowsOf('doomed_blobs')).toEqual([]);
}

async function sendPicture(to = rid, person = alice): Promise<{ fileId: string; message: { _id: string } }> {
  const bytes = await sharp({ create: { width: 600, height: 500, channels: 3, background: '#333' } })
    .png()
    .toBuffer();
  const { _id: fileId } = await uploadFile(server, person, to, { name: 'a.png', type: 'image/png', bytes });
  const { body } = await person.post(`rooms.mediaConfirm/${to}/${fileId}`, { msg: 'look' });
  return { fileId, message: body.message };
}

const exists = async (fileId: string) =>
  (await rowsOf('files')).some((row) => 'id' in row && row.id === fileId);

describe('removing', () => {
  it.each([
    ['the message', ({ message }: Sent) => alice.post('chat.delete', { roomId: rid, msgId: message._id })],
    ['the message, by its file', ({ fileId }: Sent) => alice.post('chat.delete', { fileId })],
  ])('%s takes the file, its thumbnail and their bytes along', async (_what, remove) => {
    const sent = await sendPicture();
    expect(onDisk('blobs').length).toBe((await rowsOf('files')).length);
    expect(await remove(sent)).toMatchObject({ status: 200 });
    expect(await exists(sent.fileId)).toBe(false);
    await expectNothingLost();
  });

  it('what is kept as "removed" names no file any more', async () => {
    const { fileId, message } = await sendPicture();
    await alice.post('chat.sendMessage', { message: { rid, msg: 'a reply', tmid: message._id } });
    await alice.post('chat.delete', { roomId: rid, msgId: message._id });
    const left = (await bob.get('chat.getMessage', { msgId: message._id })).body.message;
    expect(left).toMatchObject({ t: 'rm', attachments: [] });
    expect(left).not.toHaveProperty('file');
    expect(left).not.toHaveProperty('files');
    expect(await exists(fileId)).toBe(false);
    await expectNothingLost();
  });

  it('with the history kept, files are hidden', async () => {
    await server.admin.post('settings/Message_KeepHistory', { value: true });
    const { fileId, message } = await sendPicture();
    await alice.post('chat.delete', { roomId: rid, msgId: message._id });
    await server.admin.post('settings/Message_KeepHistory', { value: false });
    expect(await exists(fileId)).toBe(true);
    const { files } = (await alice.get('channels.files', { roomId: rid })).body;
    expect(files.map(({ _id }: { _id: string }) => _id)).not.toContain(fileId);
    const url = `${server.url}/file-upload/${fileId}/x?rc_uid=${alice.uid}&rc_token=${alice.token}`;
    expect((await fetch(url)).status).toBe(404);
    await expectNothingLost();
  });

  it('one file of a message leaves the message', async () => {
    const socket = await bob.ddp();
    await socket.subscribe('stream-room-messages', rid);
    const { fileId, message } = await sendPicture();
    const gone = await alice.post('uploads.delete', { fileId });
    expect(gone.body).toEqual({ deletedFiles: expect.arrayContaining([fileId]), success: true });
    expect(gone.body.deletedFiles).toHaveLength(2);
    const left = (await bob.get('chat.getMessage', { msgId: message._id })).body.message;
    expect(left).toMatchObject({
      msg: 'look',
      files: [],
      attachments: [{ type: 'removed-file', fileId, color: '#FD745E', text: '_File removed_' }],
    });
    expect(left).not.toHaveProperty('file');
    const [told] = await socket.event('room-messages', rid, ([each]) => each?.files?.length === 0);
    expect(told).toMatchObject({ _id: message._id });
    expect(await alice.post('uploads.delete', { fileId })).toMatchObject({
      status: 404,
      body: { success: false, error: 'Resource not found' },
    });
    await expectNothingLost();
  });

  it('is for those who may delete the message', async () => {
    const { fileId } = await sendPicture();
    const forbidden = { status: 403, body: { success: false, error: 'forbidden' } };
    expect(await bob.post('uploads.delete', { fileId })).toMatchObject(forbidden);
    const { _id: unsent } = await uploadFile(server, alice, rid, { bytes: 'x' });
    expect(await bob.post('uploads.delete', { fileId: unsent })).toMatchObject(forbidden);
    expect(await alice.post('uploads.delete', { fileId: unsent })).toMatchObject({ status: 200 });
    expect(await server.admin.post('uploads.delete', { fileId })).toMatchObject({ status: 200 });
    expect((await alice.post('chat.delete', { fileId })).body).toEqual({
      success: false,
      error: `No message found with the file id: "${fileId}".`,
    });
  });

  it('a room takes its files along', async () => {
    const other = await channel();
    const { fileId } = await sendPicture(other);
    await uploadFile(server, bob, other, { bytes: 'never sent' });
    expect(await alice.post('channels.delete', { roomId: other })).toMatchObject({ status: 200 });
    expect(await exists(fileId)).toBe(false);
    expect((await rowsOf('files')).filter((row) => 'rid' in row && row.rid === other)).toEqual([]);
    await expectNothingLost();
  });

  it('an account takes its files along when its messages go', async () => {
    const carol = await server.person('carol');
    await carol.post('channels.join', { roomId: rid });
    const { fileId } = await sendPicture(rid, carol);
    await uploadFile(server, carol, rid, { bytes: 'never sent' });
    const deleted = await server.admin.post('users.delete', { userId: carol.uid, confirmRelinquish: true });
    expect(deleted).toMatchObject({ status: 200 });
    expect(await exists(fileId)).toBe(false);
    expect((await rowsOf('files')).filter((row) => 'uid' in row && row.uid === carol.uid)).toEqual([]);
    await expectNothingLost();
  });

  it('an upload that is never sent goes after a day', async () => {
    const { _id } = await uploadFile(server, alice, rid, { bytes: 'x' });
    await server.server.files.removeExpired();
    expect(await exists(_id)).toBe(true);
    const { ctx } = server.server;
    vi.spyOn(ctx.clock, 'now').mockReturnValue(Date.now() + 25 * 60 * 60_000);
    await server.server.files.removeExpired();
    vi.restoreAllMocks();
    expect(await exists(_id)).toBe(false);
    await expectNothingLost();
  });
});

type Sent = Awaited<ReturnType<typeof sendPicture>>;

describe('what goes wrong', () => {
  /** The beginning of an upload, over a connection of its own; the caller says how it goes on. */
  function begin(headers: Record<string, string> = {}) {
    const body = new PassThrough();
    const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
      const request = httpRequest(
        `${server.url}/api/v1/rooms.media/${rid}`,
        {
          method: 'POST',
          agent: false,
          headers: {
            'x-user-id': alice.uid,
            'x-auth-token': alice.token,
            'content-type': 'multipart/form-data; boundary=b',
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      request.on('error', reject);
      body.on('close', () => {
        if (!body.readableEnded) request.destroy();
      });
      body.pipe(request);
    });
    answer.catch(() => {});
    body.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n');
    return { body, answer };
  }

  const received = () => vi.waitFor(() => expect(onDisk('tmp').length).toBe(1), PATIENCE);

  it('an upload that is cut off in the middle leaves nothing', async () => {
    const before = await rowsOf('files');
    const { body } = begin();
    body.write(Buffer.alloc(100_000));
    await received();
    body.destroy();
    await vi.waitFor(() => expect(onDisk('tmp')).toEqual([]), PATIENCE);
    expect(await rowsOf('files')).toEqual(before);
    await expectNothingLost();
  });

  it('a form that ends without its last line is refused and leaves nothing', async () => {
    const { body, answer } = begin();
    body.end(Buffer.alloc(100_000));
    expect(await answer).toMatchObject({ status: 400 });
    await expectNothingLost();
  });

  it.each([
    ['declared', { 'content-length': '50000000' }],
    ['undeclared', {}],
  ])('a file of %s length that is too large is refused before its end', async (_what, headers) => {
    await server.admin.post('settings/FileUpload_MaxFileSize', { value: 200_000 });
    const { body, answer } = begin(headers);
    body.write(Buffer.alloc(300_000));
    const { status, text } = await answer;
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({
      success: false,
      error: 'File size exceeds the allowed limit [error-file-too-large]',
      errorType: 'error-file-too-large',
    });
    body.destroy();
    await server.admin.post('settings/FileUpload_MaxFileSize', { value: 104_857_600 });
    await expectNothingLost();
  });

  it('a connection can be used again after a refused upload', async () => {
    for (let n = 0; n < 5; n++) {
      const files = [{ bytes: new Uint8Array(400_000), field: 'wrong' }];
      expect((await sendForm(server, alice, `rooms.media/${rid}`, { files })).status).toBe(400);
    }
    expect((await alice.get('me')).status).toBe(200);
    await expectNothingLost();
  });

  it.each([
    ['while the bytes come', 'receive'],
    ['while they are put in place', 'put'],
  ])('a disk that is full %s: 503, and nothing is left', async (_when, where) => {
    const { blobs } = server.server.ctx;
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    if (where === 'put') vi.spyOn(blobs.store('FileSystem'), 'put').mockRejectedValueOnce(full);
    else {
      const { receive } = blobs.scratch;
      vi.spyOn(blobs.scratch, 'receive').mockImplementationOnce((source, max) => {
        const failing = new PassThrough().on('error', () => {});
        source.once('data', (chunk) => {
          failing.write(chunk);
          failing.destroy(full);
        });
        return receive.call(blobs.scratch, failing, max);
      });
    }
    const answer = await sendForm(server, alice, `rooms.media/${rid}`, {
      files: [{ bytes: new Uint8Array(300_000) }],
    });
    vi.restoreAllMocks();
    expect(answer).toMatchObject({
      status: 503,
      body: { success: false, error: 'The server is out of disk space; nothing was stored' },
    });
    // Bytes that were being put in place may be half there: they are removed when nobody can be at it any more.
    vi.spyOn(server.server.ctx.clock, 'now').mockReturnValue(Date.now() + 3 * 60 * 60_000);
    await server.server.files.sweep();
    vi.restoreAllMocks();
    await expectNothingLost();
    await uploadFile(server, alice, rid, { bytes: 'there is room again' });
  });

  it('what a crash left behind is gone after the next start', async () => {
    const { fileId } = await sendPicture();
    const { ctx } = server.server;
    await ctx.blobs.scratch.receive(PassThrough.from([Buffer.from('half an upload')]));
    const temp = await ctx.blobs.scratch.receive(PassThrough.from([Buffer.from('stored, but of no file')]));
    await ctx.write(async (tx) => {
      await tx
        .insertInto('doomed_blobs')
        .values({ store: 'FileSystem', blob_key: 'abcdefgh', due_at: 1 })
        .execute();
    });
    await ctx.blobs.store('FileSystem').put('abcdefgh', temp, 'text/plain');
    vi.spyOn(ctx.blobs.store('FileSystem'), 'remove').mockRejectedValue(new Error('not now'));
    await server.close();
    vi.restoreAllMocks();

    server = await startServer({ memory: false, dataDir });
    alice = await logIn(server.url, 'alice', alice.password);
    vi.spyOn(server.server.ctx.clock, 'now').mockReturnValue(Date.now() + 60 * 60_000);
    await server.server.files.sweep();
    vi.restoreAllMocks();
    await expectNothingLost();
    const url = `${server.url}/file-upload/${fileId}/x?rc_uid=${alice.uid}&rc_token=${alice.token}`;
    expect((await fetch(url)).status).toBe(200);
  });
});

it('a place for files that does not answer does not keep the server', async () => {
  const other = await startServer({ limits: { shutdownMs: 100 } });
  const { ctx } = other.server;
  vi.spyOn(ctx.blobs.store('FileSystem'), 'remove').mockReturnValue(new Promise(() => {}));
  await ctx.write((tx) =>
    tx.insertInto('doomed_blobs').values({ store: 'FileSystem', blob_key: 'abcdefgh', due_at: 1 }).execute(),
  );
  await other.close();
  vi.restoreAllMocks();
});

it('a server in memory keeps files in a directory that goes with it', async () => {
  // Servers of other test files have such directories in the common place.
  const place = mkdtempSync(join(tmpdir(), 'gantry-place-'));
  vi.stubEnv('TMPDIR', place);
  const inTmp = () => readdirSync(place).filter((name) => name.startsWith('gantry-files-'));
  try {
    const other = await startServer({ memory: true });
    const created = await other.admin.post('channels.create', { name: 'room' });
    await uploadFile(other, other.admin, created.body.channel._id, { bytes: 'x' });
    const [own] = inTmp();
    expect(own).toBeDefined();
    await other.close();
    expect(inTmp()).not.toContain(own);
  } finally {
    vi.unstubAllEnvs();
    rmSync(place, { recursive: true });
  }
});
