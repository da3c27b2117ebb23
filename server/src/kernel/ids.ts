import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';

const ID_ALPHABET = '23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz';
const TOKEN_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Random bytes are fetched from the system a pool at a time: one call costs as much as dozens of ids. Servers of one
 * process share it without harm: every byte is used once. */
const pool = { bytes: randomBytes(0), used: 0 };

function randomByte(): number {
  if (pool.used >= pool.bytes.length) {
    pool.bytes = randomBytes(4096);
    pool.used = 0;
  }
  const byte = pool.bytes[pool.used] as number;
  // A used byte must not be found in memory later: tokens are made of them.
  pool.bytes[pool.used++] = 0;
  return byte;
}

function randomText(alphabet: string, length: number): string {
  // Bytes at or above the largest multiple of the alphabet's size are dropped, so that every character is equally likely.
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    const byte = randomByte();
    if (byte < limit) text += alphabet[byte % alphabet.length];
  }
  return text;
}

/** A 17-character document id of the documented alphabet (spec 00 §1). */
export const newId = (): string => randomText(ID_ALPHABET, 17);

/**
 * An id of the same form whose first eight characters tell the time (ms), for messages: ids in the order of time stand side by side
 * in the index of ids, so that messages which share a commit change one page of it and not one each.
 */
export const newIdAt = (time: number): string => timeText(time) + randomText(ID_ALPHABET, 9);

/** Eight digits to the base of the alphabet, whose characters are in the order of their codes; enough until the year 4600. */
function timeText(time: number): string {
  let text = '';
  let rest = Math.max(0, Math.floor(time));
  for (let digit = 0; digit < 8; digit += 1) {
    text = ID_ALPHABET.charAt(rest % ID_ALPHABET.length) + text;
    rest = Math.floor(rest / ID_ALPHABET.length);
  }
  return text;
}

/** A 6-character id that people may type: an invite link (spec 11 §10). Short enough to be taken already. */
export const newShortId = (): string => randomText(ID_ALPHABET, 6);

/** A 43-character login token (spec 20, "Login tokens"). */
export const newToken = (): string => randomText(TOKEN_ALPHABET, 43);

/** `base64(sha256(token))`: the only form in which a token is stored. */
export const hashToken = (token: string): string => hash('sha256', token, 'base64');

/** Lower-case hex SHA-256, the digest that clients send instead of a password. */
export const sha256hex = (text: string): string => hash('sha256', text, 'hex');

/** Compares two secrets without telling by the time taken where they differ. */
export function secretsEqual(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest();
  const right = createHash('sha256').update(b).digest();
  return timingSafeEqual(left, right);
}
