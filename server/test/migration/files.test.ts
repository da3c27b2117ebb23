import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { roomById } from '../../src/rooms/rooms.store.ts';
import { gridFs } from '../support/mongo-dump.ts';
import { logIn } from '../support/server.ts';
import { countBlobs, moveHere } from './moved-workspace.ts';
import { at, PASSWORD, PICTURE, SMALL_WORKSPACE } from './small-workspace.ts';

const ROOM = { _id: 'GENERAL', t: 'c', name: 'general', ts: at(1) };
const upload = (id: string, more: object = {}) => ({
  ...{ _id: id, name: `${id}.png`, type: 'image/png', rid: 'GENERAL', userId: 'adaId', complete: true },
  ...{ store: 'GridFS:Uploads', extension: 'png', ...more },
});

test('a thumbnail that does not say of what it is, is of the file beside it; descriptions have a tree', async () => {
  const { url, lines } = await moveHere({
    users: SMALL_WORKSPACE.users ?? [],
    rocketchat_room: [ROOM],
    rocketchat_subscription: [{ _id: 's', rid: 'GENERAL', u: { _id: 'adaId' }, ts: at(1) }],
    rocketchat_message: [
      {
        ...{ _id: 'm', rid: 'GENERAL', msg: '', ts: at(2), u: { _id: 'adaId', username: 'ada' } },
        ...{ file: { _id: 'whole' }, files: [{ _id: 'whole' }, { _id: 'small' }] },
        attachments: [{ title: 'whole.png', description: '*new*', descriptionMd: 'of an old form' }],
      },
    ],
    rocketchat_uploads: [upload('small', { typeGroup: 'thumb' }), upload('whole'), upload('whole')],
    ...gridFs('rocketchat_uploads', [
      { id: 'whole', name: 'whole', bytes: PICTURE },
      { id: 'small', name: 'small', bytes: PICTURE },
    ]),
  });
  expect(lines).toContain('rocketchat_uploads: 2 taken over; left: 1 twice in the dump');
  const ada = await logIn(url, 'ada', PASSWORD);
  const { message } = (await ada.get('chat.getMessage', { msgId: 'm' })).body;
  expect(message.attachments[0].descriptionMd).toMatchObject([{ value: [{ type: 'BOLD' }] }]);
});

test('files whose chunks do not make up what they are said to be are left', async () => {
  const names = ['whole', 'holed', 'twice', 'beyond', 'before'];
  const dump = gridFs(
    'rocketchat_uploads',
    names.map((id) => ({ id, name: id, bytes: PICTURE })),
  );
  const chunks = dump['rocketchat_uploads.chunks'] as { files_id: string; n: number }[];
  const nth = (id: string, wanted: number) =>
    chunks.filter(({ files_id, n }) => files_id === id && n === wanted);
  const holed = nth('holed', 1);
  for (const chunk of nth('beyond', 2)) chunk.n = 2 ** 40;
  for (const chunk of nth('before', 2)) chunk.n = -1;
  const { server, lines } = await moveHere({
    users: SMALL_WORKSPACE.users ?? [],
    rocketchat_room: [ROOM],
    rocketchat_uploads: names.map((id) => upload(id, { message_id: 'm' })),
    rocketchat_message: [
      {
        ...{ _id: 'm', rid: 'GENERAL', msg: '', ts: at(2), u: { _id: 'adaId', username: 'ada' } },
        files: names.map((_id) => ({ _id })),
      },
    ],
    ...dump,
    'rocketchat_uploads.chunks': [...chunks.filter((chunk) => !holed.includes(chunk)), ...nth('twice', 1)],
  });
  expect(lines).toContain(
    'rocketchat_uploads: 1 taken over; left: 4 whose bytes are not in the dump (GridFS:Uploads)',
  );
  const files = await server.ctx.db.selectFrom('files').select('id').execute();
  expect(files).toEqual([{ id: 'whole' }]);
});

test('who waits for the keys of a room goes on waiting', async () => {
  const { server } = await moveHere({
    users: SMALL_WORKSPACE.users ?? [],
    rocketchat_room: [
      { ...ROOM, encrypted: true, usersWaitingForE2EKeys: [{ userId: 'adaId', ts: at(2) }, { userId: 'x' }] },
    ],
  });
  const room = await roomById(server.ctx.db, 'GENERAL');
  expect(room?.details.usersWaitingForE2EKeys).toEqual([{ userId: 'adaId', ts: at(2).toISOString() }]);
});

test('of several pictures of somebody the last one counts, and no bytes of the others stay', async () => {
  const avatar = (id: string, minute: number, more: object = {}) => ({
    ...{ _id: id, name: 'ada', userId: 'adaId', type: 'image/png', etag: id, complete: true },
    ...{ store: 'FileSystem:Avatars', extension: 'png', uploadedAt: at(minute), ...more },
  });
  const { url, folder, lines } = await moveHere(
    {
      users: SMALL_WORKSPACE.users ?? [],
      rocketchat_room: [ROOM],
      rocketchat_avatars: [
        avatar('older', 1),
        avatar('last', 3),
        avatar('broken', 4, { complete: false }),
        avatar('ofNobody', 2, { userId: 'goneId' }),
      ],
    },
    {
      place: (base) => {
        const pictures = join(base, 'pictures');
        mkdirSync(pictures);
        for (const id of ['older', 'last', 'broken', 'ofNobody'])
          writeFileSync(join(pictures, `${id}.png`), id === 'last' ? PICTURE : id);
        return ['--files', pictures];
      },
    },
  );
  expect(lines).toContain(
    'rocketchat_avatars: 1 taken over; left: 2 older than another, or not complete, 1 of nobody who is here',
  );
  const ada = await logIn(url, 'ada', PASSWORD);
  expect((await ada.get('me')).body.avatarETag).toBe('last');
  expect(countBlobs(folder)).toBe(1);
});
