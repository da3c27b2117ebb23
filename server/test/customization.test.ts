import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DdpClient } from './support/ddp-client.ts';
import { fetchFile, sendForm, silentSound, type TestFile } from './support/files.ts';
import { type Answer, type Person, startServer, type TestServer } from './support/server.ts';

/** Emoji and sounds that a workspace adds (spec 23). */

let server: TestServer;
let alice: Person;
let socket: DdpClient;
let png: Buffer;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
  socket = await alice.ddp();
  png = await picture(300, 200);
});
afterAll(() => server.close());

const picture = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 4, background: '#08f' } })
    .png()
    .toBuffer();

const wav: TestFile = { field: 'sound', name: 'a.wav', type: 'audio/wav', bytes: silentSound() };

const emojiForm = (
  path: string,
  fields: Record<string, string>,
  file: Partial<TestFile> | null = {},
  person: Person = server.admin,
): Promise<Answer> => {
  const files = file ? [{ field: 'emoji', name: 'a.png', type: 'image/png', bytes: png, ...file }] : [];
  return sendForm(server, person, `emoji-custom.${path}`, { files, fields });
};

const soundForm = (
  path: string,
  fields: Record<string, string>,
  files: readonly TestFile[] = [wav],
  person: Person = server.admin,
): Promise<Answer> => sendForm(server, person, `custom-sounds.${path}`, { files, fields });

/** A refusal without a reason. */
const SILENT = { status: 400, body: { success: false } };
const OK = { status: 200, body: { success: true } };
const refusal = (errorType: string, error = `[${errorType}]`) => ({
  status: 400,
  body: { success: false, error, errorType },
});

async function emojiNamed(name: string) {
  const { body } = await alice.get('emoji-custom.all', { name });
  return body.emojis[0];
}

describe('emoji', () => {
  test('an emoji is added with its picture, told to everybody, listed and shown', async () => {
    await socket.subscribe('stream-notify-logged', 'updateEmojiCustom');
    expect(await emojiForm('create', { name: ':Happy:', aliases: 'glad, :merry:,happy' })).toMatchObject(OK);
    const emoji = await emojiNamed('happy');
    expect(emoji).toEqual({
      _id: expect.any(String),
      name: 'happy',
      aliases: ['glad', 'merry'],
      extension: 'png',
      etag: expect.any(String),
      _updatedAt: expect.any(String),
    });
    const { _updatedAt: _, ...emojiData } = emoji;
    expect(await socket.event('notify-logged', 'updateEmojiCustom')).toEqual([{ emojiData }]);
    expect((await alice.get('emoji-custom.list')).body).toEqual({
      emojis: { update: [emoji], remove: [] },
      success: true,
    });
    expect(await socket.call('listEmojiCustom')).toMatchObject([{ _id: emoji._id, name: 'happy' }]);
    const shown = await fetchFile(server, undefined, '/emoji-custom/happy.png');
    expect(shown.status).toBe(200);
    expect(shown.headers.get('content-type')).toBe('image/png');
    expect(shown.headers.get('cache-control')).toBe('public, max-age=31536000');
    expect(shown.headers.get('content-disposition')).toBe('inline');
    expect(await sharp(shown.bytes).metadata()).toMatchObject({ width: 128, height: 85 });
  });

  test('what moves goes on moving, a drawing becomes a picture', async () => {
    const red = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    const blue = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#00f' } })
      .png()
      .toBuffer();
    const moving = await sharp([red, blue], { join: { animated: true } })
      .gif()
      .toBuffer();
    expect(
      await emojiForm('create', { name: 'moving' }, { name: 'a.gif', type: 'image/gif', bytes: moving }),
    ).toMatchObject(OK);
    const shown = await fetchFile(server, undefined, '/emoji-custom/moving.gif');
    expect(await sharp(shown.bytes, { animated: true }).metadata()).toMatchObject({ pages: 2, width: 128 });
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle r="5"/></svg>';
    expect(
      await emojiForm('create', { name: 'drawn' }, { name: 'a.svg', type: 'image/svg+xml', bytes: svg }),
    ).toMatchObject(OK);
    expect((await fetchFile(server, undefined, '/emoji-custom/drawn.png')).headers.get('content-type')).toBe(
      'image/png',
    );
  });

  test('an emoji gets another name and another picture; its old picture goes', async () => {
    await emojiForm('create', { name: 'before', aliases: 'kept' });
    const before = await emojiNamed('before');
    await socket.event('notify-logged', 'updateEmojiCustom');
    expect(await emojiForm('update', { _id: before._id, name: 'after' }, null)).toMatchObject(OK);
    const renamed = await emojiNamed('after');
    expect(renamed).toMatchObject({ _id: before._id, aliases: ['kept'], etag: before.etag });
    expect((await fetchFile(server, undefined, '/emoji-custom/after.png')).bytes.length).toBeGreaterThan(0);
    const jpeg = await sharp(png).flatten().jpeg().toBuffer();
    const file = { name: 'b.jpg', type: 'image/jpeg', bytes: jpeg };
    expect(await emojiForm('update', { _id: before._id, name: 'after', aliases: '' }, file)).toMatchObject(
      OK,
    );
    const changed = await emojiNamed('after');
    expect(changed).toMatchObject({ extension: 'jpg', aliases: [] });
    expect(changed.etag).not.toBe(before.etag);
    const files = await server.server.ctx.db
      .selectFrom('files')
      .select('name')
      .where('kind', '=', 'emoji')
      .execute();
    expect(files.map(({ name }) => name)).not.toContain('before.png');
  });

  test('a removed emoji is told, is in the changes, and a placeholder stands in', async () => {
    await emojiForm('create', { name: 'short-lived' });
    const emoji = await emojiNamed('short-lived');
    await socket.subscribe('stream-notify-logged', 'deleteEmojiCustom');
    const since = new Date(Date.parse(emoji._updatedAt) + 1).toISOString();
    expect(await server.admin.post('emoji-custom.delete', { emojiId: emoji._id })).toMatchObject(OK);
    expect(await socket.event('notify-logged', 'deleteEmojiCustom')).toMatchObject([
      { emojiData: { _id: emoji._id, name: 'short-lived' } },
    ]);
    const { emojis } = (await alice.get('emoji-custom.list', { updatedSince: since })).body;
    expect(emojis.update).toEqual([]);
    expect(emojis.remove).toMatchObject([
      { _id: emoji._id, name: 'short-lived', _deletedAt: expect.any(String) },
    ]);
    const shown = await fetchFile(server, undefined, '/emoji-custom/short-lived.png');
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect((await fetchFile(server, undefined, '/emoji-custom/')).status).toBe(403);
    // The name is free again.
    expect(await emojiForm('create', { name: 'short-lived' })).toMatchObject(OK);
  });

  test('lists are filtered, sorted and paged', async () => {
    const names = async (query: object) =>
      (await alice.get('emoji-custom.all', { ...query })).body.emojis.map(
        ({ name }: { name: string }) => name,
      );
    expect(await names({ name: 'HAPP' })).toEqual(['happy']);
    const all = await names({});
    expect(all).toEqual([...all].sort());
    expect(await names({ sort: '{"name":-1}' })).toEqual([...all].reverse());
    expect(await names({ count: 1, offset: 1 })).toEqual([all[1]]);
    const { _id } = await emojiNamed('happy');
    expect((await alice.get('emoji-custom.list', { _id })).body.emojis.update).toHaveLength(1);
  });

  test.each<[string, () => Promise<Answer>, object]>([
    [
      'creating without a form',
      () => server.admin.post('emoji-custom.create', {}),
      { status: 400, body: { success: false, error: 'Missing Content-Type' } },
    ],
    ['creating without a file', () => emojiForm('create', { name: 'x' }, null), refusal('No file uploaded')],
    ['creating without permission', () => emojiForm('create', { name: 'x' }, {}, alice), SILENT],
    ['a name that is taken', () => emojiForm('create', { name: 'happy' }), SILENT],
    ['a name that is an alias', () => emojiForm('create', { name: 'glad' }), SILENT],
    ['an alias that is a name', () => emojiForm('create', { name: 'x', aliases: 'happy' }), SILENT],
    [
      'no name',
      () => emojiForm('create', { name: '::' }),
      refusal('error-the-field-is-required', 'The field Name is required [error-the-field-is-required]'),
    ],
    [
      'a bad name',
      () => emojiForm('create', { name: 'a b' }),
      refusal(
        'error-input-is-not-a-valid-field',
        'a b is not a valid name [error-input-is-not-a-valid-field]',
      ),
    ],
    [
      'bad aliases',
      () => emojiForm('create', { name: 'x', aliases: 'a<b' }),
      refusal(
        'error-input-is-not-a-valid-field',
        'a<b is not a valid alias set [error-input-is-not-a-valid-field]',
      ),
    ],
    [
      'no picture',
      () => emojiForm('create', { name: 'x' }, { bytes: 'just text' }),
      refusal(
        'emoji-is-not-image',
        "Emoji file provided cannot be uploaded since it's not an image [emoji-is-not-image]",
      ),
    ],
    [
      'updating without an id',
      () => emojiForm('update', { name: 'x' }),
      refusal('The required "_id" query param is missing.'),
    ],
    [
      'updating an unknown one',
      () => emojiForm('update', { _id: 'x', name: 'x' }),
      refusal('Emoji not found.'),
    ],
    [
      'updating without permission',
      () => emojiForm('update', { _id: 'x', name: 'x' }, {}, alice),
      refusal('not_authorized'),
    ],
    [
      'updating to a taken name',
      async () => emojiForm('update', { _id: (await emojiNamed('drawn'))._id, name: 'merry' }),
      { status: 400, body: { errorType: 'Custom_Emoji_Error_Name_Or_Alias_Already_In_Use' } },
    ],
    [
      'deleting without an id',
      () => server.admin.post('emoji-custom.delete', {}),
      { status: 400, body: { success: false, error: 'The "emojiId" params is required!' } },
    ],
    [
      'deleting an unknown one',
      () => server.admin.post('emoji-custom.delete', { emojiId: 'x' }),
      refusal('Custom_Emoji_Error_Invalid_Emoji', 'Invalid emoji [Custom_Emoji_Error_Invalid_Emoji]'),
    ],
    [
      'deleting without permission',
      () => alice.post('emoji-custom.delete', { emojiId: 'x' }),
      refusal('not_authorized'),
    ],
    [
      'a date that is none',
      () => alice.get('emoji-custom.list', { updatedSince: 'then' }),
      refusal(
        'error-roomId-param-invalid',
        'The "updatedSince" query parameter must be a valid date. [error-roomId-param-invalid]',
      ),
    ],
    ['listing without login', () => server.anonymous.get('emoji-custom.list'), { status: 401 }],
  ])('refused: %s', async (_, call, expected) => {
    const { status, body } = await call();
    expect({ status, body }).toMatchObject(expected);
    if (expected === SILENT) expect(body).toEqual(SILENT.body);
  });
});

describe('sounds', () => {
  let id: string;

  test('a sound is added, told, listed and given out', async () => {
    await socket.subscribe('stream-notify-all', 'updateCustomSound');
    await socket.subscribe('stream-notify-all', 'public-info');
    const { status, body } = await soundForm('create', { name: 'doremi' });
    expect({ status, body }).toEqual({
      status: 200,
      body: { sound: { _id: expect.any(String) }, success: true },
    });
    id = body.sound._id;
    const soundData = { _id: id, name: 'doremi', extension: 'wav' };
    expect(await socket.event('notify-all', 'updateCustomSound')).toEqual([{ soundData }]);
    expect(await socket.event('notify-all', 'public-info')).toEqual([['updateCustomSound', [{ soundData }]]]);
    const sound = { ...soundData, _updatedAt: expect.any(String) };
    expect((await alice.get('custom-sounds.list')).body).toEqual({
      ...{ sounds: [sound], count: 1, offset: 0, total: 1, success: true },
    });
    expect((await alice.get('custom-sounds.getOne', { _id: id })).body).toEqual({ sound, success: true });
    expect(await socket.call('listCustomSounds')).toMatchObject([soundData]);
    const given = await fetchFile(server, undefined, `/custom-sounds/${id}.wav`);
    expect([given.status, given.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect(given.bytes.equals(silentSound())).toBe(true);
  });

  test('a sound is renamed and removed', async () => {
    expect(await soundForm('update', { _id: id, name: 'fasola' }, [])).toMatchObject(OK);
    expect((await alice.get('custom-sounds.list', { name: 'SOL' })).body.sounds).toMatchObject([
      { _id: id, name: 'fasola' },
    ]);
    expect(await soundForm('update', { _id: id, name: 'fasola' })).toMatchObject(OK);
    const other = (await soundForm('create', { name: 'tisi' })).body.sound._id;
    await socket.subscribe('stream-notify-all', 'deleteCustomSound');
    expect(await server.admin.post('custom-sounds.delete', { _id: other })).toMatchObject(OK);
    expect(await socket.event('notify-all', 'deleteCustomSound')).toMatchObject([
      { soundData: { _id: other, name: 'tisi' } },
    ]);
    expect((await fetchFile(server, undefined, `/custom-sounds/${other}.wav`)).status).toBe(404);
  });

  test.each<[string, () => Promise<Answer>, object]>([
    [
      'creating without permission',
      () => soundForm('create', { name: 'x' }, [wav], alice),
      {
        status: 403,
        body: { error: 'User does not have the permissions required for this action [error-unauthorized]' },
      },
    ],
    [
      'no name',
      () => soundForm('create', {}),
      refusal('error-invalid-params', "must have required property 'name'"),
    ],
    [
      'no file',
      () => soundForm('create', { name: 'x' }, []),
      refusal('error-invalid-params', "must have required property 'sound'"),
    ],
    [
      'a bad name',
      () => soundForm('create', { name: '<script>' }),
      { status: 400, body: { success: false, error: '<script> is not a valid name' } },
    ],
    [
      'a taken name',
      () => soundForm('create', { name: 'fasola' }),
      refusal(
        'Custom_Sound_Error_Name_Already_In_Use',
        'The custom sound name is already in use [Custom_Sound_Error_Name_Already_In_Use]',
      ),
    ],
    [
      'no sound',
      () => soundForm('create', { name: 'x' }, [{ ...wav, bytes: 'text' }]),
      { status: 400, body: { success: false, error: 'MIME type not allowed' } },
    ],
    [
      'a picture',
      () => soundForm('create', { name: 'x' }, [{ ...wav, type: 'image/png', name: 'a.png', bytes: png }]),
      { status: 400, body: { success: false, error: 'MIME type not allowed' } },
    ],
    [
      'a sound that is too large',
      () => soundForm('create', { name: 'x' }, [{ ...wav, bytes: Buffer.alloc(5_300_000) }]),
      refusal('error-file-too-large'),
    ],
    [
      'updating without an id',
      () => soundForm('update', { name: 'x' }),
      refusal('error-invalid-params', "must have required property '_id'"),
    ],
    [
      'updating an unknown one',
      () => soundForm('update', { _id: 'x', name: 'x' }),
      { status: 400, body: { success: false, error: 'Custom Sound not found.' } },
    ],
    [
      'deleting an unknown one',
      () => server.admin.post('custom-sounds.delete', { _id: 'x' }),
      refusal('Custom_Sound_Error_Invalid_Sound', 'Custom_Sound_Error_Invalid_Sound'),
    ],
    [
      'deleting without an id',
      () => server.admin.post('custom-sounds.delete', {}),
      { status: 400, body: { errorType: 'error-invalid-params' } },
    ],
    ['deleting without permission', () => alice.post('custom-sounds.delete', { _id: 'x' }), { status: 403 }],
    [
      'an unknown one',
      () => alice.get('custom-sounds.getOne', { _id: 'x' }),
      { status: 404, body: { success: false, error: 'Custom Sound not found.' } },
    ],
    [
      'none named',
      () => alice.get('custom-sounds.getOne'),
      refusal('The required "_id" query param is missing.'),
    ],
    ['listing without login', () => server.anonymous.get('custom-sounds.list'), { status: 401 }],
  ])('refused: %s', async (_, call, expected) => {
    const { status, body } = await call();
    expect({ status, body }).toMatchObject(expected);
  });
});
