import { Readable } from 'node:stream';
import type { Representation } from '../rest/download.ts';

/** Bytes that are in memory as an answer: pictures that were drawn here, or came from elsewhere. */
export function representBytes(
  { type, bytes }: { type: string; bytes: Buffer },
  facts: Pick<Representation, 'modifiedAt' | 'headers' | 'etag'>,
): Representation {
  return {
    ...{ ...facts, type, size: bytes.length },
    open: async (range) => Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]),
  };
}
