import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Blobs } from '../files/blobs/blobs.ts';
import type { TempFile } from '../files/blobs/scratch.ts';
import { newId } from '../kernel/ids.ts';
import type { Doc } from './bson-documents.ts';
import type { Dump } from './dump.ts';
import { countOf, partOf, textOf, timeOf } from './fields.ts';

/** Bytes that stand in the place for files and belong to no file yet. */
export interface PlacedBytes {
  key: string;
  size: number;
}

interface GridFile {
  id: string;
  name: string;
  length: number;
  chunkSize: number;
  path: string;
  /** Bytes of its chunks so far. */
  received: number;
}

const DEFAULT_CHUNK = 255 * 1024;

/** Brings the bytes of a dump, or of a folder beside it, into our place for files (spec 32 D.7). */
export class Bytes {
  readonly #blobs: Blobs;
  readonly #dump: Dump;
  readonly #folder: string | undefined;
  /** Whether a file has come to need them, by key. */
  readonly #placed = new Map<string, boolean>();

  /** `folder`: where a workspace kept files outside of its database. */
  constructor(blobs: Blobs, dump: Dump, folder: string | undefined) {
    this.#blobs = blobs;
    this.#dump = dump;
    this.#folder = folder;
  }

  /** The complete files of a bucket, by their id or by their name, of which the newest counts. */
  async ofBucket(bucket: string, by: 'id' | 'name'): Promise<Map<string, PlacedBytes>> {
    const files = await this.#filesOfBucket(bucket, by);
    await this.#writeChunks(bucket, new Map([...files.values()].map((file) => [file.id, file])));
    const placed = new Map<string, PlacedBytes>();
    for (const [called, { path, length, received }] of files) {
      if (length === 0) await (await open(path, 'w', 0o600)).close();
      const temp = await this.#blobs.scratch.adopt(path).catch(() => undefined);
      if (!temp) continue;
      // A chunk that is missing leaves a hole, which counts for the size of the file on the disk.
      if (temp.size === length && received === length) placed.set(called, await this.#place(temp));
      else await temp.remove();
    }
    return placed;
  }

  /** What lies in the folder under the name or the path that an upload had at its store; undefined where nothing does. */
  async ofFolder(upload: Doc): Promise<PlacedBytes | undefined> {
    const id = textOf(upload, '_id');
    if (this.#folder === undefined || id === undefined) return undefined;
    const elsewhere = ['AmazonS3', 'GoogleStorage', 'Webdav'].map((store) => partOf(upload, store));
    const paths = elsewhere.map((part) => part && textOf(part, 'path'));
    for (const name of [`${id}.${textOf(upload, 'extension') ?? ''}`, id, ...paths]) {
      const path = name && resolve(join(this.#folder, name));
      if (!path?.startsWith(resolve(this.#folder) + sep)) continue;
      if (!(await stat(path).catch(() => undefined))?.isFile()) continue;
      return this.#place(await this.#blobs.scratch.receive(createReadStream(path)));
    }
    return undefined;
  }

  /** A file needs these bytes. */
  noteNeeded({ key }: PlacedBytes): void {
    this.#placed.set(key, true);
  }

  /** At the end: removes what no file came to need, and everything when nothing was imported. */
  async clearAway({ isStored }: { isStored: boolean }): Promise<void> {
    for (const [key, isNeeded] of this.#placed)
      if (!(isStored && isNeeded)) await this.#blobs.store('FileSystem').remove(key);
  }

  async #place(temp: TempFile): Promise<PlacedBytes> {
    const key = newId();
    await this.#blobs.store('FileSystem').put(key, temp, '');
    this.#placed.set(key, false);
    return { key, size: temp.size };
  }

  async #filesOfBucket(bucket: string, by: 'id' | 'name'): Promise<Map<string, GridFile>> {
    const newest = new Map<string, { file: GridFile; at: number }>();
    for await (const doc of this.#dump.documents(`${bucket}.files`)) {
      const id = textOf(doc, '_id');
      const name = textOf(doc, 'filename') ?? '';
      const called = by === 'id' ? id : name;
      if (id === undefined || !called) continue;
      const at = timeOf(doc, 'uploadDate') ?? 0;
      if ((newest.get(called)?.at ?? -1) > at) continue;
      const length = countOf(doc, 'length');
      const chunkSize = countOf(doc, 'chunkSize') || DEFAULT_CHUNK;
      const path = this.#blobs.scratch.path();
      newest.set(called, { at, file: { id, name, length, chunkSize, path, received: 0 } });
    }
    return new Map([...newest].map(([called, { file }]) => [called, file]));
  }

  /** Chunks of several files may stand among each other. */
  async #writeChunks(bucket: string, files: ReadonlyMap<string, GridFile>): Promise<void> {
    let open_: { id: string; handle: FileHandle } | undefined;
    try {
      for await (const chunk of this.#dump.documents(`${bucket}.chunks`)) {
        const file = files.get(textOf(chunk, 'files_id') ?? '');
        const { data, n } = chunk;
        if (!file || !Buffer.isBuffer(data) || typeof n !== 'number') continue;
        const position = n * file.chunkSize;
        if (!Number.isSafeInteger(position) || position < 0 || position + data.length > file.length) continue;
        if (open_?.id !== file.id) {
          await open_?.handle.close();
          open_ = { id: file.id, handle: await open(file.path, constants.O_RDWR | constants.O_CREAT, 0o600) };
        }
        await open_.handle.write(data, 0, data.length, position);
        file.received += data.length;
      }
    } finally {
      await open_?.handle.close();
    }
  }
}
