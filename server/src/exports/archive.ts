import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { ZipFile } from 'yazl';

/** A zip that is written to a path, one entry after the other, without holding more than a piece of one in memory. */
export class Archive {
  readonly #zip: ZipFile;
  readonly #written: Promise<void>;

  private constructor(zip: ZipFile, path: string, signal: AbortSignal) {
    this.#zip = zip;
    this.#written = pipeline(
      zip.outputStream as Readable,
      createWriteStream(path, { flags: 'wx', mode: 0o600 }),
      { signal },
    );
    // Whoever waits for an entry, or for the end, is told.
    this.#written.catch(() => {});
    zip.on('error', (error: Error) => (zip.outputStream as Readable).destroy(error));
  }

  static async open(path: string, signal: AbortSignal): Promise<Archive> {
    // Loaded with the first export.
    const { ZipFile: Zip } = await import('../kernel/packages/yazl.ts');
    return new Archive(new Zip(), path, signal);
  }

  /** Resolves when the content is read to its end. `isPacked`: it would not become smaller. */
  async add(name: string, content: Readable | AsyncIterable<string>, isPacked = false): Promise<void> {
    const source = content instanceof Readable ? content : Readable.from(content, { objectMode: false });
    const read = finished(source, { writable: false });
    this.#zip.addReadStream(source, name, { compress: !isPacked });
    try {
      await Promise.race([read, this.#written]);
    } finally {
      // Where the archive failed, nobody reads it any more.
      read.catch(() => {});
      source.destroy();
    }
  }

  /** Resolves when everything is in the file. */
  async finish(): Promise<void> {
    this.#zip.end();
    await this.#written;
  }
}

const LONGEST_NAME = 100;

/** A name that every system can unpack: no path, nothing that Windows forbids. */
export function entryName(name: string): string {
  const safe = [...name.replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]/gu, '_')];
  // The end says what kind of file it is.
  return safe.length > LONGEST_NAME ? safe.slice(-LONGEST_NAME).join('') : safe.join('');
}
