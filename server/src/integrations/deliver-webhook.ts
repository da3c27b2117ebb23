import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { type Job, type JobHandler, jobHandler } from '../jobs/job.ts';
import { Refusal } from '../kernel/errors.ts';
import { sha256hex } from '../kernel/ids.ts';
import { type GuardedAnswer, guardedFetch } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import { HangingReceivers } from './hanging-receivers.ts';
import type { HistoryEntry } from './history-entry.ts';
import type { Outgoing } from './integration.ts';
import { integrationChanged } from './integration-changed.ts';
import { integrationById, lockIntegration, replaceIntegration } from './integrations.store.ts';
import { type OutgoingCall, prepareCall, processAnswer, requestOf } from './outgoing-script.ts';
import { type Payload, postForIntegration, targetsOf } from './post-for-integration.ts';
import { judgeAnswer } from './webhook-answer.ts';
import { historyText, newHistoryEntry, storeHistory, storeHistoryChanges } from './webhook-history.ts';
import type { Delivery } from './webhook-job.ts';

/**
 * Calls one address of an outgoing webhook (spec 31 §4). At least once: a server that dies in the middle calls again after
 * its next start, with the same id in the header `X-Gantry-Delivery`. What is posted in answer has an id made of that one,
 * so that it is posted once.
 */

const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36';
const TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 1024 ** 2;

export function deliverWebhooks(): JobHandler {
  const hanging = new HangingReceivers();
  return jobHandler<'integrations.deliver'>({
    kind: 'integrations.deliver',
    concurrency: 16,
    attempts: 5,
    timeoutMs: 60_000,
    run: (ctx, job) => deliver(ctx, job, hanging),
  });
}

async function deliver(ctx: Context, job: Job<Delivery>, hanging: HangingReceivers): Promise<void> {
  const delivery = job.payload;
  const integration = await integrationById(ctx.db, delivery.integrationId);
  if (integration?.type !== 'webhook-outgoing' || !integration.enabled) return;
  const entry = newHistoryEntry(ctx, integration, delivery);
  const data = {
    ...(integration.token === undefined ? {} : { token: integration.token }),
    ...delivery.data,
    ...(delivery.triggerWord === undefined ? {} : { trigger_word: delivery.triggerWord }),
  };
  const { call, message, history } = await prepareCall(ctx, integration, { url: delivery.url, data });
  Object.assign(entry, history);
  if (message) {
    const posted = await postAnswer(ctx, integration, delivery, { payload: message, part: 'prepared' });
    const { step } = entry;
    Object.assign(entry, posted, { step, prepareSentMessage: posted.resultMessage });
  }
  if (!call) {
    await ctx.write(async (tx, emit) => {
      await job.finish(tx);
      await storeHistory({ tx, emit }, entry);
    });
    return;
  }
  const request = requestOf(call, TIMEOUT_MS);
  const body = String(request.options.body ?? '');
  Object.assign(entry, { step: 'pre-http-call', url: request.url, httpCallData: historyText(body) });
  await ctx.write((tx, emit) => storeHistory({ tx, emit }, entry));
  const answer = await hanging.watch(ctx, request.url, () => ask(ctx, delivery, request, job.signal));
  const end = await endOf(ctx, { integration, delivery, call }, answer);
  await settle(ctx, job, entry, end);
}

async function ask(
  ctx: Context,
  { id }: Delivery,
  { url, options }: ReturnType<typeof requestOf>,
  signal: AbortSignal,
): Promise<GuardedAnswer | OutboundError> {
  try {
    return await guardedFetch(ctx, url, {
      ...options,
      headers: { 'User-Agent': USER_AGENT, ...options.headers, 'X-Gantry-Delivery': id },
      maxBytes: MAX_ANSWER_BYTES,
      whenTooLarge: 'cut',
      signal,
    });
  } catch (error) {
    // Broken off by the server's own end: the job is handed back, nothing is known of the receiver.
    if (signal.aborted || !(error instanceof OutboundError)) throw error;
    return error;
  }
}

/** How an attempt ended: what the history says, and what follows. */
interface End {
  changes: Partial<HistoryEntry>;
  retryIn?: number;
  disable?: true;
}

async function endOf(
  ctx: Context,
  { integration, delivery, call }: { integration: Outgoing; delivery: Delivery; call: OutgoingCall },
  answer: GuardedAnswer | OutboundError,
): Promise<End> {
  if (answer instanceof OutboundError) {
    const httpError = { message: answer.message, code: answer.fault };
    return { changes: { step: 'after-http-call', httpError, finished: true, error: true } };
  }
  const verdict = judgeAnswer(integration, delivery.tries, answer);
  const changes: Partial<HistoryEntry> = { step: verdict.step, finished: true };
  const text = answer.body.toString('utf8');
  if (text !== '') changes.httpResult = historyText(JSON.stringify(verdict.content ?? text));
  const processed = await processAnswer(ctx, integration, call, answer);
  if (processed.kind === 'stop') return { changes: { ...changes, step: 'after-process-false-result' } };
  if (processed.kind === 'post') {
    const answered = { payload: processed.content, part: 'processed' };
    const posted = await postAnswer(ctx, integration, delivery, answered);
    const step = posted.error ? verdict.step : 'after-process-send-message';
    return { changes: { ...changes, ...posted, step, processSentMessage: posted.resultMessage } };
  }
  Object.assign(changes, processed.history);
  if (verdict.kind === 'failed') {
    changes.error = true;
    if (verdict.retryIn !== undefined) return { changes, retryIn: verdict.retryIn };
    return verdict.disable ? { changes, disable: true } : { changes };
  }
  if (verdict.payload) {
    const answered = { payload: verdict.payload, part: '' };
    Object.assign(changes, await postAnswer(ctx, integration, delivery, answered));
  }
  return { changes };
}

async function postAnswer(
  ctx: Context,
  integration: Outgoing,
  delivery: Delivery,
  { payload, part }: { payload: Payload; part: string },
): Promise<Partial<HistoryEntry>> {
  try {
    const targets = targetsOf({ channel: payload.channel }) ?? [integration.targetRoom ?? delivery.rid ?? ''];
    const user = await authorOf(ctx, integration, delivery);
    if (!user) return { error: true, errorStack: 'The user of the webhook does not exist' };
    const message = await postForIntegration(ctx, integration, payload, {
      user,
      targets,
      // A script runs anew with each attempt; what it posts is new then, too.
      messageId: (index) =>
        sha256hex(`${delivery.id}:${part && `${part}:${delivery.tries}:`}${index}`).slice(0, 17),
    });
    return { step: 'url-response-sent-message', resultMessage: message };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { error: true, errorStack: error.message };
  }
}

async function authorOf(ctx: Context, integration: Outgoing, { data }: Delivery): Promise<User | undefined> {
  const { user_name: name } = data;
  const impersonated =
    integration.impersonateUser && typeof name === 'string' ? await findUserByUsername(ctx, name) : undefined;
  return impersonated ?? findUserById(ctx, integration.userId);
}

/** What became of the attempt, and the end of its job, are one transaction. */
function settle(ctx: Context, job: Job<Delivery>, entry: HistoryEntry, end: End): Promise<void> {
  return ctx.write(async (tx, emit) => {
    await job.finish(tx);
    Object.assign(entry, end.changes);
    await storeHistoryChanges(ctx, { tx, emit }, entry, end.changes);
    if (end.retryIn !== undefined) {
      const payload = { ...job.payload, tries: job.payload.tries + 1 };
      const runAt = ctx.clock.now() + end.retryIn;
      await enqueue(ctx, { tx, emit }, { kind: 'integrations.deliver', payload, runAt });
    }
    if (!end.disable) return;
    const current = await lockIntegration(tx, entry.integration._id);
    if (!current) return;
    const disabled = { ...current, enabled: false, _updatedAt: new Date(ctx.clock.stamp()) };
    await replaceIntegration(tx, disabled);
    integrationChanged(emit, disabled);
  });
}
