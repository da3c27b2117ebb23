import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { findMessage } from '../messages/find-message.ts';
import { forViewer, type WireMessage } from '../messages/message.ts';
import { type Draft, type MessageFiles, NO_RID, sendDraft, sendMessage } from '../messages/send-message.ts';
import { refuseLongText } from '../messages/validate-content.ts';
import type { Tx } from '../storage/database.ts';
import type { StoredFile } from './file.ts';
import { type FileToShow, showFiles } from './file-attachments.ts';
import { fileById, lockFile, thumbOf, updateFile } from './files.store.ts';
import { cleanName } from './media-type.ts';
import { roomForFiles } from './upload-to-room.ts';

/** What may be said with a file (spec 11 §5 `rooms.mediaConfirm`). */
export interface FileMessage {
  description?: string | undefined;
  msg?: unknown;
  tmid?: unknown;
  groupable?: unknown;
  alias?: unknown;
  avatar?: unknown;
  emoji?: unknown;
  /** An object, or JSON text of one. */
  customFields?: unknown;
  t?: unknown;
  content?: unknown;
  /** Replaces the name of the file. */
  fileName?: string | undefined;
  /** Replaces the encrypted content of the file. */
  fileContent?: Record<string, unknown> | undefined;
}

/**
 * Sends an uploaded file as a message. Who says the same once more, because the answer was lost, gets the message that was
 * sent.
 *
 * @throws 403 without access, invalid-file, error-message-size-exceeded and what sending throws
 */
export async function sendUpload(
  ctx: Context,
  caller: Caller,
  { rid, fileId }: { rid: string; fileId: string },
  message: FileMessage,
): Promise<WireMessage> {
  await roomForFiles(ctx, caller, rid);
  const { description, fileName, fileContent } = message;
  const sent = await sentBefore(ctx, caller, { rid, fileId }, message.msg);
  if (sent) return sent;
  const wanted = { _id: fileId, name: fileName, content: fileContent, description };
  const files = await filesToSend(ctx, caller, rid, [wanted]);
  refuseLongText(ctx, description, 'sendFileMessage');
  const draft: Draft = {
    rid,
    msg: message.msg ?? '',
    tmid: message.tmid,
    groupable: message.groupable ?? false,
    alias: message.alias,
    avatar: message.avatar,
    emoji: message.emoji,
    customFields: parsedFields(message.customFields),
    t: message.t === 'e2e' ? 'e2e' : undefined,
    content: message.content,
  };
  return (await sendDraft(ctx, caller, draft, { files })).message;
}

/** The caller's message with the file and this text; one with another text would be lost, and is refused. */
async function sentBefore(
  ctx: Context,
  caller: Caller,
  { rid, fileId }: { rid: string; fileId: string },
  text: unknown,
): Promise<WireMessage | undefined> {
  const file = await fileById(ctx.db, fileId);
  if (!file?.messageId || file.kind !== 'upload' || file.uid !== caller.uid || file.rid !== rid)
    return undefined;
  const message = await findMessage(ctx, file.messageId);
  const said = typeof text === 'string' ? text.trim() : '';
  return message?.u._id === caller.uid && message.file?._id === fileId && message.msg === said
    ? forViewer(message, caller.uid)
    : undefined;
}

/** Text that is no JSON is refused with the message's other content. */
function parsedFields(customFields: unknown): unknown {
  if (typeof customFields !== 'string' || customFields === '') return customFields || undefined;
  try {
    return JSON.parse(customFields);
  } catch {
    return customFields;
  }
}

/** A message may bring so many files. */
const MAX_FILES = 10;

/** An entry of `filesToConfirm` (spec 40 §10.1). */
export interface FileToConfirm {
  _id: string;
  name?: string | undefined;
  content?: Record<string, unknown> | undefined;
  description?: string | undefined;
}

/** `sendMessage` with uploads that go out with it. @throws invalid-file and what `sendMessage` throws */
export async function sendMessageWithFiles(
  ctx: Context,
  caller: Caller,
  draft: Draft,
  {
    previewUrls,
    confirm,
  }: { previewUrls?: readonly string[] | undefined; confirm: readonly FileToConfirm[] },
): Promise<WireMessage> {
  if (confirm.length === 0) return (await sendMessage(ctx, caller, draft, { previewUrls })).message;
  if (confirm.length > MAX_FILES) fail('error-too-many-files', 'Too many files in upload');
  if (typeof draft.rid !== 'string' || draft.rid === '') fail('invalid-file', NO_RID);
  const files = await filesToSend(ctx, caller, draft.rid, confirm);
  return (await sendMessage(ctx, caller, draft, { previewUrls, files })).message;
}

async function filesToSend(
  ctx: Context,
  caller: Caller,
  rid: string,
  confirm: readonly FileToConfirm[],
): Promise<MessageFiles> {
  const sent: FileToShow[] = [];
  for (const { _id, name, content, description } of confirm) {
    const file = await fileById(ctx.db, _id);
    if (!file || !isUnsent(file, caller, rid)) fail('invalid-file');
    const named = name ? cleanName(name) : file.name;
    const thumb = await thumbOf(ctx.db, _id);
    sent.push({
      file: { ...file, name: named, content: content ?? file.content, description },
      thumb: thumb && { ...thumb, name: `thumb-${named}` },
      description,
    });
  }
  return { ...showFiles(sent), claim: (tx, message) => claimFiles(ctx, tx, caller, message, sent) };
}

/** An upload is sent once, by who uploaded it, in the room that it is for. */
const isUnsent = (file: StoredFile, caller: Caller, rid: string): boolean =>
  file.kind === 'upload' &&
  file.originalId === null &&
  file.expiresAt !== null &&
  file.uid === caller.uid &&
  file.rid === rid;

/** Runs in the transaction of the message, so that a file and its message are stored together or not at all. */
async function claimFiles(
  ctx: Context,
  tx: Tx,
  caller: Caller,
  { _id, rid }: WireMessage,
  sent: readonly FileToShow[],
): Promise<void> {
  const updatedAt = ctx.clock.stamp();
  for (const { file, thumb } of sent) {
    // A reply may have gone to another room than the one that was named; and somebody may have been faster.
    const current = await lockFile(tx, file.id);
    if (!current || !isUnsent(current, caller, rid)) fail('invalid-file');
    for (const each of thumb ? [file, thumb] : [file])
      await updateFile(tx, { ...each, messageId: _id, expiresAt: null, updatedAt });
  }
}
