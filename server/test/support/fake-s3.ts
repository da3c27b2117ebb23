import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * An S3 server for tests, path style: objects with ranges, uploads in parts, their list and their end. It checks every
 * signature (SigV4, in headers and in addresses) by the published rules, independently of what the product signs with.
 */
export interface FakeS3 {
  url: string;
  objects: Map<string, { bytes: Buffer; type: string | undefined }>;
  /** Uploads in parts that are neither complete nor aborted: their ids, and the key of each. */
  unfinished: Map<string, string>;
  /** Every request as `METHOD query-names`. */
  requests: string[];
  /** Answers requests that it is true for with the status, instead of doing what they ask. */
  fails: ((request: string) => number | undefined) | undefined;
  close(): Promise<void>;
}

const REGION = 'eu-central-1';
export const S3_KEYS = {
  accessKeyId: 'AKIATEST',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY',
  region: REGION,
};
export const S3_BUCKET = 'bucket';

export async function startFakeS3(): Promise<FakeS3> {
  const fake: FakeS3 = {
    ...{ url: '', objects: new Map(), unfinished: new Map(), requests: [], fails: undefined },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const parts = new Map<string, Map<number, Buffer>>();
  const server = createServer((request, response) => {
    void answer(fake, parts, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}

async function answer(
  fake: FakeS3,
  parts: Map<string, Map<number, Buffer>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces);
  const url = new URL(request.url ?? '', fake.url);
  const { method = 'GET' } = request;
  const query = url.searchParams;
  const names = [...query.keys()].filter((name) => !name.startsWith('X-Amz-'));
  const described = [method, ...names].join(' ');
  fake.requests.push(described);
  const send = (status: number, content: string | Buffer = '', headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-length': String(Buffer.byteLength(content)), ...headers });
    response.end(method === 'HEAD' ? undefined : content);
  };
  const refuse = (status: number, code: string) => send(status, `<Error><Code>${code}</Code></Error>`);
  const failure = fake.fails?.(described);
  if (failure) return refuse(failure, 'AsTold');
  if (!isSigned(request, url, body)) return refuse(403, 'SignatureDoesNotMatch');
  const [, bucket, ...rest] = url.pathname.split('/');
  if (bucket !== S3_BUCKET) return refuse(404, 'NoSuchBucket');
  const key = rest.join('/');
  const uploadId = query.get('uploadId') ?? '';
  if (query.has('uploads') && method === 'POST') {
    const id = randomBytes(8).toString('hex');
    fake.unfinished.set(id, key);
    parts.set(id, new Map());
    return send(
      200,
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }
  if (query.has('uploads')) {
    const found = [...fake.unfinished].filter(([, of]) => of.startsWith(query.get('prefix') ?? ''));
    return send(200, found.map(([id]) => `<Upload><UploadId>${id}</UploadId></Upload>`).join(''));
  }
  if (uploadId) {
    const known = parts.get(uploadId);
    if (!known || !fake.unfinished.has(uploadId)) return refuse(404, 'NoSuchUpload');
    if (method === 'DELETE') {
      fake.unfinished.delete(uploadId);
      return send(204);
    }
    if (method === 'PUT') {
      known.set(Number(query.get('partNumber')), body);
      return send(200, '', { etag: etagOf(body) });
    }
    const wanted = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)];
    const found = wanted.map(([, number]) => known.get(Number(number)));
    const fits = wanted.every(([, , etag], index) => found[index] && etagOf(found[index]) === etag);
    if (!fits) return refuse(400, 'InvalidPart');
    fake.objects.set(key, { bytes: Buffer.concat(found as Buffer[]), type: undefined });
    fake.unfinished.delete(uploadId);
    return send(200, '<CompleteMultipartUploadResult/>');
  }
  if (method === 'PUT') {
    fake.objects.set(key, { bytes: body, type: request.headers['content-type'] });
    return send(200, '', { etag: etagOf(body) });
  }
  if (method === 'DELETE') {
    fake.objects.delete(key);
    return send(204);
  }
  if (key === '') return send(200, '<ListBucketResult/>');
  const object = fake.objects.get(key);
  if (!object) return refuse(404, 'NoSuchKey');
  const headers: Record<string, string> = {
    'content-type': query.get('response-content-type') ?? object.type ?? 'binary/octet-stream',
    ...(query.has('response-content-disposition')
      ? { 'content-disposition': query.get('response-content-disposition') ?? '' }
      : {}),
  };
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined) return send(200, object.bytes, headers);
  send(206, object.bytes.subarray(Number(start), Number(end) + 1), headers);
}

const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function isSigned(request: IncomingMessage, url: URL, body: Buffer): boolean {
  const query = url.searchParams;
  const inQuery = query.has('X-Amz-Signature');
  const [, credential = '', signedHeaders = '', signature = ''] = inQuery
    ? ['', query.get('X-Amz-Credential'), query.get('X-Amz-SignedHeaders'), query.get('X-Amz-Signature')].map(
        String,
      )
    : (/Credential=([^,]*), ?SignedHeaders=([^,]*), ?Signature=(\w+)/.exec(
        request.headers.authorization ?? '',
      ) ?? []);
  const [accessKeyId, day = '', region, service, terminator] = credential.split('/');
  if (
    accessKeyId !== S3_KEYS.accessKeyId ||
    region !== REGION ||
    service !== 's3' ||
    terminator !== 'aws4_request'
  )
    return false;
  const date = inQuery ? query.get('X-Amz-Date') : request.headers['x-amz-date'];
  const payload = inQuery ? 'UNSIGNED-PAYLOAD' : String(request.headers['x-amz-content-sha256']);
  if (!inQuery && payload !== sha256(body)) return false;
  if (inQuery && isOver(String(date), Number(query.get('X-Amz-Expires')))) return false;
  const pairs = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([k, v]) => `${encode(k)}=${encode(v)}`);
  const canonical = [
    ...[request.method, url.pathname, pairs.sort().join('&')],
    ...signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}`),
    ...['', signedHeaders, payload],
  ].join('\n');
  const scope = `${day}/${REGION}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [day, REGION, 's3', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${S3_KEYS.secretAccessKey}`,
  );
  return hmac(key, text).toString('hex') === signature;
}

function isOver(date: string, seconds: number): boolean {
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return !(Date.parse(iso) + seconds * 1000 > Date.now());
}
