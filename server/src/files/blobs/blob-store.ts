import type { Readable } from 'node:stream';
import type { TempFile } from './scratch.ts';

/** Which part of a file is wanted; both ends belong to it. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Where a file's bytes are kept, under the names that clients and the setting `FileUpload_Storage_Type` know. */
export type StoreName = 'FileSystem' | 'AmazonS3';

/**
 * A place for bytes. A blob is written once under a fresh key and never changed, so that whoever reads one is not
 * disturbed, and a copy made file by file is consistent.
 */
export interface BlobStore {
  /** Takes the temporary file's bytes; resolves when they are safe. The temporary file may be gone afterwards. */
  put(key: string, source: TempFile, type: string): Promise<void>;
  /** The bytes, or a part of them. @throws BlobMissing */
  open(key: string, range?: ByteRange): Promise<Readable>;
  /** Removing what is not there is no error. False when it was not there, where that may mean that another machine has it. */
  remove(key: string): Promise<boolean>;
  /** An address at which whoever has it can fetch the bytes for some seconds, where the place gives them out itself. */
  link?(
    key: string,
    answer: { disposition: string; type: string },
  ): Promise<{ url: string; seconds: number }>;
}

export class BlobMissing extends Error {
  override readonly name = 'BlobMissing';
}
