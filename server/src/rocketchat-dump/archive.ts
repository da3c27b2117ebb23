import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { BrokenDump, lengthAt, parseDocument, rawDocuments } from './bson-documents.ts';

const MAGIC = 0x8199e26d;
const TERMINATOR = 0xffffffff;
const GZIP = 0x8b1f;

/** Whether a file begins as `mongodump --archive` writes it, compressed or not. */
export async function isArchive(path: string): Promise<boolean> {
  for await (const chunk of streamOf(path, await isCompressed(path)))
    return chunk.length >= 4 && chunk.readUInt32LE(0) === MAGIC;
  return false;
}

/**
 * Writes the wanted collections of an archive into files of a folder, by collection. An archive holds several collections at a
 * time, a block of one after a block of another (spec 32 D.1).
 * @throws BrokenDump; also where several databases have such collections
 */
export async function unpackArchive(
  path: string,
  folder: string,
  wanted: readonly string[],
): Promise<Map<string, string>> {
  const files = new Map<string, { path: string; handle: FileHandle }>();
  const databases = new Set<string>();
  let place: 'header' | 'namespace' | 'documents' = 'header';
  let current: FileHandle | undefined;
  try {
    const source = streamOf(path, await isCompressed(path));
    for await (const { bytes, at } of rawDocuments(source, path, frameLength)) {
      if (bytes.length === MARK_BYTES) {
        if (at > 0) place = 'namespace';
        continue;
      }
      if (place === 'documents') {
        await current?.write(bytes);
        continue;
      }
      if (place === 'header') continue;
      const { db, collection, EOF: ended } = parseDocument(bytes, path);
      place = 'documents';
      current = undefined;
      if (typeof db !== 'string' || typeof collection !== 'string' || ended === true) continue;
      if (!wanted.includes(collection)) continue;
      databases.add(db);
      if (databases.size > 1)
        throw new BrokenDump(
          `several databases are in ${path}: ${[...databases].join(', ')}; dump one of them`,
        );
      const known = files.get(collection);
      if (known) current = known.handle;
      else {
        const target = join(folder, `${files.size}.bson`);
        current = await open(target, 'wx', 0o600);
        files.set(collection, { path: target, handle: current });
      }
    }
  } finally {
    for (const { handle } of files.values()) await handle.close();
  }
  return new Map([...files].map(([collection, file]) => [collection, file.path]));
}

/** What stands between the parts of an archive, and its beginning, are frames of their own: shorter than any document. */
const MARK_BYTES = 4;

function frameLength(bytes: Buffer, start: number, name: string): number {
  const mark = bytes.readUInt32LE(start);
  return mark === TERMINATOR || mark === MAGIC ? MARK_BYTES : lengthAt(bytes, start, name);
}

async function isCompressed(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16LE(0) === GZIP;
  } finally {
    await file.close();
  }
}

function streamOf(path: string, compressed: boolean): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1024 ** 2 });
  return compressed ? file.pipe(createGunzip()) : file;
}
