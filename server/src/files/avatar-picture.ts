import { PassThrough } from 'node:stream';
import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import type { TempFile } from './blobs/scratch.ts';
import { cleanPicture, isPaintable, isPicture, makeSquare } from './images.ts';
import { typeOfUpload } from './media-type.ts';
import { maxFileSize, receiveBytes } from './receive-upload.ts';
import { type PlacedBlob, placeBlob } from './store-file.ts';

/** A picture that is ready to be somebody's avatar. */
export interface AvatarPicture {
  blob: PlacedBlob;
  type: string;
}

/** Stores a picture as avatars are stored (spec 11 §6): square and small, by the settings. @throws error-invalid-image */
export async function placeAvatar(
  ctx: Context,
  received: TempFile,
  given: string,
  name = '',
): Promise<AvatarPicture> {
  const type = await typeOfUpload(received.path, given, name);
  if (!isPaintable(type)) refuseImage();
  const ready = await prepared(ctx, { temp: received, type });
  try {
    return { blob: await placeBlob(ctx, ready), type: ready.type };
  } finally {
    if (ready.temp !== received) await ready.temp.remove();
  }
}

const refuseImage = (): never => fail('error-invalid-image', 'Invalid image');

interface Picture {
  temp: TempFile;
  type: string;
}

async function prepared(ctx: Context, picture: Picture): Promise<Picture> {
  const isDrawing = !isPicture(picture.type);
  if (ctx.settings.bool('Accounts_AvatarResize') || isDrawing) {
    const size = Math.min(1024, Math.max(16, ctx.settings.int('Accounts_AvatarSize') || 200));
    const square = await makeSquare(ctx, picture, size);
    if (square) return square;
    // A drawing may run code where it is shown; nobody can be asked to show it as it is.
    if (isDrawing) refuseImage();
  }
  const cleaned = await cleanPicture(ctx, picture.temp.path, { rotate: true, strip: true });
  return { ...picture, temp: cleaned?.changed ?? picture.temp };
}

/** A `data:` URI as some clients send pictures. @throws error-invalid-image, error-file-too-large */
export async function placeAvatarOfData(ctx: Context, dataUri: string): Promise<AvatarPicture> {
  const [, type, base64] = /^data:([\w/+.-]*)(?:;[\w=-]+)*;base64,([A-Za-z0-9+/=\s]+)$/.exec(dataUri) ?? [];
  if (type === undefined || base64 === undefined) refuseImage();
  const bytes = Buffer.from(base64 ?? '', 'base64');
  return placeAvatarOfBytes(ctx, bytes, type ?? '');
}

export async function placeAvatarOfBytes(ctx: Context, bytes: Buffer, type: string): Promise<AvatarPicture> {
  const source = new PassThrough();
  source.end(bytes);
  const temp = await receiveBytes(ctx, source, maxFileSize(ctx));
  try {
    return await placeAvatar(ctx, temp, type);
  } finally {
    await temp.remove();
  }
}
