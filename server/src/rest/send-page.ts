import type { FastifyReply } from 'fastify';
import { pageHeaders } from './page-headers.ts';

/** Sends a page of our own for one person and one moment; only its scripts and styles with the nonce run. */
export function sendPage(reply: FastifyReply, status: number, html: string, nonce: string): FastifyReply {
  return reply
    .code(status)
    .headers({
      ...pageHeaders(`script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'`),
      'cache-control': 'no-store',
    })
    .send(html);
}
