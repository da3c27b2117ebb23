import { loadLate } from '../kernel/packages/load-late.ts';
import type { Settings } from '../kernel/settings.ts';

/** What a file is: by its name, by its sender, and by its first bytes, which have the last word. */

export const UNKNOWN_TYPE = 'application/octet-stream';

/** The table of media types takes 15 ms. */
const known = loadLate<typeof import('mime-types')>('mime-types');

const extensionOf = (type: string): string | false => known().extension(type);

/** Where the documented type of an extension is not the usual one (spec 11 §5). */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  lst: 'text/plain',
  wav: 'audio/wav',
  ico: 'image/x-icon',
  aac: 'audio/aac',
};

export function typeOfName(name: string): string {
  const extension = fileExtension(name);
  const own = Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined;
  return own ?? (known().lookup(extension) || UNKNOWN_TYPE);
}

/** In lower case, without the dot; empty when there is none. */
export function fileExtension(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** The type that the sender means: the one it gave, unless the name says it better (spec 11 §5). */
export function claimedType(given: string, name: string): string {
  const type = given.trim().toLowerCase();
  const isUsual = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) && type !== UNKNOWN_TYPE;
  return isUsual && extensionOf(type) !== fileExtension(name) ? type : typeOfName(name);
}

/**
 * The type of a stored file. A picture, sound or film has to look like one, so that nothing else hides behind such a type:
 * what does not is taken for what it is, or for unknown bytes. Other types are believed, but a text is none when it is
 * something binary.
 */
export function settledType(claimed: string, sniffed: string | undefined): string {
  const family = familyOf(claimed);
  if (claimed === 'image/svg+xml') return sniffed === undefined || isXml(sniffed) ? claimed : sniffed;
  if (family === 'text') return sniffed === undefined || isXml(sniffed) ? claimed : sniffed;
  if (family === 'image') {
    if (sniffed === undefined) return UNKNOWN_TYPE;
    // Every PNG decoder shows the first frame of an animated one.
    return sniffed === 'image/apng' ? 'image/png' : sniffed;
  }
  if (family !== 'audio' && family !== 'video') return claimed;
  if (sniffed === undefined) return UNKNOWN_TYPE;
  // The containers are the same for both.
  return ['audio', 'video'].includes(familyOf(sniffed)) || sniffed === 'application/ogg' ? claimed : sniffed;
}

export const familyOf = (type: string): string => type.replace(/\/.*/s, '');

const isXml = (type: string): boolean => type === 'application/xml' || type.endsWith('+xml');

/** What the first bytes say; undefined when they say nothing. */
export async function sniffType(path: string): Promise<string | undefined> {
  // Whatever it stumbles over in a crafted file means that the file is not what it pretends to be.
  const found = await (await import('file-type')).fileTypeFromFile(path).catch(() => undefined);
  return found?.mime;
}

/** The type of a file that was received: by what its sender says, and by what it is. */
export async function typeOfUpload(path: string, given: string, name: string): Promise<string> {
  return settledType(claimedType(given, name), await sniffType(path));
}

/** By the lists of the settings: exact types and `<family>/*`, separated by commas. */
export function isTypeAllowed(settings: Settings, type: string, encrypted: boolean): boolean {
  if (listed(settings.text('FileUpload_MediaTypeBlackList'), type)) return false;
  const white = encrypted ? UNKNOWN_TYPE : settings.text('FileUpload_MediaTypeWhiteList').trim();
  return white === '' || white === '*' || listed(white, type);
}

export function isBlocked(settings: Settings, type: string): boolean {
  return listed(settings.text('FileUpload_MediaTypeBlackList'), type);
}

function listed(list: string, type: string): boolean {
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry === type || (entry.endsWith('/*') && type.startsWith(entry.slice(0, -1))));
}

/** Types that a browser shows without running anything in them. */
export function isSafeInline(type: string): boolean {
  if (['audio', 'video'].includes(familyOf(type))) return true;
  if (familyOf(type) === 'image') return type !== 'image/svg+xml';
  return type === 'text/plain' || type === 'application/pdf';
}

/** The name for saving a file: with the extension of its type, if it has another one. */
export function nameWithExtension(name: string, type: string): string {
  if (typeOfName(name) === type) return name;
  const extension = extensionOf(type);
  return extension && fileExtension(name) !== extension ? `${name}.${extension}` : name;
}

const MAX_NAME = 255;

/** A name that is safe to show and to save under: no path, no control characters, not too long. */
export function cleanName(given: string): string {
  const last = given.split(/[\\/]/).at(-1) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  const name = last.replace(/[\u0000-\u001f\u007f]/g, '').trim();
  if (name === '' || name === '.' || name === '..') return 'file';
  if (name.length <= MAX_NAME) return name;
  const tail = fileExtension(name).slice(0, 20);
  return `${[...name].slice(0, MAX_NAME - 40).join('')}.${tail}`;
}
