import { Readable } from 'node:stream';
import { presentMe } from '../accounts/present-user.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { BlobMissing } from '../files/blobs/blob-store.ts';
import type { StoredFile } from '../files/file.ts';
import { avatarFileOf, sentFiles } from '../files/find-files.ts';
import { reviveMessage, type WireMessage } from '../messages/message.ts';
import { hiddenInRoom } from '../messages/system-types.ts';
import { roomHooks } from '../rooms/account-hooks.ts';
import { type Room, roomLabel } from '../rooms/room.ts';
import type { Archive } from './archive.ts';
import { assetName, factsAs, messagesAs } from './documents.ts';
import type { ArchiveFormat, RoomWish } from './export.ts';
import { nextOfAuthor, nextOfRoom } from './exports.store.ts';

const PAGE = 500;
/** What a zip knows of its entries is in memory until its end. */
const MAX_FILES = 50_000;

/** A stretch of a room: its messages in one document, and its files. */
export async function writeRoom(ctx: Context, archive: Archive, room: Room, wish: RoomWish): Promise<void> {
  const pages = messagesOfRoom(ctx, room, wish);
  await archive.add(`messages.${wish.format}`, messagesAs(wish.format, roomLabel(room), pages));
  await addFiles(ctx, archive, sentFiles(ctx, wish));
}

/** What belongs to a person: who they are, which rooms they are in, what they wrote, and in the full form what they sent. */
export async function writeUser(
  ctx: Context,
  archive: Archive,
  user: User,
  { fullExport }: { fullExport: boolean },
): Promise<void> {
  const format: ArchiveFormat = fullExport ? 'json' : 'html';
  const add = (name: string, title: string, facts: unknown) =>
    archive.add(`${name}.${format}`, Readable.from([factsAs(format, title, facts)]));
  await add('user', user.username ?? user._id, presentMe(ctx, user));
  await add('rooms', 'Rooms', await roomHooks.roomsOf(ctx, user._id));
  const avatar = await avatarFileOf(ctx, user._id);
  if (avatar) await addFile(ctx, archive, avatar, `avatar.${avatar.type.replace(/^image\/|[^a-z].*$/g, '')}`);
  await archive.add(`messages.${format}`, messagesAs(format, 'Messages', messagesOfAuthor(ctx, user._id)));
  if (fullExport) await addFiles(ctx, archive, sentFiles(ctx, { uid: user._id }));
}

async function* messagesOfRoom(ctx: Context, room: Room, wish: RoomWish): AsyncGenerator<WireMessage[]> {
  const hidden = new Set(hiddenInRoom(ctx.settings, room.details.sysMes));
  let page: Awaited<ReturnType<typeof nextOfRoom>> = [];
  do {
    page = await nextOfRoom(ctx.db, wish, page.at(-1), PAGE);
    yield page.filter(({ t }) => t === null || !hidden.has(t)).map(({ doc }) => reviveMessage(doc));
  } while (page.length === PAGE);
}

async function* messagesOfAuthor(ctx: Context, uid: string): AsyncGenerator<WireMessage[]> {
  let page: Awaited<ReturnType<typeof nextOfAuthor>> = [];
  do {
    page = await nextOfAuthor(ctx.db, uid, page.at(-1)?.seq ?? 0, PAGE);
    yield page.map(({ doc }) => reviveMessage(doc));
  } while (page.length === PAGE);
}

async function addFiles(ctx: Context, archive: Archive, files: AsyncIterable<StoredFile>): Promise<void> {
  let count = 0;
  for await (const file of files) {
    if (++count > MAX_FILES) {
      const note = `Only the first ${MAX_FILES} files are in this archive. Export a shorter time for the others.\n`;
      return archive.add('assets/MORE-FILES.txt', Readable.from([note]));
    }
    await addFile(ctx, archive, file, assetName(file));
  }
}

/** Pictures, sounds, films and archives are packed already. */
const isPacked = ({ type }: StoredFile): boolean =>
  /^(image\/(?!svg|bmp)|audio\/|video\/|application\/(zip|gzip|x-7z|x-rar|pdf))/.test(type);

/** A file that was removed meanwhile, or was lost, is left out. */
async function addFile(ctx: Context, archive: Archive, file: StoredFile, name: string): Promise<void> {
  let bytes: Readable;
  try {
    bytes = await ctx.blobs.store(file.store).open(file.blobKey);
  } catch (error) {
    if (error instanceof BlobMissing) return;
    throw error;
  }
  await archive.add(name, bytes, isPacked(file));
}
