import { pipeline, type Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Representation } from './download.ts';

/** What is shorter fits into a packet anyway. */
const LEAST_BYTES = 1024;

/** Types of which much is left out by packing; pictures, sounds, films and archives are packed already. */
const PACKABLE =
  /^(text\/|image\/(bmp|x-ms-bmp|svg\+xml)$|application\/(json|xml|javascript|x-sh|sql|rtf)$)|\+(json|xml)$/;

/** Whether the bytes go packed to this client; then they are another representation, of which there are no ranges. */
export function isPacked(
  { method, headers }: FastifyRequest,
  { packable, type, size }: Representation,
): boolean {
  if (!packable || method !== 'GET' || headers.range !== undefined || size < LEAST_BYTES) return false;
  return (
    PACKABLE.test(type.split(';')[0]?.trim().toLowerCase() ?? '') && takesGzip(headers['accept-encoding'])
  );
}

/** `gzip`, or everything, unless with a weight of nothing. */
function takesGzip(accepted: string | string[] | undefined): boolean {
  const weights = new Map<string, number>();
  for (const entry of String(accepted ?? '').split(',')) {
    const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

/** Caches must know that the answer depends on the header; so may it on others. */
export function addVary(reply: FastifyReply, header: string): void {
  const already = reply.getHeader('vary');
  reply.header('vary', already === undefined ? header : `${String(already)}, ${header}`);
}

export function pack(bytes: Readable): Readable {
  // An end before its time ends the answer, too: the client sees that it is incomplete.
  return pipeline(bytes, createGzip(), () => {});
}
