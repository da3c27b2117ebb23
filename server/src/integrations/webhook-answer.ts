import type { GuardedAnswer } from '../outbound/guarded-fetch.ts';
import type { Outgoing } from './integration.ts';
import type { Payload } from './post-for-integration.ts';

/** What the answer to an outgoing webhook means (spec 31 §4.3). */
export type Verdict =
  | { kind: 'succeeded'; step: string; content: unknown; payload: Payload | undefined }
  | { kind: 'failed'; step: string; content: unknown; retryIn?: number; disable?: true };

const SUCCESS = new Set([200, 201, 202]);
const JSON_TYPES = [
  'application/json',
  'text/javascript',
  'application/javascript',
  'application/x-javascript',
];
const LONGEST_RETRY_MS = 7 * 24 * 60 * 60_000;

/** `tries`: attempts before this one. */
export function judgeAnswer(integration: Outgoing, tries: number, answer: GuardedAnswer): Verdict {
  const content = contentOf(answer);
  const isEmpty = answer.body.length === 0;
  if (SUCCESS.has(answer.status) && !isEmpty) {
    return { kind: 'succeeded', step: 'after-http-call', content, payload: payloadIn(content) };
  }
  if (answer.status === 410 && !isEmpty) {
    return { kind: 'failed', step: 'after-process-http-status-410', content, disable: true };
  }
  if (answer.status === 500 && !isEmpty) {
    return { kind: 'failed', step: 'after-process-http-status-500', content };
  }
  return { kind: 'failed', content, ...retryOf(integration, tries) };
}

function contentOf({ headers, body }: GuardedAnswer): unknown {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!JSON_TYPES.includes(type)) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** An object that has something to post in it. */
export function payloadIn(content: unknown): Payload | undefined {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const { text, attachments } = content as Payload;
  return text || attachments ? (content as Payload) : undefined;
}

function retryOf(integration: Outgoing, tries: number): { step: string; retryIn?: number } {
  const { retryFailedCalls, retryCount = 0, retryDelay } = integration;
  if (!retryFailedCalls) return { step: 'failed-and-not-configured-to-retry' };
  if (tries >= retryCount) return { step: 'too-many-retries' };
  const wait = waitBefore(retryDelay ?? 'powers-of-ten', tries);
  if (wait === undefined) return { step: 'failed-and-retry-delay-is-invalid' };
  return { step: `going-to-retry-${tries + 1}`, retryIn: Math.min(wait, LONGEST_RETRY_MS) };
}

function waitBefore(delay: string, tries: number): number | undefined {
  switch (delay) {
    case 'powers-of-ten':
      return 10 ** (tries + 2);
    case 'powers-of-two':
      return 2 ** (tries + 1) * 1000;
    case 'increments-of-two':
      return 2 * (tries + 1) * 1000;
    default:
      return undefined;
  }
}
