import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { Refusal } from '../kernel/errors.ts';
import { storableText } from '../kernel/storable-text.ts';

/** A file in a `multipart/form-data` body, as its sender describes it: nothing of it is to be trusted. */
export interface FilePart {
  field: string;
  /** The last segment of the name; empty when there is none. */
  filename: string;
  type: string;
  bytes: Readable;
}

/**
 * Reads a body to its end, part after part: the next one is read when `onFile` has taken the bytes of the one before.
 * Resolves with the text fields. When `onFile` throws the rest is not read, and the error is thrown on.
 */
export type MultipartBody = (
  onFile: (part: FilePart) => Promise<void>,
) => Promise<ReadonlyMap<string, string>>;

export const isMultipart = (contentType: string | undefined): boolean =>
  /^multipart\/form-data\s*(;|$)/i.test(contentType?.trim() ?? '');

/** Far more than any client sends beside a file. */
const LIMITS = { fields: 50, fieldSize: 1_000_000, parts: 100, headerPairs: 50, headerSize: 16_384 };
/** How much of a file waits in memory when the disk is slower than the network. */
const FILE_BUFFER_BYTES = 256 * 1024;

export function multipartBody(request: IncomingMessage): MultipartBody {
  return (onFile) => readParts(request, onFile);
}

async function readParts(
  request: IncomingMessage,
  onFile: (part: FilePart) => Promise<void>,
): Promise<ReadonlyMap<string, string>> {
  const parser = parserFor(request);
  const fields = new Map<string, string>();
  const taking: Promise<void>[] = [];
  let current: Readable | undefined;
  let ended: (error?: Error) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    ended = (error) => (error ? reject(error) : resolve());
  });
  parser.on('field', (name, value, _nameCut, valueCut) => {
    if (valueCut) ended(malformed('A text field is too long'));
    // A part may come without a name, whatever the types of the parser say.
    fields.set(storableText(name ?? ''), storableText(value ?? ''));
  });
  parser.on('file', (field, bytes, filename, _encoding, type) => {
    current = bytes;
    // When nobody takes from it, its end is nobody's business; without a listener it would end the process.
    bytes.on('error', () => {});
    const part = {
      field: storableText(field ?? ''),
      filename: storableText(filename ?? ''),
      type: storableText(type ?? ''),
      bytes,
    };
    taking.push(onFile(part));
    taking.at(-1)?.catch(ended);
  });
  parser.once('partsLimit', () => ended(malformed('There are too many parts')));
  parser.once('fieldsLimit', () => ended(malformed('There are too many parts')));
  parser.once('error', (error) => ended(malformed((error as Error).message)));
  parser.once('finish', () => ended());
  const cutOff = () => {
    if (!request.complete) ended(new Refusal('plain', undefined, 'The request was cut off'));
  };
  request.once('close', cutOff);
  request.once('error', cutOff);
  request.pipe(parser);
  try {
    await done;
    await Promise.all(taking);
    return fields;
  } catch (error) {
    request.unpipe(parser);
    // Whoever still takes from it must learn that nothing comes any more.
    current?.destroy(new Error('the upload was given up'));
    await Promise.allSettled(taking);
    throw error;
  } finally {
    request.off('close', cutOff);
    request.off('error', cutOff);
    // What it says after this is of no interest, but without a listener it would end the process.
    parser.on('error', () => {});
  }
}

function parserFor(request: IncomingMessage): BusboyInstance {
  const { 'content-type': type = '' } = request.headers;
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': type },
      limits: LIMITS,
      fileHwm: FILE_BUFFER_BYTES,
    });
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

const malformed = (reason: string): Refusal => new Refusal('coded', 'error-invalid-params', reason);
