import { createReadStream } from 'node:fs';
import { deserialize } from 'bson';
import { storableText } from '../kernel/storable-text.ts';

/** A document as it stands in a dump: dates are `Date`s, object ids are hex text, long numbers are numbers. */
export type Doc = Readonly<Record<string, unknown>>;

/** MongoDB takes 16 MiB; what is far beyond is no document. */
const MOST_BYTES = 48 * 1024 ** 2;
const LEAST_BYTES = 5;

/** Thrown where a dump is not what it says: damaged, cut off, or something else. */
export class BrokenDump extends Error {}

/** The raw documents of a stream, each as long as `lengthOf` says of its first four bytes; with where each begins. */
export async function* rawDocuments(
  source: AsyncIterable<Buffer>,
  name: string,
  lengthOf = lengthAt,
): AsyncGenerator<{ bytes: Buffer; at: number }> {
  let pending: Buffer = Buffer.alloc(0);
  let at = 0;
  for await (const chunk of source) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let start = 0;
    while (pending.length - start >= 4) {
      const length = lengthOf(pending, start, name);
      if (start + length > pending.length) break;
      yield { bytes: pending.subarray(start, start + length), at };
      start += length;
      at += length;
    }
    pending = pending.subarray(start);
  }
  if (pending.length > 0) throw new BrokenDump(`${name} ends in the middle of a document`);
}

export function lengthAt(bytes: Buffer, start: number, name: string): number {
  const length = bytes.readInt32LE(start);
  if (length < LEAST_BYTES || length > MOST_BYTES) throw new BrokenDump(`${name} is damaged, or no BSON`);
  return length;
}

export const documentsOfFile = (path: string): AsyncGenerator<{ bytes: Buffer; at: number }> =>
  rawDocuments(createReadStream(path, { highWaterMark: 1024 ** 2 }), path);

/** Reads one document. Binary members are `Buffer`s. */
export function parseDocument(bytes: Buffer, name: string): Doc {
  try {
    return plain(deserialize(bytes, { promoteBuffers: true })) as Doc;
  } catch (error) {
    throw new BrokenDump(`${name} is damaged: ${(error as Error).message}`);
  }
}

/** BSON's own types as those that JSON knows; texts as a database can keep them. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? Number(value) : value;
  if (value instanceof Date || Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  const { _bsontype: type } = value as { _bsontype?: string };
  if (type === 'ObjectId') return (value as unknown as { toHexString(): string }).toHexString();
  if (type === 'Long' || type === 'Decimal128' || type === 'Double' || type === 'Int32')
    return Number(String(value));
  if (type === 'BSONRegExp') return (value as unknown as { pattern: string }).pattern;
  if (type !== undefined) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [storableText(key), plain(member)]));
}
