import type { Socket } from 'node:net';
import { type Failure, failure } from './failure.ts';

const TOO_SLOW = failure(408, 'The request took too long');
const HEAD_TOO_LARGE = failure(431, 'The URL or the headers are too large');
const NOT_HTTP = failure(400, 'Bad Request');

/**
 * Answers what never becomes a request (bytes that are not HTTP, a head that is too large, a client that takes for ever
 * to send its request) in our envelope, and ends the connection: nobody knows where a next request would begin.
 */
export function refuseGarbage(error: Error & { code?: string }, socket: Socket): void {
  // Reset by the client: nobody is left to be told.
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const { status, body } = failureFor(error.code);
    const text = JSON.stringify(body);
    socket.write(
      `HTTP/1.1 ${status} ${PHRASES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }
  socket.destroySoon();
}

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function failureFor(code: string | undefined): Failure {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return TOO_SLOW;
  return code === 'HPE_HEADER_OVERFLOW' ? HEAD_TOO_LARGE : NOT_HTTP;
}
