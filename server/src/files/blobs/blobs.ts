import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Settings } from '../../kernel/settings.ts';
import type { BlobStore, StoreName } from './blob-store.ts';
import { DiskBlobs } from './disk-blobs.ts';
import { S3Blobs } from './s3-blobs.ts';
import { Scratch } from './scratch.ts';

/** Everything that holds bytes. What is stored where is said by the rows of `files`. */
export interface Blobs {
  scratch: Scratch;
  store(name: StoreName): BlobStore;
  /** Of a server in memory nothing stays on the disk. */
  close(): Promise<void>;
}

/** Where the files of a data directory are; `gantry backup` looks there too. */
export const filesDirectory = (dataDir: string): string => join(dataDir, 'files');

/** Of several nodes, whose directories may be one. */
export interface Sharing {
  /** The name of the database that they share. */
  database: string;
  /** This node. */
  node: string;
  /** The nodes that are there, this one among them. */
  live: ReadonlySet<string>;
}

/** `sharing`: undefined where no other process can use the directory. Throws when it belongs to another database. */
export async function openBlobs(
  config: Pick<Config, 'memory' | 'dataDir'>,
  sharing?: Sharing,
): Promise<Blobs> {
  const dir = config.memory ? await mkdtemp(join(tmpdir(), 'gantry-files-')) : filesDirectory(config.dataDir);
  if (sharing) await refuseOtherDatabase(dir, sharing.database);
  // Beside the blobs: a finished file is moved, which only works on one disk.
  const temporary = join(dir, 'tmp');
  const scratch = sharing
    ? await Scratch.openShared(temporary, sharing.node, sharing.live)
    : await Scratch.open(temporary);
  const stores: Record<string, BlobStore> = { FileSystem: new DiskBlobs(join(dir, 'blobs')) };
  return {
    scratch,
    store(name) {
      const store = stores[name];
      if (!store) throw new Error(`there is no place for files called ${name}`);
      return store;
    },
    async close() {
      if (config.memory) await rm(dir, { recursive: true, force: true });
      else if (sharing) await scratch.clear();
    },
  };
}

/** The first node writes down to which database the files belong. */
async function refuseOtherDatabase(dir: string, database: string): Promise<void> {
  const path = join(dir, '.gantry-database');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, database, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const other = await readFile(path, 'utf8');
    if (other === database) return;
    throw new Error(
      `The files in ${dir} belong to another database (${path} names it). Give each workspace a data directory of its own.`,
    );
  }
}

/** With the bucket that the settings name as a second place. */
export function withBucket(blobs: Blobs, settings: Settings): Blobs {
  const bucket = new S3Blobs(settings);
  return { ...blobs, store: (name) => (name === 'AmazonS3' ? bucket : blobs.store(name)) };
}
