import { mkdtemp, rm } from 'node:fs/promises';
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

export async function openBlobs(config: Pick<Config, 'memory' | 'dataDir'>): Promise<Blobs> {
  const dir = config.memory ? await mkdtemp(join(tmpdir(), 'gantry-files-')) : filesDirectory(config.dataDir);
  // Beside the blobs: a finished file is moved, which only works on one disk.
  const scratch = await Scratch.open(join(dir, 'tmp'));
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
    },
  };
}

/** With the bucket that the settings name as a second place. */
export function withBucket(blobs: Blobs, settings: Settings): Blobs {
  const bucket = new S3Blobs(settings);
  return { ...blobs, store: (name) => (name === 'AmazonS3' ? bucket : blobs.store(name)) };
}
