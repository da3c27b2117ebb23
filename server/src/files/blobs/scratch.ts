import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { newId } from '../../kernel/ids.ts';

/** A file that is being received or worked on. Whoever holds it removes it, whatever happens. */
export interface TempFile {
  readonly path: string;
  readonly size: number;
  remove(): Promise<void>;
}

/** More bytes came than are allowed. */
export class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes';
}

/**
 * The directory of temporary files. Where one server alone uses a data directory, everything that is in it at the start is what
 * a crash left behind. Several nodes have a folder in it each, named for the node, and clear away those of nodes that are gone.
 */
export class Scratch {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async open(dir: string): Promise<Scratch> {
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return new Scratch(dir);
  }

  /** The folder of `node`; `live`: the nodes that are there, this one among them. */
  static async openShared(dir: string, node: string, live: ReadonlySet<string>): Promise<Scratch> {
    const own = join(dir, node);
    await mkdir(own, { recursive: true, mode: 0o700 });
    for (const name of await readdir(dir))
      if (name !== node && !live.has(name)) await rm(join(dir, name), { recursive: true, force: true });
    return new Scratch(own);
  }

  /** For the end: the folder with all that is in it. */
  async clear(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** A path for a new temporary file. */
  path(): string {
    return join(this.#dir, newId());
  }

  /**
   * Writes everything that comes into a temporary file and waits for the disk. Leaves nothing when the source fails or
   * more than `maxBytes` come. @throws TooManyBytes
   */
  async receive(source: Readable, maxBytes = Number.POSITIVE_INFINITY): Promise<TempFile> {
    const path = this.path();
    const file = await open(path, 'wx', 0o600);
    try {
      const size = await writeAll(file, source, maxBytes);
      await file.datasync();
      await file.close();
      return tempFile(path, size);
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw error;
    }
  }

  /** A temporary file that somebody else wrote at one of our paths. */
  async adopt(path: string): Promise<TempFile> {
    const file = await open(path, 'r+');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
    return tempFile(path, (await stat(path)).size);
  }
}

async function writeAll(file: FileHandle, source: Readable, maxBytes: number): Promise<number> {
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new TooManyBytes();
    await writeChunk(file, chunk);
  }
  return size;
}

/** One write may take less than it was given, on a disk that is about to be full for example. */
async function writeChunk(file: FileHandle, chunk: Buffer): Promise<void> {
  let written = 0;
  while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten;
}

const tempFile = (path: string, size: number): TempFile => ({
  path,
  size,
  remove: () => rm(path, { force: true }),
});
