import type { Entry } from 'ldapts';
import { commaList } from '../../kernel/comma-list.ts';
import type { Settings } from '../../kernel/settings.ts';

/** What tells people in the directory apart for good, whatever they are called: `services.ldap` (spec 32). */
export interface DirectoryId {
  /** The attribute, in lower case. */
  attribute: string;
  /** Its bytes: some directories have no text there. */
  hex: string;
}

/** Somebody in the directory, read by the settings. */
export interface DirectoryPerson {
  dn: string;
  /** As far as the entry has the attributes of `LDAP_Unique_Identifier_Field`, in that order. */
  ids: readonly DirectoryId[];
  username: string | undefined;
  email: string | undefined;
  name: string | undefined;
  /** The directory has locked the account. */
  isLocked: boolean;
}

const LOCKED_TIME = 'pwdAccountLockedTime';
/** Active Directory; bit 2 is ACCOUNTDISABLE. */
const ACCOUNT_CONTROL = 'userAccountControl';
const ACCOUNT_DISABLED = 2;

/**
 * The attributes that are read; asking for all would bring pictures along. `binary` ones are wanted as bytes. `others`: further
 * ones that tell people apart.
 */
export function readAttributes(
  settings: Settings,
  others: readonly string[],
): { all: string[]; binary: string[] } {
  const binary = idAttributes(settings, others);
  const mapped = ['LDAP_Username_Field', 'LDAP_Email_Field', 'LDAP_Name_Field'].flatMap((id) =>
    attributesIn(settings.text(id)),
  );
  return { all: [...new Set([...binary, ...mapped, LOCKED_TIME, ACCOUNT_CONTROL])], binary };
}

export function readPerson(settings: Settings, entry: Entry, others: readonly string[]): DirectoryPerson {
  const username = fieldValue(entry, settings.text('LDAP_Username_Field'));
  const control = Number(textOf(entry, ACCOUNT_CONTROL) ?? 0);
  return {
    dn: entry.dn,
    ids: idAttributes(settings, others).flatMap((attribute) => readId(entry, attribute)),
    username,
    email: fieldValue(entry, settings.text('LDAP_Email_Field')) ?? defaultEmail(settings, username),
    name: fieldValue(entry, settings.text('LDAP_Name_Field')),
    isLocked: textOf(entry, LOCKED_TIME) !== undefined || (control & ACCOUNT_DISABLED) !== 0,
  };
}

/** Where the picture of somebody is, the best first. */
export const pictureAttributes = (settings: Settings): readonly string[] => {
  const named = commaList(settings.text('LDAP_Avatar_Field'));
  return named.length > 0 ? named : ['thumbnailPhoto', 'jpegPhoto'];
};

/** The first picture that an entry has. */
export function readPicture(settings: Settings, entry: Entry): Buffer | undefined {
  const values = pictureAttributes(settings).flatMap((attribute) => valuesOf(entry, attribute));
  return values.find((value): value is Buffer => Buffer.isBuffer(value) && value.length > 0);
}

/** Without those that the settings name already, in whatever spelling. */
function idAttributes(settings: Settings, others: readonly string[]): string[] {
  const named = commaList(settings.text('LDAP_Unique_Identifier_Field'));
  const known = new Set(named.map((name) => name.toLowerCase()));
  return [...named, ...others.filter((name) => !known.has(name.toLowerCase()))];
}

function readId(entry: Entry, attribute: string): DirectoryId[] {
  const [value] = valuesOf(entry, attribute);
  if (value === undefined || value.length === 0) return [];
  return [{ attribute: attribute.toLowerCase(), hex: Buffer.from(value).toString('hex') }];
}

/** An id as it is kept in the identity of an account, and back. */
export const idText = ({ attribute, hex }: DirectoryId): string => `${attribute}:${hex}`;

export function parseId(text: string): DirectoryId {
  const [attribute = '', hex = ''] = text.split(':');
  return { attribute, hex };
}

function defaultEmail(settings: Settings, username: string | undefined): string | undefined {
  const domain = settings.text('LDAP_Default_Domain').trim();
  return domain === '' || username === undefined ? undefined : `${username}@${domain}`;
}

/** The names in `uid,mail` and in `#{givenName}.#{sn}`. */
function attributesIn(field: string): string[] {
  return field.includes('#{')
    ? [...field.matchAll(/#\{([^}]+)\}/g)].map(([, name = '']) => name.trim())
    : commaList(field);
}

/** By a template, or by the first attribute of a list that the entry has. */
function fieldValue(entry: Entry, field: string): string | undefined {
  if (!field.includes('#{')) {
    for (const name of commaList(field)) {
      const value = textOf(entry, name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
  const filled = field.replace(/#\{([^}]+)\}/g, (_, name: string) => textOf(entry, name.trim()) ?? '');
  return filled.trim() || undefined;
}

function textOf(entry: Entry, attribute: string): string | undefined {
  const [value] = valuesOf(entry, attribute);
  return value?.toString().trim() || undefined;
}

/** Directories answer with their own spelling of attributes, whatever was asked for. */
function valuesOf(entry: Entry, attribute: string): readonly (string | Buffer)[] {
  const wanted = attribute.toLowerCase();
  const key = Object.keys(entry).find((name) => name.toLowerCase() === wanted);
  const value = key === undefined ? undefined : entry[key];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
