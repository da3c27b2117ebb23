import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Settings } from '../../kernel/settings.ts';
import { BlobMissing, type BlobStore, type ByteRange } from './blob-store.ts';
import { type S3Place, s3Place } from './s3-place.ts';
import { askS3, S3Error, type S3Request, s3Text, signedUrl, xmlText, xmlTexts } from './s3-requests.ts';
import type { TempFile } from './scratch.ts';

/** What is sent at once, and held in memory for that; servers want 5 MiB or more of every part but the last. */
const PART_BYTES = 8 * 1024 ** 2;
/** A blob has so many parts at most. */
const MAX_PARTS = 10_000;
const PREFIX = 'gantry/';
const MAX_LINK_SECONDS = 7 * 24 * 60 * 60;

/**
 * Blobs in a bucket of an S3 server, which the settings name: they are read with each call, so that other keys count at once.
 * What is larger than a part is uploaded in parts, and becomes an object with the last of them.
 */
export class S3Blobs implements BlobStore {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Whether the bucket answers to who we are. @throws S3Error and what the network says */
  async check(): Promise<void> {
    await s3Text(this.#place(), {
      method: 'GET',
      query: { 'list-type': '2', 'max-keys': '1', prefix: PREFIX },
    });
  }

  async put(key: string, { path, size }: TempFile, type: string): Promise<void> {
    const place = this.#place();
    const headers = { 'content-type': type, ...(place.acl ? { 'x-amz-acl': place.acl } : {}) };
    const target = { key: PREFIX + key };
    const file = await open(path, 'r');
    try {
      const read = async (start: number, length: number) => {
        const bytes = Buffer.alloc(Math.min(length, size - start));
        for (let done = 0; done < bytes.length; ) {
          const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
          if (bytesRead === 0) throw new Error('a temporary file became shorter');
          done += bytesRead;
        }
        return bytes;
      };
      if (size <= PART_BYTES)
        await s3Text(place, { method: 'PUT', ...target, headers, body: await read(0, size) });
      else await putInParts(place, { ...target, headers }, size, read);
    } finally {
      await file.close();
    }
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end}` } : {};
    const request: S3Request = { method: 'GET', key: PREFIX + key, headers };
    const { statusCode, body } = await askS3(this.#place(), request);
    if (statusCode === (range ? 206 : 200)) return body;
    await body.dump();
    if (statusCode === 404) throw new BlobMissing(key);
    throw new S3Error(statusCode, '', request);
  }

  /** Also what is left of an upload in parts that was cut off: only that has no object. */
  async remove(key: string): Promise<boolean> {
    const place = this.#place();
    const name = PREFIX + key;
    await s3Text(place, { method: 'DELETE', key: name }).catch(ignoring(404));
    const list: S3Request = { method: 'GET', query: { uploads: '', prefix: name } };
    // Small servers do not list them: there an administrator has to let them expire.
    const unfinished = await s3Text(place, list).catch(ignoring(501));
    for (const uploadId of xmlTexts(unfinished?.text ?? '', 'UploadId')) await abort(place, name, uploadId);
    return true;
  }

  link(
    key: string,
    answer: { disposition: string; type: string },
  ): Promise<{ url: string; seconds: number }> {
    const wanted = this.#settings.int('FileUpload_S3_URLExpiryTimeSpan');
    const seconds = Math.min(Math.max(1, Math.floor(wanted)), MAX_LINK_SECONDS);
    return signedUrl(this.#place(), PREFIX + key, { seconds, ...answer }).then((url) => ({ url, seconds }));
  }

  #place(): S3Place {
    return s3Place(this.#settings);
  }
}

async function putInParts(
  place: S3Place,
  { key, headers }: { key: string; headers: Record<string, string> },
  size: number,
  read: (start: number, length: number) => Promise<Buffer>,
): Promise<void> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS));
  const begun = await s3Text(place, { method: 'POST', key, query: { uploads: '' }, headers });
  const uploadId = xmlText(begun.text, 'UploadId');
  if (!uploadId) throw new Error('the object storage began no upload');
  try {
    const parts: string[] = [];
    for (let start = 0; start < size; start += partBytes) {
      const partNumber = parts.length + 1;
      const query = { partNumber: String(partNumber), uploadId };
      const { etag } = await s3Text(place, { method: 'PUT', key, query, body: await read(start, partBytes) });
      parts.push(`<Part><PartNumber>${partNumber}</PartNumber><ETag>${etag}</ETag></Part>`);
    }
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const request: S3Request = { method: 'POST', key, query: { uploadId }, body };
    const { text } = await s3Text(place, request);
    // The server begins to answer before it knows how that ends.
    if (text.includes('<Error>')) throw new S3Error(200, xmlText(text, 'Code') ?? '', request);
  } catch (error) {
    // Where this fails too, the key is written down as to be removed, which ends the upload.
    await abort(place, key, uploadId).catch(() => {});
    throw error;
  }
}

const abort = (place: S3Place, key: string, uploadId: string): Promise<unknown> =>
  s3Text(place, { method: 'DELETE', key, query: { uploadId } }).catch(ignoring(404));

const ignoring =
  (status: number) =>
  (error: unknown): undefined => {
    if (!(error instanceof S3Error) || error.status !== status) throw error;
  };
