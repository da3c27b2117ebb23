import { Ajv } from 'ajv';
import type { Context } from '../context.ts';
import { fail, refuse } from '../kernel/errors.ts';
import type { Attachment } from './message.ts';

/** What a sender may put into a message, still unchecked (spec 30 §3.1). */
export interface DraftContent {
  _id?: unknown;
  msg?: unknown;
  tmid?: unknown;
  tshow?: unknown;
  alias?: unknown;
  avatar?: unknown;
  emoji?: unknown;
  attachments?: unknown;
  blocks?: unknown;
  customFields?: unknown;
}

/** The same with types; absent members are undefined. */
export interface Content {
  _id?: string;
  msg: string;
  tmid?: string;
  tshow?: true;
  alias?: string;
  avatar?: string;
  emoji?: string;
  attachments?: Attachment[];
  blocks?: unknown[];
  customFields?: Record<string, unknown>;
}

/** Longer ids than any client makes are refused: an id is a key of several tables. */
const MAX_ID_LENGTH = 128;
/** Whoever nests attachments deeper is not showing anything to anybody. */
const MAX_DEPTH = 32;

/**
 * Checks the parts of a draft (spec 30 §3.5). Permissions for `alias` and `avatar` are the caller's business.
 *
 * @throws plain refusals "Match error: ...", "Invalid href value provided", "Invalid attachment field, ...",
 *   "Custom fields not enabled", "Invalid custom fields"
 */
export function validateContent(ctx: Context, draft: DraftContent): Content {
  const { attachments, blocks, customFields } = draft;
  const id = optionalText(draft._id, '_id');
  if (id !== undefined && id.length > MAX_ID_LENGTH) refuse('Match error: _id is too long');
  const tmid = optionalText(draft.tmid, 'tmid');
  // The id of a message that does not exist is taken too, and is a key like any other.
  if (tmid !== undefined && tmid.length > MAX_ID_LENGTH) refuse('Match error: tmid is too long');
  const content: Content = { msg: optionalText(draft.msg, 'msg') ?? '' };
  const alias = optionalText(draft.alias, 'alias');
  const emoji = optionalText(draft.emoji, 'emoji');
  const avatar = optionalText(draft.avatar, 'avatar');
  if (id) content._id = id;
  if (tmid) content.tmid = tmid;
  if (alias) content.alias = alias;
  if (emoji) content.emoji = emoji;
  if (avatar) content.avatar = avatar;
  if (isGiven(draft.tshow) && typeof draft.tshow !== 'boolean') mismatch('tshow', 'a boolean');
  if (draft.tshow === true) content.tshow = true;
  if (content.avatar && !isAvatarUrl(content.avatar)) refuse('Invalid href value provided');
  if (isGiven(attachments)) content.attachments = attachmentList(attachments);
  if (isGiven(blocks)) {
    if (!Array.isArray(blocks)) mismatch('blocks', 'a list');
    content.blocks = blocks;
  }
  if (customFields) content.customFields = validCustomFields(ctx, customFields);
  if (isTooDeep([attachments, blocks, customFields], MAX_DEPTH)) refuse('Match error: nested too deeply');
  return content;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function mismatch(field: string, wanted: string): never {
  refuse(`Match error: ${field} must be ${wanted}`);
}

function optionalText(value: unknown, field: string): string | undefined {
  if (!isGiven(value)) return undefined;
  return typeof value === 'string' ? value : mismatch(field, 'a text');
}

const isAvatarUrl = (url: string): boolean => url.startsWith('/') || isSafeUrl(url);

/** Nothing that runs code when it is clicked. */
const isSafeUrl = (url: string): boolean =>
  /^(https?:\/\/|data:)/i.test(url) || url.startsWith('/file-upload/');

type FieldType = 'string' | 'boolean' | 'number' | 'object' | 'list' | 'time' | 'url' | 'scalar';

const ATTACHMENT_FIELDS: Readonly<Record<string, FieldType>> = {
  ...typed('string', [
    'color',
    'text',
    'button_alignment',
    'author_name',
    'title',
    'image_preview',
    'image_type',
  ]),
  ...typed('string', ['audio_type', 'video_type']),
  ...typed('boolean', ['collapsed', 'title_link_download']),
  ...typed('number', ['image_size', 'audio_size', 'video_size']),
  ...typed('url', [
    'thumb_url',
    'message_link',
    'author_link',
    'author_icon',
    'title_link',
    'image_url',
    'audio_url',
  ]),
  ...typed('url', ['video_url']),
  ...typed('list', ['actions', 'fields']),
  image_dimensions: 'object',
  ts: 'time',
};
const ACTION_FIELDS: Readonly<Record<string, FieldType>> = {
  ...typed('string', ['type', 'text', 'webview_height_ratio', 'msg']),
  ...typed('boolean', ['is_webview', 'msg_in_chat_window']),
  ...typed('url', ['url', 'image_url']),
};
const FIELD_FIELDS: Readonly<Record<string, FieldType>> = {
  short: 'boolean',
  title: 'string',
  value: 'scalar',
};

function typed(type: FieldType, names: readonly string[]): Record<string, FieldType> {
  return Object.fromEntries(names.map((name) => [name, type]));
}

function attachmentList(value: unknown): Attachment[] {
  if (!Array.isArray(value)) mismatch('attachments', 'a list');
  for (const attachment of value) {
    checkFields(attachment, ATTACHMENT_FIELDS, 'attachments');
    for (const action of asList(attachment.actions))
      checkFields(action, ACTION_FIELDS, 'attachments.actions');
    for (const field of asList(attachment.fields)) {
      checkFields(field, FIELD_FIELDS, 'attachments.fields');
      if (!field.title || !field.value) refuse('Invalid attachment field, title and value is required');
    }
    // Clients show what is quoted inside an attachment the same way, links included.
    if (isGiven(attachment.attachments)) attachmentList(attachment.attachments);
  }
  return value;
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function checkFields(
  value: unknown,
  fields: Readonly<Record<string, FieldType>>,
  where: string,
): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    mismatch(where, 'a list of objects');
  for (const [name, member] of Object.entries(value)) {
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!type || !isGiven(member)) continue;
    if (!isOfType(member, type)) mismatch(`${where}.${name}`, `of type ${type}`);
    if (type === 'url' && !isSafeUrl(member as string)) refuse('Invalid href value provided');
  }
}

function isOfType(value: unknown, type: FieldType): boolean {
  switch (type) {
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object';
    case 'time':
      return typeof value === 'string' || typeof value === 'number' || value instanceof Date;
    case 'url':
      return typeof value === 'string';
    case 'scalar':
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    default:
      return typeof value === type;
  }
}

/** Also used when a message is edited. Compiled per call: a feature few workspaces switch on, with a small schema. */
export function validCustomFields(ctx: Context, value: unknown): Record<string, unknown> {
  if (!ctx.settings.bool('Message_CustomFields_Enabled')) refuse('Custom fields not enabled');
  let valid = false;
  try {
    const schema: unknown = JSON.parse(ctx.settings.text('Message_CustomFields'));
    const forced = { ...(schema as object), type: 'object', additionalProperties: false };
    valid = new Ajv({ strict: false }).validate(forced, value);
  } catch {
    // A schema that is none fits nothing.
  }
  if (!valid) refuse('Invalid custom fields');
  return value as Record<string, unknown>;
}

function isTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isTooDeep(member, depth - 1));
}

/** @throws error-message-size-exceeded */
export function refuseLongText(ctx: Context, text: unknown, method: string): void {
  if (typeof text !== 'string' || text.length <= ctx.settings.int('Message_MaxAllowedSize')) return;
  fail('error-message-size-exceeded', 'Message size exceeds Message_MaxAllowedSize', { method });
}
