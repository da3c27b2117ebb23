import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchFile, sendForm, type TestFile, uploadFile } from '../../test/support/files.ts';
import {
  coded,
  ISO,
  NOT_LOGGED_IN,
  plain,
  type RoomWorld,
  startRoomWorld,
  type TestRoom,
} from '../../test/support/rooms.ts';

let world: RoomWorld;
let room: TestRoom;

beforeAll(async () => {
  world = await startRoomWorld();
  room = await world.channel([world.bob]);
});
afterAll(() => world.close());

const text: TestFile = { name: 'notes.txt', type: 'text/plain', bytes: 'some notes' };
const media = (files: TestFile[], fields = {}, person = world.alice, rid = room._id) =>
  sendForm(world.server, person, `rooms.media/${rid}`, { files, fields });
const confirm = (fileId: string, body = {}, person = world.alice, rid = room._id) =>
  person.post(`rooms.mediaConfirm/${rid}/${fileId}`, body);
const send = async (file: TestFile, body = {}) => {
  const { _id } = await uploadFile(world.server, world.alice, room._id, file);
  const answer = await confirm(_id, body);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body.message;
};
const rows = () => world.server.server.ctx.db.selectFrom('files').selectAll().execute();

/** A photograph lying on its side, with the place where it was taken. */
const photo = () =>
  sharp({ create: { width: 1200, height: 900, channels: 3, background: '#a33' } })
    .jpeg()
    .withExif({
      IFD0: { Artist: 'somebody' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    })
    .withMetadata({ orientation: 6 })
    .toBuffer();

describe('uploading and sending', () => {
  it('goes to the disk where the workspace wishes for a place that is not built', async () => {
    await world.withSettings({ FileUpload_Storage_Type: 'Webdav' }, async () => {
      expect(await media([text])).toMatchObject({ status: 200 });
    });
  });

  it('a text file becomes a message for everybody in the room', async () => {
    const socket = await world.bob.ddp();
    await socket.subscribe('stream-room-messages', room._id);
    const uploaded = await media([text]);
    expect(uploaded).toMatchObject({ status: 200 });
    const { _id } = uploaded.body.file;
    expect(uploaded.body).toEqual({
      file: { _id: expect.any(String), url: `/file-upload/${_id}/notes.txt` },
      success: true,
    });
    await socket.barrier();
    expect(socket.events('room-messages', room._id)).toEqual([]);

    const sent = await confirm(_id, { msg: 'read this', description: 'the notes' });
    expect(sent.status).toBe(200);
    const file = { _id, name: 'notes.txt', type: 'text/plain', size: 10, format: '', typeGroup: 'text' };
    expect(sent.body).toEqual({
      message: {
        _id: expect.any(String),
        rid: room._id,
        ts: ISO,
        _updatedAt: ISO,
        msg: 'read this',
        md: [{ type: 'PARAGRAPH', value: [{ type: 'PLAIN_TEXT', value: 'read this' }] }],
        u: { _id: world.alice.uid, username: 'alice', name: 'alice' },
        groupable: false,
        file,
        files: [file],
        attachments: [
          {
            title: 'notes.txt',
            type: 'file',
            description: 'the notes',
            descriptionMd: [{ type: 'PARAGRAPH', value: [{ type: 'PLAIN_TEXT', value: 'the notes' }] }],
            title_link: `/file-upload/${_id}/notes.txt`,
            title_link_download: true,
            fileId: _id,
            format: 'TXT',
            size: 10,
          },
        ],
        mentions: [],
        channels: [],
        urls: [],
      },
      success: true,
    });
    const [told] = await socket.event('room-messages', room._id, ([message]) => message?.msg === 'read this');
    expect(told).toMatchObject({ files: [file] });
    const { bytes } = await fetchFile(world.server, world.bob, `/file-upload/${_id}/notes.txt`);
    expect(bytes.toString()).toBe('some notes');
  });

  it('a photograph is turned, freed of its place, measured and made smaller', async () => {
    const message = await send({ name: 'photo.jpg', type: 'image/jpeg', bytes: await photo() });
    const [file, thumb] = message.files;
    expect(file).toMatchObject({ name: 'photo.jpg', type: 'image/jpeg', format: 'jpeg', typeGroup: 'image' });
    expect(thumb).toEqual({
      _id: expect.any(String),
      name: 'thumb-photo.jpg',
      type: 'image/jpeg',
      size: expect.any(Number),
      format: 'jpeg',
      typeGroup: 'thumb',
    });
    expect(message.file).toEqual(file);
    expect(message.attachments).toEqual([
      {
        title: 'photo.jpg',
        type: 'file',
        title_link: `/file-upload/${file._id}/photo.jpg`,
        title_link_download: true,
        fileId: file._id,
        image_url: `/file-upload/${thumb._id}/thumb-photo.jpg`,
        image_type: 'image/jpeg',
        image_size: file.size,
        image_dimensions: { width: 270, height: 360 },
        image_preview: expect.any(String),
      },
    ]);
    const { bytes } = await fetchFile(world.server, world.alice, `/file-upload/${file._id}/photo.jpg`);
    expect(bytes.length).toBe(file.size);
    const stored = await sharp(bytes).metadata();
    expect(stored).toMatchObject({ width: 900, height: 1200 });
    expect(stored.exif).toBeUndefined();
    const small = await fetchFile(world.server, world.alice, message.attachments[0].image_url);
    expect(await sharp(small.bytes).metadata()).toMatchObject({ width: 270, height: 360 });
    const preview = Buffer.from(message.attachments[0].image_preview, 'base64');
    expect(await sharp(preview).metadata()).toMatchObject({ format: 'jpeg', width: 24, height: 32 });
  });

  it('a small picture without notes is stored as it came, without a thumbnail', async () => {
    const bytes = await sharp({ create: { width: 20, height: 10, channels: 4, background: '#0a06' } })
      .png()
      .toBuffer();
    const message = await send({ name: 'dot.png', type: 'image/png', bytes }, { description: 'a dot' });
    expect(message.files).toHaveLength(1);
    expect(message.attachments[0]).toMatchObject({
      image_url: message.attachments[0].title_link,
      image_dimensions: { width: 20, height: 10 },
      image_alt: 'a dot',
      description: 'a dot',
    });
    const stored = await fetchFile(world.server, world.alice, message.attachments[0].title_link);
    expect(stored.bytes.equals(bytes)).toBe(true);
  });

  it.each([
    [
      'sound.wav',
      'audio/wav',
      Buffer.from(
        'RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data\0\0\0\0',
        'latin1',
      ),
      { audio_type: 'audio/wav', audio_size: 44 },
    ],
    [
      'film.mp4',
      'video/mp4',
      Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomiso2', 'latin1'),
      { video_type: 'video/mp4', video_size: 24 },
    ],
    ['list.lst', 'application/octet-stream', Buffer.from('a list'), { format: 'LST', size: 6 }],
    ['plan.drawio', 'application/octet-stream', Buffer.from('<mxfile/>'), { format: 'DRAWIO', size: 9 }],
  ])('%s is shown as what it is', async (name, type, bytes, members) => {
    const message = await send({ name, type, bytes });
    expect(message.attachments[0]).toMatchObject({ title: name, ...members });
  });

  it('rooms.upload does both steps, with text parts before and after the file', async () => {
    const boundary = 'the-boundary';
    const part = (head: string, body: string) =>
      `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
    const body = `${part('name="msg"', 'hello')}${part('name="file"; filename="a.txt"', 'AAA')}${part(
      'name="description"',
      'an a',
    )}--${boundary}--\r\n`;
    const response = await fetch(`${world.server.url}/api/v1/rooms.upload/${room._id}`, {
      method: 'POST',
      headers: {
        'x-user-id': world.alice.uid,
        'x-auth-token': world.alice.token,
        'content-type': `multipart/form-data; boundary=${boundary}`,
      },
      body,
    });
    expect(response.headers.get('x-deprecation-type')).toBe('endpoint-deprecation');
    expect(await response.json()).toMatchObject({
      message: { msg: 'hello', attachments: [{ title: 'a.txt', description: 'an a' }] },
      success: true,
    });
  });

  it('an encrypted file stays what it is, and its message carries the content', async () => {
    const content = { algorithm: 'rc.v2.aes-sha2', ciphertext: 'secret' };
    const secret = await world.group([world.bob], { extraData: { encrypted: true } });
    const file = { name: 'x.png', type: 'image/png', bytes: 'opaque' };
    const { _id } = await uploadFile(world.server, world.alice, secret._id, file, {
      content: JSON.stringify(content),
    });
    const body = { t: 'e2e', content, fileName: 'y.png', fileContent: { ...content, ciphertext: 'other' } };
    const sent = await confirm(_id, body, world.alice, secret._id);
    expect(sent.body.message).toMatchObject({
      t: 'e2e',
      content,
      attachments: [{ title: 'y.png', format: 'PNG', title_link: `/file-upload/${_id}/y.png` }],
      files: [{ _id, name: 'y.png', type: 'application/octet-stream' }],
    });
    const { files } = (await world.bob.get('groups.files', { roomId: secret._id })).body;
    expect(files).toMatchObject([{ _id, content: { ciphertext: 'other' } }]);
  });

  it('sendMessage takes uploads along, and sending again changes nothing', async () => {
    const socket = await world.alice.ddp();
    const one = await uploadFile(world.server, world.alice, room._id, text);
    const two = await uploadFile(world.server, world.alice, room._id, { ...text, name: 'two.txt' });
    const message = { _id: `with-files-${room._id}`, rid: room._id, msg: '' };
    const files = [{ _id: one._id }, { _id: two._id, name: 'second.txt' }];
    const sent = await socket.call('sendMessage', message, [], files);
    expect(sent).toMatchObject({
      file: { _id: one._id },
      files: [{ name: 'notes.txt' }, { name: 'second.txt' }],
      attachments: [{ title: 'notes.txt' }, { title: 'second.txt' }],
    });
    await expect(socket.call('sendMessage', message, [], files)).rejects.toMatchObject({
      error: 'invalid-file',
    });
    const [first] = await rows().then((all) => all.filter(({ id }) => id === one._id));
    expect(first).toMatchObject({ message_id: message._id, expires_at: null });
  });

  it('sendFileMessage sends, and deleteFileMessage deletes', async () => {
    const socket = await world.alice.ddp();
    const { _id } = await uploadFile(world.server, world.alice, room._id, text);
    const file = { _id, name: 'renamed.txt', type: 'text/plain', size: 10 };
    const sent = await socket.call('sendFileMessage', room._id, 'GridFS:Uploads', file, { msg: 'here' });
    expect(sent).toMatchObject({ msg: 'here', files: [{ _id, name: 'renamed.txt' }] });
    expect(await socket.call('sendFileMessage', 'nowhere', null, file)).toBe(false);
    await socket.call('deleteFileMessage', _id);
    expect((await fetchFile(world.server, world.alice, `/file-upload/${_id}/x`)).status).toBe(404);
  });
});

describe('refusals', () => {
  it('without a login nothing is read', async () => {
    const answer = await sendForm(world.server, undefined, `rooms.media/${room._id}`, { files: [text] });
    expect(answer).toMatchObject({ status: 401, body: NOT_LOGGED_IN });
  });

  it('a room that is not accessible or does not exist is forbidden', async () => {
    const group = await world.group();
    for (const rid of [group._id, 'nowhere']) {
      expect(await media([text], {}, world.bob, rid)).toMatchObject({
        status: 403,
        body: plain('unauthorized'),
      });
      expect(await confirm('any', {}, world.bob, rid)).toMatchObject({
        status: 403,
        body: plain('unauthorized'),
      });
    }
  });

  it.each<[string, TestFile[], Record<string, string>, object]>([
    ['a file under another name', [{ ...text, field: 'upload' }], {}, coded0('invalid-field')],
    ['no file', [], { msg: 'x' }, coded('error-no-file', 'No file uploaded')],
    ['two files', [text, text], {}, coded('error-too-many-files', 'Too many files in upload')],
    ['content that is no JSON', [text], { content: 'x' }, coded0('invalid-field-content')],
    ['content that is no object', [text], { content: '[]' }, coded0('invalid-field-content')],
  ])('%s', async (_what, files, fields, body) => {
    expect(await media(files, fields)).toMatchObject({ status: 400, body });
  });

  it('a body that is no form has no file', async () => {
    const answer = await world.alice.post(`rooms.media/${room._id}`, { file: 'x' });
    expect(answer).toMatchObject({ status: 400, body: coded('error-no-file', 'No file uploaded') });
  });

  it.each<[string, Record<string, unknown>, TestFile, string]>([
    ['uploads are switched off', { FileUpload_Enabled: false }, text, 'error-file-upload-disabled'],
    ['it is too large', { FileUpload_MaxFileSize: 9 }, text, 'error-file-too-large'],
    ['its type is blocked', { FileUpload_MediaTypeBlackList: 'text/*' }, text, 'error-invalid-file-type'],
    [
      'its type is not listed',
      { FileUpload_MediaTypeWhiteList: 'image/*,x/y' },
      text,
      'error-invalid-file-type',
    ],
    [
      'it is a drawing, as by default',
      {},
      { name: 'a.svg', type: 'image/svg+xml', bytes: '<svg xmlns="http://www.w3.org/2000/svg"/>' },
      'error-invalid-file-type',
    ],
    [
      'it is a program that says it is a picture',
      { FileUpload_MediaTypeWhiteList: 'image/*' },
      { name: 'a.png', type: 'image/png', bytes: Buffer.from('7f454c4602010100', 'hex') },
      'error-invalid-file-type',
    ],
  ])('a file is refused when %s', async (_when, settings, file, code) => {
    await world.withSettings(settings, async () => {
      const before = (await rows()).length;
      const answer = await media([file]);
      expect(answer).toMatchObject({ status: 400, body: { success: false, errorType: code } });
      expect((await rows()).length).toBe(before);
    });
  });

  it('direct rooms have a switch of their own', async () => {
    const direct = (await world.alice.post('im.create', { username: 'bob' })).body.room;
    await world.withSettings({ FileUpload_Enabled_Direct: false }, async () => {
      expect(await media([text], {}, world.alice, direct._id)).toMatchObject({
        status: 400,
        body: { errorType: 'error-direct-message-file-upload-not-allowed' },
      });
    });
    expect(await media([text], {}, world.alice, direct._id)).toMatchObject({ status: 200 });
  });

  it('only the uploader sends a file, once, in its own room', async () => {
    const other = await world.channel([world.bob]);
    const { _id } = await uploadFile(world.server, world.alice, room._id, text);
    const invalid = { status: 400, body: coded0('invalid-file') };
    expect(await confirm('unknown')).toMatchObject(invalid);
    expect(await confirm(_id, {}, world.bob)).toMatchObject(invalid);
    expect(await confirm(_id, {}, world.alice, other._id)).toMatchObject(invalid);
    const { _id: parent } = await world.say(world.alice, other._id, 'elsewhere');
    expect(await confirm(_id, { tmid: parent })).toMatchObject(invalid);
    expect(await confirm(_id, { description: 'x'.repeat(5001) })).toMatchObject({
      status: 400,
      body: { errorType: 'error-message-size-exceeded' },
    });
    const sent = await confirm(_id, { msg: 'once' });
    expect(sent).toMatchObject({ status: 200 });
    // The answer may have been lost: nothing is sent twice.
    const count = (await world.messages(room._id)).length;
    expect(await confirm(_id, { msg: ' once ' })).toMatchObject({ status: 200, body: sent.body });
    expect(await confirm(_id, { msg: 'something else' })).toMatchObject(invalid);
    expect(await confirm(_id, { msg: 'once' }, world.bob)).toMatchObject(invalid);
    expect(await world.messages(room._id)).toHaveLength(count);
  });

  it('who may not send may not send files', async () => {
    const quiet = await world.channel([world.bob]);
    const { _id } = await uploadFile(world.server, world.bob, quiet._id, text);
    await world.alice.post('channels.setReadOnly', { roomId: quiet._id, readOnly: true });
    const answer = await confirm(_id, {}, world.bob, quiet._id);
    expect(answer).toMatchObject({
      status: 400,
      body: plain("You can't send messages because the room is readonly."),
    });
    expect((await rows()).find(({ id }) => id === _id)?.expires_at).not.toBeNull();
  });
});

describe('lists', () => {
  it('channels.files and rooms.images', async () => {
    const gallery = await world.channel([world.bob]);
    const picture = async (name: string) => {
      const bytes = await sharp({ create: { width: 600, height: 500, channels: 3, background: '#333' } })
        .png()
        .toBuffer();
      const file = await uploadFile(world.server, world.alice, gallery._id, {
        name,
        type: 'image/png',
        bytes,
      });
      expect(await confirm(file._id, {}, world.alice, gallery._id)).toMatchObject({ status: 200 });
      return file._id;
    };
    const first = await picture('b.png');
    const second = await picture('C.png');
    await uploadFile(world.server, world.alice, gallery._id, { ...text, name: 'a.txt' });

    const list = await world.bob.get('channels.files', { roomId: gallery._id });
    expect(list.body).toMatchObject({ count: 3, offset: 0, total: 3, success: true });
    expect(list.body.files.map(({ name }: { name: string }) => name)).toEqual(['C.png', 'a.txt', 'b.png']);
    expect(list.body.files[0]).toEqual({
      _id: second,
      name: 'C.png',
      size: expect.any(Number),
      type: 'image/png',
      rid: gallery._id,
      userId: world.alice.uid,
      user: { _id: world.alice.uid, username: 'alice', name: 'alice' },
      store: 'FileSystem:Uploads',
      typeGroup: 'image',
      extension: 'png',
      complete: true,
      uploading: false,
      progress: 1,
      etag: expect.any(String),
      token: expect.any(String),
      path: `/file-upload/${second}/C.png`,
      url: `http://localhost:3000/file-upload/${second}/C.png`,
      uploadedAt: ISO,
      identify: { format: 'png', size: { width: 600, height: 500 } },
      _updatedAt: ISO,
    });
    const names = async (query: object) => {
      const { files } = (await world.bob.get('channels.files', { roomId: gallery._id, ...query })).body;
      return files.map(({ name }: { name: string }) => name);
    };
    expect(await names({ onlyConfirmed: true })).toEqual(['C.png', 'b.png']);
    expect(await names({ typeGroup: 'text' })).toEqual(['a.txt']);
    expect(await names({ typeGroup: 'all', name: 'PNG' })).toEqual(['C.png', 'b.png']);
    expect(await names({ sort: '{"uploadedAt":-1}', count: 1 })).toEqual(['a.txt']);

    for (const path of ['rooms.images', 'channels.images']) {
      const images = await world.bob.get(path, { roomId: gallery._id });
      expect(images.body).toMatchObject({ total: 2, success: true });
      expect(images.body.files.map(({ _id }: { _id: string }) => _id)).toEqual([second, first]);
    }
    const from = await world.bob.get('rooms.images', {
      roomId: gallery._id,
      startingFromId: first,
      count: 5,
    });
    expect(from.body).toMatchObject({ files: [{ _id: first }], count: 5, total: 1 });
    const added = await world.bob.get('rooms.images', {
      roomId: gallery._id,
      startingFromId: second,
      offset: 1,
      count: 1,
    });
    expect(added.body.files.map(({ _id }: { _id: string }) => _id)).toEqual([second, first]);
    const group = await world.group();
    expect(await world.bob.get('rooms.images', { roomId: group._id })).toMatchObject({ status: 403 });
  });

  it('im.files', async () => {
    const direct = (await world.alice.post('im.create', { username: 'bob' })).body.room;
    const { _id } = await uploadFile(world.server, world.alice, direct._id, { ...text, name: 'direct.txt' });
    const list = await world.bob.get('im.files', { roomId: direct._id, name: 'direct' });
    expect(list.body).toMatchObject({ files: [{ _id }], total: 1 });
  });
});

/** A coded refusal without a reason. */
function coded0(code: string) {
  return { success: false, error: `[${code}]`, errorType: code };
}
