import type { IncomingMessage, ServerResponse } from 'node:http';

/** Time for a client to notice that its upload was refused, and to read why. */
const PATIENCE_MS = 10_000;

/**
 * For requests whose body may be refused before its end: what is left of it is read and thrown away for a short time
 * after the answer, then the connection is cut. Cut at once, most clients would never see the answer.
 */
export function dropUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (request.complete || request.destroyed) return;
    request.on('error', () => {});
    request.resume();
    const timer = setTimeout(() => request.socket.destroy(), PATIENCE_MS).unref();
    request.once('close', () => clearTimeout(timer));
  });
}
