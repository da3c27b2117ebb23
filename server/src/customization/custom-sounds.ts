import type { Context, WriteScope } from '../context.ts';
import type { StoredFile } from '../files/file.ts';
import { findFileOfKind } from '../files/find-files.ts';
import { typeOfUpload } from '../files/media-type.ts';
import type { ReceivedFile } from '../files/receive-upload.ts';
import { removeFiles } from '../files/remove-files.ts';
import { addFile, type PlacedBlob, placeBlob } from '../files/store-file.ts';
import { fail, notFound, refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { deleteSoundRow, type SoundRow, saveSoundRow, soundById, soundPage } from './custom-sounds.store.ts';
import './customization.events.ts';

/** Sounds of notifications that the workspace adds (spec 23, "Custom sounds"). Routes ask for `manage-sounds`. */

export type CustomSound = SoundRow;

export const MAX_SOUND_BYTES = 5 * 1024 * 1024;
const NOT_IN_NAMES = /[\s,:><&"'/\\()]/;
const MAX_NAME = 120;
const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
};

export async function listSounds(
  ctx: Context,
  name: string | undefined,
  page: { offset: number; count: number; column: 'name' | 'id'; direction: 'asc' | 'desc' },
): Promise<{ sounds: CustomSound[]; total: number }> {
  const { rows, total } = await soundPage(ctx.db, name, page);
  return { sounds: rows, total };
}

export async function getSound(ctx: Context, id: string): Promise<CustomSound> {
  return (await soundById(ctx.db, id)) ?? notFound('Custom Sound not found.');
}

export async function soundFile(ctx: Context, id: string): Promise<StoredFile | undefined> {
  const sound = await soundById(ctx.db, id);
  return sound && findFileOfKind(ctx, sound.file_id, 'sound');
}

/** Returns the id. Refuses invalid names and other types; throws `Custom_Sound_Error_Name_Already_In_Use`. */
export async function createSound(ctx: Context, name: string, file: ReceivedFile): Promise<string> {
  refuseInvalidName(name);
  const bytes = await placeSound(ctx, file);
  const id = newId();
  await ctx.write(async (tx, emit) => {
    const stored = await addSoundFile(ctx, { tx, emit }, bytes, name);
    await save(ctx, { tx, emit }, { id, name, ...stored });
  });
  return id;
}

/** Another name, and another file when there is one. */
export async function updateSound(
  ctx: Context,
  id: string,
  { name, file }: { name: string; file: ReceivedFile | undefined },
): Promise<void> {
  const missing = 'Custom Sound not found.';
  if (!(await soundById(ctx.db, id))) refuse(missing);
  refuseInvalidName(name);
  const bytes = file && (await placeSound(ctx, file));
  await ctx.write(async (tx, emit) => {
    const before = (await soundById(tx, id)) ?? refuse(missing);
    const stored = bytes && (await addSoundFile(ctx, { tx, emit }, bytes, name));
    if (stored) await removeFiles(ctx, { tx, emit }, { ids: [before.file_id] });
    await save(ctx, { tx, emit }, { ...before, name, ...stored });
  });
}

export async function removeSound(ctx: Context, id: string): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const sound = await soundById(tx, id);
    if (!sound) refuse('Custom_Sound_Error_Invalid_Sound', 'Custom_Sound_Error_Invalid_Sound');
    await removeFiles(ctx, { tx, emit }, { ids: [sound.file_id] });
    await deleteSoundRow(tx, id);
    const { name, extension } = sound;
    emit('customSound.changed', { action: 'deleted', sound: { _id: id, name, extension } });
  });
}

function refuseInvalidName(name: string): void {
  if (name === '' || name.length > MAX_NAME || NOT_IN_NAMES.test(name)) refuse(`${name} is not a valid name`);
}

interface SoundBytes {
  blob: PlacedBlob;
  type: string;
  extension: string;
}

async function placeSound(ctx: Context, { temp, type: given, filename }: ReceivedFile): Promise<SoundBytes> {
  const type = await typeOfUpload(temp.path, given, filename);
  const extension = EXTENSIONS[type] ?? refuse('MIME type not allowed');
  return { blob: await placeBlob(ctx, { temp, type }), type, extension };
}

async function addSoundFile(
  ctx: Context,
  { tx }: WriteScope,
  { blob, type, extension }: SoundBytes,
  name: string,
): Promise<{ extension: string; file_id: string }> {
  const { id } = await addFile(ctx, tx, blob, { kind: 'sound', name: `${name}.${extension}`, type });
  return { extension, file_id: id };
}

async function save(
  ctx: Context,
  { tx, emit }: WriteScope,
  sound: Omit<SoundRow, 'updated_at'>,
): Promise<void> {
  const { id, name, extension, file_id } = sound;
  const row = { id, name, extension, file_id, updated_at: ctx.clock.stamp() };
  if (!(await saveSoundRow(tx, row))) {
    fail('Custom_Sound_Error_Name_Already_In_Use', 'The custom sound name is already in use');
  }
  emit('customSound.changed', { action: 'updated', sound: { _id: id, name, extension } });
}
