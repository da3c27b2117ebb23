import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { S3Place } from './s3-place.ts';

/** Requests to an S3 server, signed (SigV4), and made again where it was busy or not to be reached. */

export interface S3Request {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Absent: the bucket itself. */
  key?: string;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
}

export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;

  /** `code` as the server says it, such as `NoSuchBucket`. */
  constructor(status: number, code: string, request: S3Request) {
    super(`${request.method} of the object storage was answered with ${status} ${code}`);
    this.status = status;
  }
}

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 200;
/** Until the server begins to answer, and between two pieces of what it sends. */
const PATIENCE_MS = 30_000;
const MAX_ANSWER = 1024 ** 2;

/** The answer, whatever it says. Its body has to be read or dumped. */
export async function askS3(place: S3Place, request: S3Request): Promise<Dispatcher.ResponseData> {
  // Loaded with the first file that is kept there. An administrator names the server, which may well be inside the network:
  // what guards addresses that people name (`outbound/`) is not for this.
  const { request: send } = await import('../../kernel/packages/undici.ts');
  for (let attempt = 1; ; attempt++) {
    const { url, headers } = await signed(place, request);
    try {
      const answer = await send(url, {
        method: request.method,
        headers,
        body: request.body ?? null,
        headersTimeout: PATIENCE_MS,
        bodyTimeout: PATIENCE_MS,
      });
      if (!isPassing(answer.statusCode) || attempt >= ATTEMPTS) return answer;
      await answer.body.dump();
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error;
    }
    await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
  }
}

/** Busy, or ill for a moment; what a server has not built (501) it has not built a moment later either. */
const isPassing = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

/** The text of an answer that has to be a success. @throws S3Error */
export async function s3Text(place: S3Place, request: S3Request): Promise<{ text: string; etag: string }> {
  const answer = await askS3(place, request);
  const text = await shortText(answer.body);
  if (answer.statusCode >= 300) throw new S3Error(answer.statusCode, xmlText(text, 'Code') ?? '', request);
  return { text, etag: String(answer.headers.etag ?? '') };
}

async function shortText(body: Dispatcher.ResponseData['body']): Promise<string> {
  let text = '';
  for await (const piece of body as AsyncIterable<Buffer>) {
    text += piece.toString('utf8');
    if (text.length > MAX_ANSWER) throw new Error('the object storage answers without end');
  }
  return text;
}

/** The first such element of an XML answer. */
export const xmlText = (xml: string, name: string): string | undefined => xmlTexts(xml, name)[0];

export const xmlTexts = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replace(/&(amp|lt|gt|quot|apos);/g, (_all, entity: string) => ENTITIES[entity] ?? ''),
  );

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

async function signed(place: S3Place, { method, key, query, headers = {}, body }: S3Request) {
  // The server checks with it that what came is what was sent.
  const hash = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  const all = { ...headers, 'x-amz-content-sha256': hash };
  const sent = await (await signer(place, { method, key, query, headers: all })).sign();
  return { url: sent.url.href, headers: Object.fromEntries(sent.headers) };
}

/** An address at which a blob can be fetched for some seconds by whoever has it. */
export async function signedUrl(
  place: S3Place,
  key: string,
  { seconds, ...answer }: { seconds: number; disposition: string; type: string },
): Promise<string> {
  const query = {
    'X-Amz-Expires': String(seconds),
    'response-content-disposition': answer.disposition,
    'response-content-type': answer.type,
  };
  const { url } = await (await signer(place, { method: 'GET', key, query }, 'query')).sign();
  return url.href;
}

async function signer(
  { url: base, region, accessKeyId, secretAccessKey }: S3Place,
  { method, key = '', query = {}, headers = {} }: Omit<S3Request, 'body'>,
  where: 'headers' | 'query' = 'headers',
) {
  const { AwsV4Signer } = await import('aws4fetch');
  const url = new URL(key, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return new AwsV4Signer({
    ...{ method, url: url.href, headers: { ...headers }, service: 's3' },
    ...{ region, accessKeyId, secretAccessKey, signQuery: where === 'query' },
  });
}
