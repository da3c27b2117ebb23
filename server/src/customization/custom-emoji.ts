import type { Context, WriteScope } from '../context.ts';
import type { StoredFile } from '../files/file.ts';
import { findFileOfKind } from '../files/find-files.ts';
import { isPaintable, isPicture, makeThumbnail } from '../files/images.ts';
import { typeOfUpload } from '../files/media-type.ts';
import type { ReceivedFile } from '../files/receive-upload.ts';
import { removeFiles } from '../files/remove-files.ts';
import { addFile, type PlacedBlob, placeBlob } from '../files/store-file.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import {
  type CustomEmoji,
  deleteEmoji,
  emojiById,
  emojiByName,
  emojiPage,
  emojiRemovedSince,
  emojiSince,
  isEmojiName,
  type RemovedEmoji,
  saveEmoji,
} from './custom-emoji.store.ts';
import './customization.events.ts';
import type { EmojiData } from './customization.events.ts';
import { readEmojiNames } from './emoji-names.ts';

/** Emoji that the workspace adds to the standard ones (spec 23, "Custom emoji"). */

export type { CustomEmoji, RemovedEmoji };

const METHOD = 'insertOrUpdateEmoji';
/** Pixels; a larger picture is made to fit. */
const SIZE = { width: 128, height: 128 };
const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/pjpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

export interface EmojiInput {
  name: string;
  /** Separated by commas; absent: as they were. */
  aliases: string | undefined;
}

export const mayManageEmoji = (ctx: Context, caller: Caller): boolean =>
  ctx.permissions.has(caller, 'manage-emoji');

/** Whether an emoji of the workspace is called so, or has the alias. */
export const isCustomEmoji = (ctx: Context, name: string): Promise<boolean> => isEmojiName(ctx.db, name);

/** Everything, or what changed and went since (ms): `emoji-custom.list`. */
export async function emojiChanges(
  ctx: Context,
  { since, id, after }: { since?: number | undefined; id?: string | undefined; after?: number | undefined },
): Promise<{ changed: CustomEmoji[]; removed: RemovedEmoji[] }> {
  const [changed, removed] = await Promise.all([
    emojiSince(ctx.db, { since: since ?? after, id }),
    since === undefined ? [] : emojiRemovedSince(ctx.db, since),
  ]);
  return { changed, removed };
}

export const listEmoji = (
  ctx: Context,
  name: string | undefined,
  page: { offset: number; count: number; direction: 'asc' | 'desc' },
): Promise<{ emojis: CustomEmoji[]; total: number }> => emojiPage(ctx.db, name, page);

/**
 * Adds an emoji.
 * @throws emoji-is-not-image, error-the-field-is-required, error-input-is-not-a-valid-field,
 *   Custom_Emoji_Error_Name_Or_Alias_Already_In_Use
 */
export async function createEmoji(ctx: Context, input: EmojiInput, file: ReceivedFile): Promise<void> {
  const names = readEmojiNames({ name: input.name, aliases: input.aliases ?? '' }, METHOD);
  const picture = await placePicture(ctx, file);
  await ctx.write(async (tx, emit) => {
    const stored = await addPicture(ctx, { tx, emit }, picture, names.name);
    const emoji = { id: newId(), ...names, ...stored, updatedAt: ctx.clock.stamp() };
    await save({ tx, emit }, emoji, {});
  });
}

/**
 * Renames an emoji, and gives it another picture when there is one. Throws `Emoji not found.` and what `createEmoji` throws.
 */
export async function updateEmoji(
  ctx: Context,
  id: string,
  input: EmojiInput,
  file: ReceivedFile | undefined,
): Promise<void> {
  if (!(await emojiById(ctx.db, id))) fail('Emoji not found.');
  // Before the picture is kept anywhere.
  readEmojiNames({ name: input.name, aliases: input.aliases ?? '' }, METHOD);
  const picture = file && (await placePicture(ctx, file));
  await ctx.write(async (tx, emit) => {
    const before = (await emojiById(tx, id)) ?? fail('Emoji not found.');
    const aliases = input.aliases ?? before.aliases.join(',');
    const names = readEmojiNames({ name: input.name, aliases }, METHOD);
    const stored = picture && (await addPicture(ctx, { tx, emit }, picture, names.name));
    if (stored) await removeFiles(ctx, { tx, emit }, { ids: [before.fileId] });
    const emoji = { ...before, ...names, ...stored, updatedAt: ctx.clock.stamp() };
    await save({ tx, emit }, emoji, { previousName: before.name, previousExtension: before.extension });
  });
}

/** @throws not_authorized, Custom_Emoji_Error_Invalid_Emoji */
export async function removeEmoji(ctx: Context, caller: Caller, id: string): Promise<void> {
  if (!mayManageEmoji(ctx, caller)) fail('not_authorized');
  await ctx.write(async (tx, emit) => {
    const emoji = await emojiById(tx, id);
    if (!emoji) {
      fail('Custom_Emoji_Error_Invalid_Emoji', 'Invalid emoji', { method: 'deleteEmojiCustom' });
    }
    await removeFiles(ctx, { tx, emit }, { ids: [emoji.fileId] });
    await deleteEmoji(tx, emoji, ctx.clock.stamp());
    emit('customEmoji.changed', { action: 'deleted', emoji: emojiData(emoji) });
  });
}

/** The picture of an emoji by its name. */
export async function emojiPicture(ctx: Context, name: string): Promise<StoredFile | undefined> {
  const emoji = await emojiByName(ctx.db, name);
  return emoji && findFileOfKind(ctx, emoji.fileId, 'emoji');
}

interface Picture {
  blob: PlacedBlob;
  type: string;
}

async function placePicture(ctx: Context, { temp, type: given, filename }: ReceivedFile): Promise<Picture> {
  const type = await typeOfUpload(temp.path, given, filename);
  const smaller = isPaintable(type)
    ? await makeThumbnail(ctx, { temp, type }, SIZE, { alone: true })
    : undefined;
  try {
    const ready = smaller ?? { temp, type };
    // A drawing that could not be painted may run code where it is shown.
    if (!isPicture(ready.type)) refuseNoImage();
    return { blob: await placeBlob(ctx, ready), type: ready.type };
  } finally {
    await smaller?.temp.remove();
  }
}

const refuseNoImage = (): never =>
  fail('emoji-is-not-image', "Emoji file provided cannot be uploaded since it's not an image");

async function addPicture(
  ctx: Context,
  { tx }: WriteScope,
  { blob, type }: Picture,
  name: string,
): Promise<{ extension: string; fileId: string; etag: string }> {
  const extension = EXTENSIONS[type] ?? 'png';
  const { id, etag } = await addFile(ctx, tx, blob, { kind: 'emoji', name: `${name}.${extension}`, type });
  return { extension, fileId: id, etag };
}

async function save(
  { tx, emit }: WriteScope,
  emoji: CustomEmoji,
  previous: Pick<EmojiData, 'previousName' | 'previousExtension'>,
): Promise<void> {
  if (!(await saveEmoji(tx, emoji))) {
    fail(
      'Custom_Emoji_Error_Name_Or_Alias_Already_In_Use',
      'The custom emoji or one of its aliases is already in use',
      { method: METHOD },
    );
  }
  emit('customEmoji.changed', { action: 'updated', emoji: { ...emojiData(emoji), ...previous } });
}

const emojiData = ({ id, name, aliases, extension, etag }: CustomEmoji): EmojiData => ({
  _id: id,
  name,
  aliases,
  extension,
  etag,
});
