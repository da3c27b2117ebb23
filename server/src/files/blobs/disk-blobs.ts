import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncDirectory } from '../../storage/sqlite/directory-lock.ts';
import { BlobMissing, type BlobStore, type ByteRange } from './blob-store.ts';
import type { TempFile } from './scratch.ts';

/** What one read from the disk fetches. */
const READ_BYTES = 256 * 1024;
/** Keys are ids that we made; anything else must never become a path. */
const KEY = /^[A-Za-z0-9]{4,64}$/;

/**
 * Blobs as files in 4,096 or fewer directories each of two levels, named for the first characters of the key: a
 * directory with a million entries would be slow to work with.
 */
export class DiskBlobs implements BlobStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Moves the file, which has to be on the same disk; the caller has waited for its bytes to be on it. */
  async put(key: string, source: TempFile): Promise<void> {
    const path = this.#path(key);
    const created = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(source.path, path);
    await syncDirectory(dirname(path));
    if (created) await syncDirectory(dirname(created));
  }

  /** The file is open when this resolves: removing it meanwhile does not disturb who is reading it. */
  async open(key: string, range?: ByteRange): Promise<Readable> {
    try {
      const file = await open(this.#path(key), 'r');
      return file.createReadStream({ ...range, highWaterMark: READ_BYTES });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new BlobMissing(key);
      throw error;
    }
  }

  async remove(key: string): Promise<boolean> {
    try {
      await rm(this.#path(key));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  #path(key: string): string {
    if (!KEY.test(key)) throw new Error('not a key of a blob');
    return join(this.#dir, key.slice(0, 2).toLowerCase(), key.slice(2, 4).toLowerCase(), key);
  }
}
