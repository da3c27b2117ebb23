import { type Context, within } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import type { TempFile } from './blobs/scratch.ts';
import { type ImageFacts, type StoredFile, THUMB } from './file.ts';
import {
  cleanPicture,
  isPaintable,
  isPicture,
  makePreview,
  makeThumbnail,
  type Thumbnail,
} from './images.ts';
import {
  claimedType,
  cleanName,
  isBlocked,
  isTypeAllowed,
  settledType,
  sniffType,
  UNKNOWN_TYPE,
} from './media-type.ts';
import { type IncomingParts, maxFileSize, type ReceivedFile, withReceivedFile } from './receive-upload.ts';
import { addFile, placeBlobs } from './store-file.ts';

/** An upload that is not sent within a day is removed (spec 11 §5). */
const UNSENT_MS = 24 * 60 * 60_000;

export interface Uploaded {
  file: StoredFile;
  /** The text parts of the request. */
  fields: ReadonlyMap<string, string>;
}

/**
 * Stores the file of a request for a room (spec 11 §5 `rooms.media`). Nobody is told of it until it is sent.
 *
 * @throws 403 without access, invalid-field, error-no-file, error-too-many-files, error-file-too-large, invalid-field-content,
 *   error-file-upload-disabled, error-direct-message-file-upload-not-allowed, error-invalid-file-type
 */
export async function uploadToRoom(
  ctx: Context,
  caller: Caller,
  rid: string,
  parts: IncomingParts | undefined,
): Promise<Uploaded> {
  const room = await roomForFiles(ctx, caller, rid);
  if (!parts) fail('error-no-file', 'No file uploaded');
  return withReceivedFile(ctx, parts, { field: 'file' }, async ({ file, fields }) => {
    if (!file) fail('error-no-file', 'No file uploaded');
    const content = encryptedContent(fields.get('content'));
    const name = cleanName(file.filename);
    const type = await acceptedType(ctx, room, file, { name, encrypted: content !== undefined });
    return { file: await storeUpload(ctx, caller, rid, file.temp, { name, type, content }), fields };
  });
}

/** The room, when the caller may see it. @throws 403 */
export async function roomForFiles(ctx: Context, caller: Caller, rid: string): Promise<Room> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) forbid();
  return room;
}

function encryptedContent(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return content as Record<string, unknown>;
  } catch {
    // Refused like JSON that is no object.
  }
  fail('invalid-field-content');
}

/** The checks after reading (spec 11 §5), in their order; gives the type under which the file is stored. */
async function acceptedType(
  ctx: Context,
  room: Room,
  { temp, type: given }: ReceivedFile,
  { name, encrypted }: { name: string; encrypted: boolean },
): Promise<string> {
  const { settings } = ctx;
  if (!settings.bool('FileUpload_Enabled')) fail('error-file-upload-disabled', 'File uploads are disabled');
  if (room.type === 'd' && !settings.bool('FileUpload_Enabled_Direct')) {
    fail('error-direct-message-file-upload-not-allowed', 'File uploads are disabled in direct messages');
  }
  if (temp.size > maxFileSize(ctx)) fail('error-file-too-large', 'File size exceeds the allowed limit');
  const refuseType = () => fail('error-invalid-file-type', 'The media type is not accepted');
  if (encrypted) {
    if (!settings.bool('E2E_Enable_Encrypt_Files') || !isTypeAllowed(settings, UNKNOWN_TYPE, true))
      refuseType();
    return UNKNOWN_TYPE;
  }
  const sniffed = await sniffType(temp.path);
  const claimed = claimedType(given, name);
  const type = settledType(claimed, sniffed);
  // A blocked type is blocked under every name that somebody gives it.
  const blocked = isBlocked(settings, claimed) || (sniffed !== undefined && isBlocked(settings, sniffed));
  if (blocked || !isTypeAllowed(settings, type, false)) refuseType();
  return type;
}

export interface UploadFacts {
  name: string;
  type: string;
  content: Record<string, unknown> | undefined;
}

/** Stores a received file as an upload that is not sent yet. @throws 403 when the room is gone */
export async function storeUpload(
  ctx: Context,
  caller: Pick<Caller, 'uid'>,
  rid: string,
  received: TempFile,
  { name, type, content }: UploadFacts,
): Promise<StoredFile> {
  const picture = await workOnPicture(ctx, received, type);
  const { temp, thumb } = picture;
  try {
    const sources = [{ temp, type }, ...(thumb ? [thumb] : [])];
    const [blob, thumbBlob] = await placeBlobs(ctx, sources);
    const about = { kind: 'upload' as const, rid, uid: caller.uid, expiresAt: ctx.clock.now() + UNSENT_MS };
    return await ctx.write(async (tx) => {
      if (!blob || !(await getRoom(within(ctx, tx), rid))) forbid();
      const { identify, preview } = picture;
      const file = await addFile(ctx, tx, blob, { ...about, name, type, content, identify, preview });
      if (thumb && thumbBlob) {
        await addFile(ctx, tx, thumbBlob, {
          ...about,
          name: `thumb-${name}`,
          type: thumb.type,
          typeGroup: THUMB,
          originalId: file.id,
          identify: thumb.facts,
        });
      }
      return file;
    });
  } finally {
    await thumb?.temp.remove();
    if (temp !== received) await temp.remove();
  }
}

interface PictureWork {
  /** The received file, or what it became. */
  temp: TempFile;
  identify?: ImageFacts;
  preview?: string | undefined;
  thumb?: Thumbnail | undefined;
}

/** Everything that can be made of a picture is made while it is on our disk (spec 11 §5). */
async function workOnPicture(ctx: Context, received: TempFile, type: string): Promise<PictureWork> {
  const { settings } = ctx;
  const work: PictureWork = { temp: received };
  if (isPicture(type)) {
    const cleaned = await cleanPicture(ctx, received.path, {
      rotate: settings.bool('FileUpload_RotateImages'),
      strip: settings.bool('Message_Attachments_Strip_Exif'),
    });
    if (cleaned) work.identify = cleaned.facts;
    if (cleaned?.changed) work.temp = cleaned.changed;
  }
  if (!isPaintable(type)) return work;
  const source = { temp: work.temp, type };
  work.preview = await makePreview(ctx, source);
  if (settings.bool('Message_Attachments_Thumbnails_Enabled')) {
    const width = settings.int('Message_Attachments_Thumbnails_Width');
    const height = settings.int('Message_Attachments_Thumbnails_Height');
    if (width > 0 && height > 0) work.thumb = await makeThumbnail(ctx, source, { width, height });
  }
  return work;
}
