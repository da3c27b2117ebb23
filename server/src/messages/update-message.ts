import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { newIdAt } from '../kernel/ids.ts';
import { previewLater } from '../previews/preview-job.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { changeMessage } from './change-message.ts';
import { composeMessage } from './compose.ts';
import { findMessage } from './find-message.ts';
import type { EncryptedMentions } from './mentions.ts';
import type { Attachment, WireMessage } from './message.ts';
import { insertMessage } from './messages.store.ts';
import { findPlace, mayHere, type Place, refuseSending } from './sending-rules.ts';
import { refuseHugeDocument } from './store-message.ts';
import { refuseLongText, validCustomFields } from './validate-content.ts';

/** An edit: a new text, or new encrypted content. */
export interface MessageEdit {
  msgId: string;
  /** Must be the message's room where given. */
  roomId?: string;
  text?: string;
  previewUrls?: readonly string[];
  customFields?: unknown;
  content?: Record<string, unknown>;
  e2eMentions?: EncryptedMentions;
}

const DETAILS = { method: 'updateMessage' };
const NOT_ALLOWED = { ...DETAILS, action: 'Message_editing' };

/**
 * Edits a message (spec 30 §6 `chat.update`, checks 2 to 12 in their order). An edit that changes nothing answers with the
 * message and leaves no trace.
 *
 * @throws plain refusals, error-action-not-allowed, error-invalid-message, error-message-editing-blocked,
 *   error-message-size-exceeded
 */
export async function updateMessage(ctx: Context, caller: Caller, edit: MessageEdit): Promise<WireMessage> {
  const { msgId, roomId, content } = edit;
  const original = await findMessage(ctx, msgId);
  if (!original) refuse(`No message found with the id of "${msgId}".`);
  if (roomId !== undefined && roomId !== original.rid) {
    refuse('The room id provided does not match where the message is from.');
  }
  if (content && original.t !== 'e2e') refuse('Only encrypted messages can have content updated.');
  if (original.t === 'rm') fail('error-action-not-allowed', 'Message editing not allowed', NOT_ALLOWED);
  const text = (edit.text ?? '').replaceAll('\0', '');
  if (!content && !text.trim() && !hasMembers(original.attachments) && !hasMembers(original.blocks)) {
    fail('error-invalid-message', 'Message cannot be empty', DETAILS);
  }
  const place = await findPlace(ctx, caller, original.rid);
  if (!place) refuse('error-invalid-room');
  if (!content && text === textOf(original) && !edit.previewUrls && edit.customFields === undefined) {
    // What a message says is confirmed only to those who may read it.
    if (!(await canAccessRoom(ctx, caller, place.room, place))) refuse('error-not-allowed');
    return original;
  }
  refuseEditing(ctx, caller, place, original);
  await refuseSending(ctx, caller, place);
  refuseLongText(ctx, text, DETAILS.method);
  const customFields =
    edit.customFields === undefined ? undefined : validCustomFields(ctx, edit.customFields);
  return storeEdit(ctx, caller, place, original, {
    ...edit,
    text,
    ...(customFields ? { customFields } : {}),
  });
}

const hasMembers = (list: unknown): boolean => Array.isArray(list) && list.length > 0;

/** What an edit replaces: the description of a file message, else the text. */
function textOf(message: WireMessage): string {
  const description = message.attachments?.[0]?.description;
  return typeof description === 'string' ? description : message.msg;
}

function refuseEditing(ctx: Context, caller: Caller, place: Place, message: WireMessage): void {
  const isOwn = message.u._id === caller.uid;
  if (!mayHere(ctx, caller, 'edit-message', place) && !(isOwn && ctx.settings.bool('Message_AllowEditing'))) {
    fail('error-action-not-allowed', 'Message editing not allowed', NOT_ALLOWED);
  }
  if (mayHere(ctx, caller, 'bypass-time-limit-edit-and-delete', place)) return;
  const limit = ctx.settings.int('Message_AllowEditing_BlockEditInMinutes');
  const minutes = Math.floor((ctx.clock.now() - message.ts.getTime()) / 60_000);
  if (limit > 0 && minutes >= limit)
    fail('error-message-editing-blocked', 'Message editing is blocked', DETAILS);
}

async function storeEdit(
  ctx: Context,
  caller: Caller,
  place: Place,
  original: WireMessage,
  edit: MessageEdit & { text: string },
): Promise<WireMessage> {
  const parts = await composedParts(ctx, caller, place, original, edit);
  const edited = await changeMessage(ctx, place.room, original._id, async (current, tx, emit) => {
    if (current.t === 'rm') fail('error-action-not-allowed', 'Message editing not allowed', NOT_ALLOWED);
    const editedAt = new Date(ctx.clock.stamp());
    const editedBy = { _id: caller.uid, username: caller.username ?? '' };
    if (ctx.settings.bool('Message_KeepHistory')) {
      await insertMessage(tx, historyCopy(current, { editedAt, editedBy }), { hidden: true });
    }
    const { md: _tree, translations: _texts, translationProvider: _whose, ...kept } = current;
    const message: WireMessage = {
      ...kept,
      ...parts,
      ...(edit.content ? { content: edit.content } : {}),
      ...(edit.e2eMentions ? { e2eMentions: edit.e2eMentions } : {}),
      ...(edit.customFields === undefined
        ? {}
        : { customFields: edit.customFields as Record<string, unknown> }),
      editedAt,
      editedBy,
    };
    refuseHugeDocument(message);
    await previewLater(ctx, { tx, emit }, message);
    return { message, textChanged: true, edited: true };
  });
  return edited ?? refuse(`No message found with the id of "${original._id}".`);
}

/** Steps 2 to 8 of the pipeline again, on the merged message. */
async function composedParts(
  ctx: Context,
  caller: Caller,
  place: Place,
  original: WireMessage,
  edit: MessageEdit & { text: string },
): Promise<Partial<WireMessage>> {
  const untranslated = original.attachments?.map(({ translations: _outdated, ...kept }): Attachment => kept);
  const [file, ...others] = untranslated ?? [];
  const describesFile = !edit.content && typeof file?.description === 'string';
  const attachments = describesFile ? [{ ...file, description: edit.text }, ...others] : untranslated;
  const { parts } = await composeMessage(
    ctx,
    caller,
    place,
    {
      msg: edit.content || describesFile ? original.msg : edit.text,
      attachments,
      isEncrypted: original.t === 'e2e',
      e2eMentions:
        original.t === 'e2e' ? (edit.e2eMentions ?? (original.e2eMentions as EncryptedMentions)) : undefined,
      // Only a message that was sent with `parseUrls: false` has no list of them.
      parseUrls: original.urls !== undefined,
      previewUrls: edit.previewUrls,
    },
    true,
  );
  return parts;
}

/** A hidden copy of a message before a change (`Message_KeepHistory`). */
export function historyCopy(
  message: WireMessage,
  change: { editedAt: Date; editedBy: { _id: string; username: string } },
): WireMessage {
  return {
    ...message,
    ...change,
    _id: newIdAt(change.editedAt.getTime()),
    _hidden: true,
    parent: message._id,
  };
}
