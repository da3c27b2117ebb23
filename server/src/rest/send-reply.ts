import type { FastifyReply } from 'fastify';
import { jsonObject } from '../kernel/raw-json.ts';
import { RawReply } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** Headers of every answer below `/api/` (spec 00 §1); `nosniff` is ours. */
const COMMON_HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'x-content-type-options': 'nosniff',
};

/** Without a serializer Fastify appends a charset to the content type of a string. */
const asItIs = (text: unknown): string => text as string;

/** Sends JSON text. As text: Node puts it into one piece with the headers, which bytes would follow as another. */
function sendJsonText(reply: FastifyReply, status: number, text: string): void {
  reply.code(status).headers(COMMON_HEADERS).serializer(asItIs).send(text);
}

/** Sends a value as it is, for routes with an envelope of their own. */
export function sendJson(reply: FastifyReply, status: number, body: unknown): void {
  sendJsonText(reply, status, JSON.stringify(body));
}

export function sendFailure(reply: FastifyReply, { status, body }: Failure): void {
  sendJson(reply, status, body);
}

/** Sends text that is no JSON, for example the `OK` of a preflight. */
export function sendText(reply: FastifyReply, status: number, text: string): void {
  reply
    .code(status)
    .headers({ ...COMMON_HEADERS, 'content-type': 'text/plain; charset=utf-8' })
    .send(text);
}

/** Sends what a handler returned, in the success envelope unless it is a `RawReply` (spec 00 §4). */
export function sendResult(reply: FastifyReply, result: object | undefined): void {
  if (result instanceof RawReply) sendRaw(reply, result);
  else sendJsonText(reply, 200, successText(result));
}

const SUCCESS = '"success":true';

/** `success` goes last, as documented; spliced into the text so that a large payload is not copied for it. */
function successText(payload: object | undefined): string {
  if (payload === undefined) return `{${SUCCESS}}`;
  const hasOwn = 'success' in payload && payload.success !== undefined;
  return jsonObject(payload, hasOwn ? '' : SUCCESS);
}

function sendRaw(reply: FastifyReply, { status, body, headers }: RawReply): void {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array || isStream(body)) {
    const { 'content-type': _, ...common } = COMMON_HEADERS;
    reply.code(status).headers(common).headers(headers).send(body);
    return;
  }
  reply
    .code(status)
    .headers(COMMON_HEADERS)
    .headers(headers)
    .send(Buffer.from(JSON.stringify(body)));
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';
}
