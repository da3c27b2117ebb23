import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Representation } from './download.ts';
import { addVary, isPacked, pack } from './pack.ts';

/**
 * Answers with bytes as RFC 9110 has it: conditional requests, single ranges, HEAD. Several ranges at once, which no client
 * of ours asks for, get everything. What packs well goes packed where the route lets it.
 */
export async function sendRepresentation(
  request: FastifyRequest,
  reply: FastifyReply,
  representation: Representation,
): Promise<FastifyReply> {
  const { type, size, headers, etag } = representation;
  const modified = new Date(Math.floor(representation.modifiedAt / 1000) * 1000).toUTCString();
  const tag = etag === undefined ? undefined : `"${etag}"`;
  const packed = isPacked(request, representation);
  reply.headers(headers).header('last-modified', modified);
  // The same content, but not the same bytes.
  if (tag) reply.header('etag', packed ? `W/${tag}` : tag);
  if (representation.packable) addVary(reply, 'accept-encoding');
  if (isUnchanged(request, tag, modified)) return reply.code(304).send();

  const range = wantedRange(request, tag, modified, size);
  if (range === 'outside') return reply.code(416).header('content-range', `bytes */${size}`).send();
  // First: what cannot be opened is answered as an error, which has another length and type.
  const bytes = request.method === 'HEAD' ? undefined : await representation.open(range);
  if (packed && bytes) {
    reply.headers({ 'content-type': type, 'content-encoding': 'gzip', 'accept-ranges': 'none' });
    return reply.send(pack(bytes));
  }
  reply.headers({ 'content-type': type, 'accept-ranges': 'bytes' });
  reply.header('content-length', range ? range.end - range.start + 1 : size);
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
  return reply.send(bytes);
}

/**
 * `If-None-Match` has the say where both are given. What has no tag may be followed by something older, as letters follow a
 * picture: only the very date says that nothing changed (spec 11 §6).
 */
function isUnchanged({ headers }: FastifyRequest, tag: string | undefined, modified: string): boolean {
  const known = headers['if-none-match'];
  if (known !== undefined) return tag !== undefined && namesTag(known, tag);
  const since = headers['if-modified-since'];
  if (since === undefined) return false;
  const seen = Date.parse(since);
  return tag === undefined ? seen === Date.parse(modified) : seen >= Date.parse(modified);
}

/** Whether an `If-None-Match` header names the tag, which has its quotes. */
export const namesTag = (header: string, tag: string): boolean =>
  header.split(',').some((each) => sameWeakly(each.trim(), tag));

const sameWeakly = (given: string, tag: string): boolean =>
  given === '*' || given.replace(/^W\//, '') === tag;

interface Range {
  start: number;
  end: number;
}

/** Undefined: everything. */
function wantedRange(
  { headers, method }: FastifyRequest,
  tag: string | undefined,
  modified: string,
  size: number,
): Range | 'outside' | undefined {
  const { range } = headers;
  if (range === undefined || method !== 'GET') return undefined;
  const onlyIf = headers['if-range'];
  // Another version than the client has a part of: all of it, so that it does not put two versions together.
  if (onlyIf !== undefined && onlyIf !== tag && onlyIf !== modified) return undefined;
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  return start > end || start >= size ? 'outside' : { start, end };
}
