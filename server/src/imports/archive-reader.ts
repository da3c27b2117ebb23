import type { Entry, ZipFile } from 'yauzl';
import { BadImportFile, LIMITS } from './limits.ts';

export interface ArchiveEntry {
  /** With slashes, never leading out of the archive. */
  path: string;
  /** Bytes in the archive. */
  packed: number;
  /** The text of it, a piece at a time. */
  text(): AsyncIterable<string>;
}

/** Bytes from which on a ratio is suspicious: a small file of blanks is none. */
const SUSPICIOUS = 4 * 1024 ** 2;

/**
 * Reads a ZIP by its table of contents, one entry after the other, without unpacking anything to the disk and without holding
 * more than a piece of an entry in memory. Names that lead out of the archive end the reading, and so does what unpacks to
 * more than it says or to more than anybody exports.
 */
export class ArchiveReader {
  readonly #zip: ZipFile;
  #unpacked = 0;

  private constructor(zip: ZipFile) {
    this.#zip = zip;
  }

  /** Calls `work` with a reader that is closed afterwards. @throws BadImportFile */
  static async read<T>(path: string, work: (reader: ArchiveReader) => Promise<T>): Promise<T> {
    // Loaded with the first import.
    const { openPromise } = await import('../kernel/packages/yauzl.ts');
    let zip: ZipFile;
    try {
      zip = await openPromise(path, { autoClose: false });
    } catch (cause) {
      throw new BadImportFile(`this is no ZIP archive: ${(cause as Error).message}`, { cause });
    }
    try {
      return await work(new ArchiveReader(zip));
    } finally {
      zip.close();
    }
  }

  /** The files in the archive, in its order. @throws BadImportFile */
  async *entries(): AsyncGenerator<ArchiveEntry> {
    if (this.#zip.entryCount > LIMITS.entries)
      throw new BadImportFile(`the archive has more than ${LIMITS.entries} entries`);
    try {
      for await (const entry of this.#zip.eachEntry()) {
        const path = entry.fileName;
        if (path.endsWith('/') || isNoise(path)) continue;
        yield { path, packed: entry.compressedSize, text: () => this.#text(entry) };
      }
    } catch (cause) {
      throw new BadImportFile((cause as Error).message, { cause });
    }
  }

  async *#text(entry: Entry): AsyncGenerator<string> {
    const { compressedSize, uncompressedSize } = entry;
    this.#unpacked += uncompressedSize;
    const isBomb = uncompressedSize > SUSPICIOUS && uncompressedSize > compressedSize * LIMITS.ratio;
    if (isBomb || uncompressedSize > LIMITS.entry || this.#unpacked > LIMITS.unpacked)
      throw new BadImportFile(`${entry.fileName} unpacks to more than is allowed`);
    try {
      const bytes = await this.#zip.openReadStreamPromise(entry);
      bytes.setEncoding('utf8');
      for await (const piece of bytes) yield piece as string;
    } catch (cause) {
      throw new BadImportFile(`${entry.fileName} cannot be unpacked: ${(cause as Error).message}`, { cause });
    }
  }
}

const isNoise = (path: string): boolean =>
  path.startsWith('__MACOSX') || path === '.DS_Store' || path.endsWith('/.DS_Store');
