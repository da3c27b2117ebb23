import type { Readable } from 'node:stream';
import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import { type TempFile, TooManyBytes } from './blobs/scratch.ts';

/** A file in a request, as its sender describes it. */
export interface IncomingFile {
  field: string;
  filename: string;
  type: string;
  bytes: Readable;
}

/** Reads a request to its end and hands over each file; resolves with the text fields. */
export type IncomingParts = (
  onFile: (file: IncomingFile) => Promise<void>,
) => Promise<ReadonlyMap<string, string>>;

export interface ReceivedFile {
  temp: TempFile;
  filename: string;
  type: string;
}

export interface Received {
  file: ReceivedFile | undefined;
  fields: ReadonlyMap<string, string>;
}

/** The setting `FileUpload_MaxFileSize`; -1 is no limit. */
export function maxFileSize(ctx: Context): number {
  const limit = ctx.settings.int('FileUpload_MaxFileSize');
  return limit < 0 ? Number.POSITIVE_INFINITY : limit;
}

/**
 * Takes the one file of a request into a temporary file, runs `work` on it, and removes it afterwards. A file under another
 * name, a second one and one that is too large end the request (spec 11 §5 `rooms.media`).
 *
 * @throws invalid-field, error-too-many-files, error-file-too-large
 */
export async function withReceivedFile<T>(
  ctx: Context,
  parts: IncomingParts,
  { field, maxBytes = maxFileSize(ctx) }: { field: string; maxBytes?: number },
  work: (received: Received) => Promise<T>,
): Promise<T> {
  let found = false;
  const received: { file: ReceivedFile | undefined } = { file: undefined };
  try {
    const fields = await parts(async (part) => {
      if (part.field !== field) fail('invalid-field');
      // The second may come while the first is still on its way to the disk.
      if (found) fail('error-too-many-files', 'Too many files in upload');
      found = true;
      const temp = await receiveBytes(ctx, part.bytes, maxBytes);
      received.file = { temp, filename: part.filename, type: part.type };
    });
    return await work({ ...received, fields });
  } finally {
    await received.file?.temp.remove();
  }
}

/** @throws error-file-too-large */
export async function receiveBytes(ctx: Context, bytes: Readable, maxBytes: number): Promise<TempFile> {
  try {
    return await ctx.blobs.scratch.receive(bytes, maxBytes);
  } catch (error) {
    if (error instanceof TooManyBytes) fail('error-file-too-large', 'File size exceeds the allowed limit');
    throw error;
  }
}
