import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { serialize } from 'bson';

/** The documents of each collection, as MongoDB would hold them. */
export type Collections = Readonly<Record<string, readonly object[]>>;

const MAGIC = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
const TERMINATOR = Buffer.from([0xff, 0xff, 0xff, 0xff]);

/** A folder as `mongodump` makes it (spec 32 D.1): one file of BSON for each collection, and one of metadata. */
export function writeDumpFolder(folder: string, collections: Collections, { gzip = false } = {}): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, documents] of Object.entries(collections)) {
    const bytes = Buffer.concat(documents.map((document) => serialize(document)));
    const metadata = Buffer.from(JSON.stringify({ indexes: [], collectionName: name }));
    const packed = (raw: Buffer) => (gzip ? gzipSync(raw) : raw);
    const ending = gzip ? '.gz' : '';
    writeFileSync(join(folder, `${name}.bson${ending}`), packed(bytes));
    writeFileSync(join(folder, `${name}.metadata.json${ending}`), packed(metadata));
  }
}

/** An archive as `mongodump --archive` makes it, with a document of each collection in turn. */
export function writeDumpArchive(
  path: string,
  collections: Collections,
  { gzip = false, db = 'rocketchat' } = {},
): void {
  const names = Object.keys(collections);
  const block = (collection: string, ended: boolean, documents: readonly object[]) => [
    serialize({ db, collection, EOF: ended, CRC: 0 }),
    ...documents.map((document) => serialize(document)),
    TERMINATOR,
  ];
  const longest = Math.max(...Object.values(collections).map((documents) => documents.length));
  const bytes = Buffer.concat([
    MAGIC,
    serialize({ concurrent_collections: 4, version: '0.1', server_version: '7.0.0', tool_version: '100.9' }),
    ...names.map((collection) => serialize({ db, collection, metadata: '{}', size: 0, type: 'collection' })),
    TERMINATOR,
    ...Array.from({ length: longest }, (_, index) =>
      names.flatMap((name) => block(name, false, (collections[name] ?? []).slice(index, index + 1))),
    ).flat(),
    ...names.flatMap((name) => block(name, true, [])),
  ]);
  writeFileSync(path, gzip ? gzipSync(bytes) : bytes);
}

/** The documents of a GridFS bucket; the chunks of its files stand among each other. */
export function gridFs(
  bucket: string,
  files: readonly { id: unknown; name: string; bytes: Buffer; at?: Date }[],
  chunkSize = 5,
): Collections {
  const chunks = files.map(({ id, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, n) => ({
      files_id: id,
      n,
      data: bytes.subarray(n * chunkSize, (n + 1) * chunkSize),
    })),
  );
  const longest = Math.max(0, ...chunks.map((of) => of.length));
  return {
    [`${bucket}.files`]: files.map(({ id, name, bytes, at = new Date(0) }) => ({
      _id: id,
      length: bytes.length,
      chunkSize,
      uploadDate: at,
      filename: name,
    })),
    [`${bucket}.chunks`]: Array.from({ length: longest }, (_, index) =>
      chunks.flatMap((of) => of.slice(index, index + 1)),
    ).flat(),
  };
}
