import { randomInt } from 'node:crypto';
import type { DdpSession } from './session.ts';

/**
 * The SockJS framing of the Meteor web client and the libpurple plugin (spec 40 §1.2). Only its WebSocket transport is
 * served; frames to the client are made in `frames.ts` and `wire.ts`.
 */

/**
 * Hands the messages of one client frame to the session, in order. A frame is a JSON array of texts; a bare text or a
 * bare object is taken too. An empty frame means nothing.
 */
export function receiveSockjs(session: DdpSession, frame: string): void {
  if (frame === '') return;
  const messages = messagesOf(frame);
  if (!messages) session.complainAboutParsing();
  for (const message of messages ?? []) session.receive(message);
}

function messagesOf(frame: string): string[] | undefined {
  try {
    const content: unknown = JSON.parse(frame);
    if (!Array.isArray(content)) return [typeof content === 'string' ? content : frame];
    return content.map((message) => (typeof message === 'string' ? message : JSON.stringify(message)));
  } catch {
    // Also when an item is nested too deeply to be written out again.
    return undefined;
  }
}

/** Headers and body of `GET /sockjs/info`. */
export function sockjsInfo(origin: string | undefined): { headers: Record<string, string>; body: string } {
  return {
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'cache-control': 'no-store, no-cache, no-transform, must-revalidate, max-age=0',
      ...crossOrigin(origin),
    },
    body: JSON.stringify({
      websocket: true,
      origins: ['*:*'],
      cookie_needed: false,
      entropy: randomInt(2 ** 32),
    }),
  };
}

function crossOrigin(origin: string | undefined): Record<string, string> {
  if (origin === undefined) return { 'access-control-allow-origin': '*' };
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  };
}
