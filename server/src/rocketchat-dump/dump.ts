import { closeSync, createReadStream, createWriteStream, openSync, readSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isArchive, unpackArchive } from './archive.ts';
import { BrokenDump, type Doc, documentsOfFile, parseDocument } from './bson-documents.ts';

const USERS = 'users';

/** The collections of one database, as `mongodump` wrote them (spec 32 D.1): a folder, compressed or not, or an archive. */
export class Dump {
  readonly #paths: ReadonlyMap<string, string>;
  /** Where what was packed lies, to be removed at the end. */
  readonly #unpacked: string | undefined;

  private constructor(paths: ReadonlyMap<string, string>, unpacked?: string) {
    this.#paths = paths;
    this.#unpacked = unpacked;
  }

  /**
   * `wanted`: names of collections. What is packed is unpacked into a temporary folder first, because some of it is read twice.
   * @throws BrokenDump
   */
  static async open(path: string, wanted: readonly string[]): Promise<Dump> {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new BrokenDump(`there is nothing at ${path}`);
    if (!found.isDirectory() && !(await isArchive(path)))
      throw new BrokenDump(`${path} is neither a folder of mongodump nor an archive of it`);
    const folder = await mkdtemp(join(tmpdir(), 'gantry-dump-'));
    try {
      const paths = found.isDirectory()
        ? await unpackFolder(await folderOfDatabase(path), folder, wanted)
        : await unpackArchive(path, folder, wanted);
      if (!paths.has(USERS)) throw new BrokenDump(`the dump at ${path} has no collection ${USERS}`);
      return new Dump(paths, folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** In the order of the dump; none where the collection is not in it. */
  async *documents(collection: string): AsyncGenerator<Doc> {
    const path = this.#paths.get(collection);
    if (path === undefined) return;
    for await (const { bytes } of documentsOfFile(path)) yield parseDocument(bytes, collection);
  }

  /** In the order of the time that a member says; those without one come first. Holds only where each document is. */
  async *documentsByTime(collection: string, timeOf: (doc: Doc) => number): AsyncGenerator<Doc> {
    const path = this.#paths.get(collection);
    if (path === undefined) return;
    // Plain lists of numbers: a workspace has millions of messages.
    const starts: number[] = [];
    const times: number[] = [];
    let end = 0;
    for await (const { bytes, at } of documentsOfFile(path)) {
      starts.push(at);
      times.push(timeOf(parseDocument(bytes, collection)));
      end = at + bytes.length;
    }
    const order = Uint32Array.from(starts, (_, index) => index);
    order.sort((one, other) => (times[one] ?? 0) - (times[other] ?? 0) || one - other);
    // Nobody else waits in this process, and a read that others could overtake takes twenty times as long.
    const file = openSync(path, 'r');
    try {
      for (const index of order) {
        const at = starts[index] ?? 0;
        const bytes = Buffer.alloc((starts[index + 1] ?? end) - at);
        readSync(file, bytes, 0, bytes.length, at);
        yield parseDocument(bytes, collection);
      }
    } finally {
      closeSync(file);
    }
  }

  async close(): Promise<void> {
    if (this.#unpacked !== undefined) await rm(this.#unpacked, { recursive: true, force: true });
  }
}

/** The folder itself, or the only one in it that has users: `mongodump` makes one for each database. */
async function folderOfDatabase(path: string): Promise<string> {
  const hasUsers = async (folder: string) =>
    (await readdir(folder)).some((name) => name === `${USERS}.bson` || name === `${USERS}.bson.gz`);
  if (await hasUsers(path)) return path;
  const inside = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const folders: string[] = [];
  for (const { name } of inside) if (await hasUsers(join(path, name))) folders.push(join(path, name));
  const [folder] = folders;
  if (!folder) throw new BrokenDump(`there is no users.bson in ${path} or in a folder of it`);
  if (folders.length > 1)
    throw new BrokenDump(`several databases are in ${path}; name one: ${folders.join(', ')}`);
  return folder;
}

async function unpackFolder(
  from: string,
  to: string,
  wanted: readonly string[],
): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const name of await readdir(from)) {
    const collection = basename(name).replace(/\.bson(\.gz)?$/, '');
    if (collection === name || !wanted.includes(collection)) continue;
    if (name.endsWith('.gz')) {
      const path = join(to, `${collection}.bson`);
      await pipeline(createReadStream(join(from, name)), createGunzip(), createWriteStream(path)).catch(
        (error) => {
          throw new BrokenDump(`${name} cannot be unpacked: ${error.message}`);
        },
      );
      paths.set(collection, path);
    } else paths.set(collection, join(from, name));
  }
  return paths;
}
