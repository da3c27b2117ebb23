import { listRoles } from '../admin/roles.ts';
import { fail } from '../kernel/errors.ts';
import type { Settings } from '../kernel/settings.ts';
import type { Db } from '../storage/database.ts';
import type { User } from './user.ts';
import { MAX_BIO, MAX_NICKNAME } from './user-edit-rules.ts';

/** One declaration of the setting `Accounts_CustomFields` (spec 21, "Validation rules"). */
interface CustomField {
  type?: string;
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  options?: unknown[];
  public?: boolean;
  /** The value is written into this member of the user, too. */
  modifyRecordField?: { array?: boolean; field?: string };
}

/** Of all of them as JSON text: they are part of the user's row, which every list of users reads. */
const MAX_LENGTH = 20_000;

/**
 * Checks `values` against the declarations and returns what is to be stored: the declared fields only; undefined when
 * none are declared. Throws `error-user-registration-custom-field`, `error-invalid-customfield-json`.
 */
export function checkCustomFields(
  settings: Settings,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const fields = declaredFields(settings);
  if (!fields) return undefined;
  const stored: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name];
    checkValue(name, field, value);
    if (value !== undefined) stored[name] = value;
  }
  // A field need not have a `maxLength`, and its value need not be a text.
  if (JSON.stringify(stored).length > MAX_LENGTH) {
    fail('error-user-registration-custom-field', 'The custom fields are too long');
  }
  return stored;
}

/** Members of a user that fields may write, and how long their values may be. */
const WRITABLE = { bio: MAX_BIO, nickname: MAX_NICKNAME, language: 100 } as const;

/**
 * What stored fields change elsewhere in the user (`modifyRecordField`): a text in `bio`, `nickname` or `language`, or one
 * more of the `roles`. People fill in these fields themselves, so a role has to be among the options that the workspace
 * declared, and is never `admin`.
 */
export async function membersOfCustomFields(
  settings: Settings,
  db: Db,
  roles: readonly string[],
  stored: Readonly<Record<string, unknown>> | undefined,
): Promise<Partial<Pick<User, 'roles' | keyof typeof WRITABLE>>> {
  if (!stored) return {};
  const members: Partial<Record<keyof typeof WRITABLE, string>> = {};
  const given: string[] = [];
  for (const [name, { type, modifyRecordField: into }] of Object.entries(declaredFields(settings) ?? {})) {
    const value = stored[name];
    if (typeof value !== 'string' || value === '') continue;
    if (into?.array && into.field === 'roles' && type === 'select') given.push(value);
    if (into && !into.array && isWritable(into.field) && value.length <= WRITABLE[into.field]) {
      members[into.field] = value;
    }
  }
  const known = given.length === 0 ? [] : (await listRoles(db)).map(({ _id }) => _id);
  const added = given.filter((role) => role !== 'admin' && known.includes(role) && !roles.includes(role));
  return added.length === 0 ? members : { ...members, roles: [...new Set([...roles, ...added])] };
}

const isWritable = (member: string | undefined): member is keyof typeof WRITABLE =>
  member !== undefined && Object.hasOwn(WRITABLE, member);

/** The names of the fields that everybody may see. Broken JSON declares none. */
export function publicCustomFields(settings: Settings): Set<string> {
  try {
    const fields = Object.entries(declaredFields(settings) ?? {});
    return new Set(fields.filter(([, field]) => field.public === true).map(([name]) => name));
  } catch {
    return new Set();
  }
}

function checkValue(name: string, field: CustomField, value: unknown): void {
  const refuse = (reason: string): never => fail('error-user-registration-custom-field', reason);
  const missing = value === undefined || value === null || value === '';
  if (field.required && missing) refuse(`Field ${name} is required`);
  if (missing) return;
  if (field.type === 'select' && !field.options?.includes(value))
    refuse(`Value for field ${name} is invalid`);
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : 0;
  if (field.maxLength && length > field.maxLength) refuse(`Max length of field ${name} ${field.maxLength}`);
  if (field.minLength && length > 0 && length < field.minLength) {
    refuse(`Min length of field ${name} ${field.minLength}`);
  }
}

function declaredFields(settings: Settings): Record<string, CustomField> | undefined {
  const text = settings.text('Accounts_CustomFields').trim();
  if (text === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, CustomField>;
    }
  } catch {
    // Reported below together with JSON that is no object.
  }
  return fail('error-invalid-customfield-json', 'Invalid JSON for Custom Fields');
}
