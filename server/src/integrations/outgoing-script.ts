import type { Context } from '../context.ts';
import { type GuardedAnswer, type GuardedRequest, knownMethod } from '../outbound/guarded-fetch.ts';
import type { HistoryEntry } from './history-entry.ts';
import type { Outgoing } from './integration.ts';
import type { Payload } from './post-for-integration.ts';
import { membersOf, runScript, type ScriptMethod, textMembers } from './run-script.ts';
import type { ScriptMistake } from './scripts/scripts.ts';

/** What scripts of outgoing webhooks do to a call before it is made, and to its answer (spec 31 §4.4). */

/** A call as scripts see and change it. */
export interface OutgoingCall {
  params: Record<string, unknown>;
  method: string;
  url: string;
  data: unknown;
  /** `user:password`. */
  auth?: string;
  headers: Record<string, unknown>;
  timeout?: number;
}

/** What the history says of it; without a call nothing is asked. */
export interface Prepared {
  history: Partial<HistoryEntry>;
  call?: OutgoingCall;
  /** To be posted before. */
  message?: Payload;
}

export async function prepareCall(
  ctx: Context,
  integration: Outgoing,
  { url, data }: { url: string; data: Record<string, unknown> },
): Promise<Prepared> {
  const request: OutgoingCall = { params: {}, method: 'POST', url, data, headers: {} };
  const outcome = await runScript(ctx, integration, 'prepare_outgoing_request', { request });
  if (outcome.kind === 'missing') return { history: {}, call: request };
  const ended = { ranPrepareScript: true, finished: true };
  if (outcome.kind === 'threw') {
    const step = 'execute-script-error-running-prepare_outgoing_request';
    return { history: { ...ended, ...failureOf(outcome.error), step } };
  }
  if (!outcome.value) return { history: { ...ended, step: 'after-prepare-no-opts' } };
  const wanted = membersOf(outcome.value);
  const posting = wanted.message ? { message: membersOf(wanted.message) } : {};
  const { method, url: target, auth, timeout } = wanted;
  if (typeof target !== 'string' || target === '' || typeof method !== 'string' || method === '') {
    return { history: { ...ended, step: 'after-prepare-no-url_or_method' }, ...posting };
  }
  const call: OutgoingCall = {
    ...{ method, url: target, data: wanted.data },
    ...{ params: membersOf(wanted.params), headers: membersOf(wanted.headers) },
    ...(typeof auth === 'string' && auth !== '' ? { auth } : {}),
    ...(typeof timeout === 'number' ? { timeout } : {}),
  };
  return { history: { ranPrepareScript: true }, call, ...posting };
}

const failureOf = ({ message, stack }: ScriptMistake): { error: true; errorStack: string } => ({
  error: true,
  errorStack: stack ? `${message}\n${stack}` : message,
});

/** What a script makes of an answer; `usual` means that it is judged as without a script. */
export type Processed =
  | { kind: 'post'; content: Payload }
  | { kind: 'stop' }
  | { kind: 'usual'; history: Partial<HistoryEntry> };

const RESPONSE_METHOD: ScriptMethod = 'process_outgoing_response';

export async function processAnswer(
  ctx: Context,
  integration: Outgoing,
  request: OutgoingCall,
  { status, headers, body }: GuardedAnswer,
): Promise<Processed> {
  const text = body.toString('utf8');
  const response = { error: null, status_code: status, content: text, content_raw: text, headers };
  const outcome = await runScript(ctx, integration, RESPONSE_METHOD, { request, response });
  if (outcome.kind === 'threw') return { kind: 'usual', history: failureOf(outcome.error) };
  if (outcome.kind === 'missing') return { kind: 'usual', history: {} };
  if (outcome.value === false) return { kind: 'stop' };
  const { content } = membersOf(outcome.value);
  return content ? { kind: 'post', content: membersOf(content) } : { kind: 'usual', history: {} };
}

/** The call for `guardedFetch`. */
export function requestOf(
  { method, url, params, data, auth, headers, timeout }: OutgoingCall,
  longestMs: number,
): { url: string; options: GuardedRequest } {
  const known = knownMethod(method) ?? 'POST';
  const hasBody = known !== 'GET' && known !== 'HEAD' && data !== undefined && data !== null;
  const authorization: Record<string, string> =
    auth === undefined ? {} : { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
  return {
    url: withParams(url, params),
    options: {
      method: known,
      headers: {
        ...(hasBody ? { 'Content-Type': 'application/json' } : {}),
        ...textMembers(headers),
        ...authorization,
      },
      ...(hasBody ? { body: typeof data === 'string' ? data : JSON.stringify(data) } : {}),
      timeoutMs: timeout && timeout > 0 ? Math.min(timeout, longestMs) : longestMs,
    },
  };
}

function withParams(url: string, params: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(textMembers(params));
  if (given.length === 0 || !URL.canParse(url)) return url;
  const target = new URL(url);
  for (const [name, value] of given) target.searchParams.set(name, value);
  return target.href;
}
