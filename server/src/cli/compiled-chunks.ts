import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';

/**
 * The chunks of the bundle, and what V8 made of them. To read 2.5 MB of JavaScript takes V8 a fifth of a start, so what it has
 * compiled is kept in one file beside them, also those functions that it compiles with their first call. Node's own cache is not there for
 * Node 20, and later versions write it when the process ends, when V8 has thrown away what was not used for a while.
 *
 * V8 trusts what it is given: it compares its version, its flags and the length of the text, and would run a spoiled file. So a digest
 * goes over the file, and each part knows size and time of its chunk. Whoever could write all that could write the chunks as well.
 */
export class CompiledChunks {
  readonly #directory: string;
  readonly #cacheFile: string;
  readonly #modules = new Map<string, { exports: unknown }>();
  readonly #scripts = new Map<string, { script: Script; stamp: string }>();
  readonly #kept: Map<string, KeptScript>;
  /** Whether the next start would profit from a new file. */
  #isStale: boolean;

  constructor(directory: string) {
    this.#directory = directory;
    // Each version of V8 and each set of its flags has a file of its own.
    this.#cacheFile = join(directory, 'compiled', cachedDataVersionTag().toString(16));
    const kept = readKept(this.#cacheFile);
    this.#isStale = kept === undefined;
    this.#kept = kept ?? new Map();
  }

  /** `require` for the chunk `name`, such as `./app-XXXXXXXX.cjs`. */
  load(name: string): unknown {
    const known = this.#modules.get(name);
    if (known) return known.exports;
    const path = join(this.#directory, name);
    const url = pathToFileURL(path).href;
    const requireOfNode = createRequire(path);
    // Node finds the source maps of what its own `require` has loaded.
    const make = process.sourceMapsEnabled
      ? requireOfNode(path)
      : this.#compile(name, path, url).runInThisContext();
    const module = { exports: {} };
    this.#modules.set(name, module);
    const require = (wanted: string) => (wanted.startsWith('./') ? this.load(wanted) : requireOfNode(wanted));
    make(module.exports, Object.assign(require, requireOfNode), module, path, this.#directory, url);
    return module.exports;
  }

  /** To be called when the start is over: writes down what is compiled by now, if the next start would profit. */
  keep(): void {
    try {
      if (this.#isStale && this.#scripts.size > 0) writeKept(this.#cacheFile, this.#scripts);
    } catch {
      // A directory that only others may write to, or a full disk: the next start compiles, as this one did.
    }
    this.#isStale = false;
    this.#scripts.clear();
    this.#kept.clear();
  }

  #compile(name: string, path: string, url: string): Script {
    const { size, mtimeMs } = statSync(path);
    const stamp = `${size} ${mtimeMs}`;
    const kept = this.#kept.get(name);
    const cachedData = kept?.stamp === stamp ? kept.data : undefined;
    // The build escapes everything but ASCII.
    const script = new Script(readFileSync(path, 'latin1'), {
      filename: url,
      cachedData,
    });
    if (kept && (!cachedData || script.cachedDataRejected)) this.#isStale = true;
    this.#scripts.set(name, { script, stamp });
    return script;
  }
}

interface KeptScript {
  /** Size and time of the chunk. */
  stamp: string;
  data: Buffer;
}

/** In front of the parts: the digest of everything that follows it, and how long the list of the parts is. */
const DIGEST_BYTES = 32;
const HEAD_BYTES = DIGEST_BYTES + 4;

function writeKept(path: string, scripts: ReadonlyMap<string, { script: Script; stamp: string }>): void {
  const parts = [...scripts].map(([name, { script, stamp }]) => ({
    name,
    stamp,
    data: script.createCachedData(),
  }));
  const list = Buffer.from(JSON.stringify(parts.map(({ name, stamp, data }) => [name, stamp, data.length])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(list.length);
  const content = Buffer.concat([length, list, ...parts.map(({ data }) => data)]);
  mkdirSync(join(path, '..'), { recursive: true });
  // Another server may start, or write the same, at this moment.
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, Buffer.concat([sha256(content), content]));
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Undefined when there is no file, or not the one that was written. */
function readKept(path: string): Map<string, KeptScript> | undefined {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch {
    return undefined;
  }
  if (file.length < HEAD_BYTES) return undefined;
  const content = file.subarray(DIGEST_BYTES);
  if (!sha256(content).equals(file.subarray(0, DIGEST_BYTES))) return undefined;
  const listEnd = HEAD_BYTES + file.readUInt32LE(DIGEST_BYTES);
  const list = JSON.parse(file.toString('utf8', HEAD_BYTES, listEnd)) as [string, string, number][];
  const kept = new Map<string, KeptScript>();
  let at = listEnd;
  for (const [name, stamp, length] of list) {
    kept.set(name, { stamp, data: file.subarray(at, at + length) });
    at += length;
  }
  return kept;
}

const sha256 = (data: Buffer): Buffer => createHash('sha256').update(data).digest();
