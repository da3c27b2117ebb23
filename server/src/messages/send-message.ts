import { type Context, type WriteScope, within } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { newIdAt } from '../kernel/ids.ts';
import { callerRef } from '../rooms/user-ref.ts';
import type { Tx } from '../storage/database.ts';
import { composeMessage } from './compose.ts';
import { explainRefusal } from './ephemeral.ts';
import { findMessage } from './find-message.ts';
import type { EncryptedMentions } from './mentions.ts';
import type { Attachment, WireMessage } from './message.ts';
import { lockMessage } from './messages.store.ts';
import { mayHere, placeForSending } from './sending-rules.ts';
import { type NewMessage, type StoredMessage, storeMessage } from './store-message.ts';
import { isSystemType } from './system-types.ts';
import { type Content, type DraftContent, refuseLongText, validateContent } from './validate-content.ts';

/** A message as a client proposes it. Whatever is not named here is dropped, above all `u`, `_updatedAt`, `_hidden`. */
export interface Draft extends DraftContent {
  rid?: unknown;
  /** A `Date` or a text that is one. */
  ts?: unknown;
  /** Only `e2e` means anything from a client. */
  t?: unknown;
  e2e?: unknown;
  content?: unknown;
  e2eMentions?: unknown;
  groupable?: unknown;
  bot?: unknown;
  location?: unknown;
  /** Absent: as if true. */
  parseUrls?: unknown;
}

const DETAILS = { method: 'sendMessage' };
export const NO_RID = "The 'rid' property on the message object is missing.";
export const NO_SYSTEM_MESSAGES = "Cannot send system messages using 'chat.sendMessage'";

/**
 * Sends a message (spec 30 §3.1, checks 2 to 13). Sending again with the same `_id` gives the stored message back and
 * changes nothing. The sender is also told in the room why the room or the content was refused.
 *
 * @throws error-message-ts-out-of-sync, error-message-size-exceeded, error-invalid-message, error-not-allowed, ... and the
 *   plain refusals of `placeForSending` and `validateContent`
 */
export async function sendMessage(
  ctx: Context,
  caller: Caller,
  draft: Draft,
  { previewUrls, files }: Pick<SendOptions, 'previewUrls' | 'files'> = {},
): Promise<StoredMessage> {
  if (isSystemType(draft.t)) refuse(NO_SYSTEM_MESSAGES);
  if (draft.tshow && !draft.tmid) fail('invalid-params', 'tshow provided but missing tmid', DETAILS);
  return sendDraft(ctx, caller, draft, { previewUrls, files, isSendable: files ? undefined : refuseEmpty });
}

/** Files that a message shows. Only the server says so; what a client calls `files` is dropped. */
export interface MessageFiles {
  files: readonly { _id: string }[];
  attachments: readonly Attachment[];
  /** Called with the stored message, in its transaction: makes the files belong to it, or throws. */
  claim(tx: Tx, message: WireMessage): Promise<void>;
}

/** What the doors to sending differ in. */
export interface SendOptions {
  files?: MessageFiles | undefined;
  previewUrls?: readonly string[] | undefined;
  /** Without the limit of `Message_MaxAllowedSize`. */
  anyLength?: boolean | undefined;
  /** Throws for drafts without anything to show. */
  isSendable?: ((draft: Draft) => void) | undefined;
}

/** Checks 4 to 13 of spec 30 §3.1, then the pipeline. */
export async function sendDraft(
  ctx: Context,
  caller: Caller,
  draft: Draft,
  options: SendOptions,
): Promise<StoredMessage> {
  if (draft.tmid && !ctx.settings.bool('Threads_enabled')) fail('error-not-allowed', 'not-allowed', DETAILS);
  const ts = acceptedTime(ctx, draft.ts);
  const msg = typeof draft.msg === 'string' ? draft.msg.replaceAll('\0', '') : draft.msg;
  if (!options.anyLength) refuseLongText(ctx, msg, DETAILS.method);
  if (!caller.username) fail('error-invalid-user', 'Invalid user');
  const { rid, tmid } = await threadOf(ctx, draft);
  if (!rid) refuse(NO_RID);
  options.isSendable?.(draft);
  const placed = Object.assign({ ...draft }, { rid, msg, tmid });

  return explainRefusal(ctx, caller.uid, { rid, tmid }, () =>
    // Rules are checked under the lock: who is removed or muted at this moment is either before or after the message.
    ctx.write((tx, emit) => writeDraft(within(ctx, tx), { tx, emit }, caller, placed, { ts, options })),
  );
}

/** Checks 6 to 13 of spec 30 §3.1, then the pipeline, in one transaction; `ctx` reads inside it. */
async function writeDraft(
  ctx: Context,
  write: WriteScope,
  caller: Caller,
  draft: Draft & { rid: string; tmid: string | undefined },
  { ts, options: { previewUrls, files } }: { ts: Date | undefined; options: SendOptions },
): Promise<StoredMessage> {
  const { rid, tmid } = draft;
  // The message first, then the room, then the membership: one order of locks everywhere.
  const parent = tmid ? await lockMessage(write.tx, tmid) : undefined;
  const place = await placeForSending(ctx, write.tx, caller, rid);
  if (draft.t !== 'e2e' && place.room.details.encrypted && refusesPlainText(ctx)) {
    fail('error-not-allowed', 'Not allowed to send un-encrypted messages in an encrypted room', DETAILS);
  }
  const content = validateContent(ctx, draft);
  if ((content.alias || content.avatar) && !mayHere(ctx, caller, 'message-impersonate', place)) {
    refuse('Not enough permission');
  }
  const e2eMentions = draft.t === 'e2e' ? asObject<EncryptedMentions>(draft.e2eMentions) : undefined;
  const source = {
    msg: content.msg,
    attachments: files ? [...files.attachments, ...(content.attachments ?? [])] : content.attachments,
    isEncrypted: draft.t === 'e2e',
    e2eMentions,
    parseUrls: draft.parseUrls !== false,
    previewUrls,
  };
  const composed = await composeMessage(ctx, caller, place, source, false);
  const message = Object.assign(newMessage(ctx, caller, rid, content, draft), composed.parts);
  if (ts) message.ts = ts;
  if (files) Object.assign(message, { file: files.files[0], files: files.files });
  const stored = await storeMessage(ctx, write, { caller, place, parent }, message, composed);
  // What was sent before under this id has its files.
  if (files && stored.doc !== undefined) await files.claim(write.tx, stored.message);
  return stored;
}

function refuseEmpty(draft: Draft): void {
  if (draft.t === 'e2e' && draft.content) return;
  if (hasMembers(draft.attachments) || hasMembers(draft.blocks)) return;
  const { msg } = draft;
  // Other types than text are refused as such, with the content.
  if (msg !== undefined && msg !== null && typeof msg !== 'string') return;
  if (!msg?.replaceAll('\0', '').trim()) fail('error-invalid-message', 'Message cannot be empty', DETAILS);
}

const hasMembers = (list: unknown): boolean => Array.isArray(list) && list.length > 0;

/** A reply goes to its parent's room, whatever the sender says, and never below another reply. */
async function threadOf(ctx: Context, draft: Draft): Promise<{ rid: string; tmid?: string }> {
  const rid = typeof draft.rid === 'string' ? draft.rid : '';
  if (typeof draft.tmid !== 'string' || draft.tmid === '') return { rid };
  const parent = await findMessage(ctx, draft.tmid);
  return { rid: parent?.rid ?? rid, tmid: parent?.tmid ?? draft.tmid };
}

const refusesPlainText = (ctx: Context): boolean =>
  ctx.settings.bool('E2E_Enable') && !ctx.settings.bool('E2E_Allow_Unencrypted_Messages');

/** A client's clock may be off a little; undefined means the server's own time (spec 30 §3.1, check 5). */
function acceptedTime(ctx: Context, given: unknown): Date | undefined {
  const ts = dateOf(given);
  if (!ts) return undefined;
  const now = ctx.clock.now();
  const off = Math.abs(ts.getTime() - now);
  if (off > 60_000) {
    fail('error-message-ts-out-of-sync', 'Message timestamp is out of sync', {
      ...DETAILS,
      message_ts: ts,
      server_ts: now,
    });
  }
  return off > 10_000 ? undefined : ts;
}

function dateOf(given: unknown): Date | undefined {
  const inner = asObject<{ $date?: unknown }>(given)?.$date ?? given;
  if (!(inner instanceof Date) && typeof inner !== 'string' && typeof inner !== 'number') return undefined;
  const date = new Date(inner);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Made by assignments: this runs with every message, and spreading a dozen conditional objects costs more than SQLite. */
function newMessage(ctx: Context, caller: Caller, rid: string, content: Content, draft: Draft): NewMessage {
  const message: NewMessage = {
    _id: content._id ?? newIdAt(ctx.clock.now()),
    rid,
    msg: content.msg,
    u: callerRef(caller),
  };
  if (draft.t === 'e2e') addEncrypted(message, draft);
  if (content.tmid) message.tmid = content.tmid;
  if (content.tmid && content.tshow) message.tshow = content.tshow;
  if (content.alias !== undefined) message.alias = content.alias;
  if (content.avatar !== undefined) message.avatar = content.avatar;
  if (content.emoji !== undefined) message.emoji = content.emoji;
  if (content.attachments !== undefined) message.attachments = content.attachments;
  if (content.blocks !== undefined) message.blocks = content.blocks;
  if (content.customFields !== undefined) message.customFields = content.customFields;
  if (draft.groupable === false) message.groupable = false;
  const bot = asObject(draft.bot);
  if (bot) message.bot = bot;
  const location = asObject(draft.location);
  if (location) message.location = location;
  if (ctx.settings.bool('Message_Read_Receipt_Enabled')) message.unread = true;
  return message;
}

function addEncrypted(message: NewMessage, { e2e, content, e2eMentions }: Draft): void {
  message.t = 'e2e';
  if (e2e === 'pending' || e2e === 'done') message.e2e = e2e;
  if (asObject(content)) message.content = content;
  if (asObject(e2eMentions)) message.e2eMentions = e2eMentions;
}

function asObject<T extends object = Record<string, unknown>>(value: unknown): T | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as T) : undefined;
}
