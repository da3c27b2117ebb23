import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid, notFound, Refusal } from '../kernel/errors.ts';
import { changeMessage } from '../messages/change-message.ts';
import { refuseDeletion } from '../messages/delete-message.ts';
import { findMessage } from '../messages/find-message.ts';
import type { WireMessage } from '../messages/message.ts';
import { findPlace, mayHere, type Place } from '../messages/sending-rules.ts';
import type { StoredFile } from './file.ts';
import { removedFile } from './file-attachments.ts';
import { findFile } from './find-files.ts';
import { removeFiles } from './remove-files.ts';

/**
 * Removes one file; its message stays and says so (spec 11 §5 `uploads.delete`). Returns the ids of what is gone, the
 * thumbnail's included.
 *
 * @throws 404 for an unknown file, 403 for who may not delete the message
 */
export async function deleteUpload(ctx: Context, caller: Caller, fileId: string): Promise<string[]> {
  const file = await findFile(ctx, fileId);
  if (!file || file.originalId !== null || file.rid === null) notFound();
  const place = await findPlace(ctx, caller, file.rid);
  if (!place) notFound();
  const message = file.messageId === null ? undefined : await findMessage(ctx, file.messageId);
  await refuseUnauthorized(ctx, caller, place, file, message);
  let deleted: string[] = [];
  if (!message) {
    await ctx.write(async (tx, emit) => {
      deleted = await removeFiles(ctx, { tx, emit }, { ids: [file.id] });
    });
    return deleted;
  }
  await changeMessage(ctx, place.room, message._id, async (current, tx, emit) => {
    deleted = await removeFiles(ctx, { tx, emit }, { ids: [file.id] });
    return deleted.length === 0 ? undefined : { message: withoutFile(current, file.id, deleted) };
  });
  return deleted;
}

async function refuseUnauthorized(
  ctx: Context,
  caller: Caller,
  place: Place,
  file: StoredFile,
  message: WireMessage | undefined,
): Promise<void> {
  if (!message) {
    if (file.uid !== caller.uid || !mayHere(ctx, caller, 'delete-own-message', place)) forbid('forbidden');
    return;
  }
  try {
    await refuseDeletion(ctx, caller, place, message);
  } catch (error) {
    if (error instanceof Refusal) forbid('forbidden');
    throw error;
  }
}

function withoutFile(message: WireMessage, fileId: string, gone: readonly string[]): WireMessage {
  const { file: _first, files: all, attachments, ...rest } = message;
  const files = all?.filter(({ _id }) => !gone.includes(_id)) ?? [];
  return {
    ...rest,
    ...(files[0] ? { file: files[0] } : {}),
    files,
    attachments: (attachments ?? []).map((attachment) =>
      attachment.fileId === fileId ? removedFile(fileId) : attachment,
    ),
  } as WireMessage;
}
