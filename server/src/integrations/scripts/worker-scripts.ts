import { Worker } from 'node:worker_threads';
import type { Config } from '../../config/config.ts';
import type { Context } from '../../context.ts';
import { guardedFetch, knownMethod } from '../../outbound/guarded-fetch.ts';
import { OutboundError } from '../../outbound/outbound-error.ts';
import { textMembers } from '../run-script.ts';
import type { ScriptCall, ScriptMistake, ScriptOutcome, Scripts } from './scripts.ts';

/** For one call with everything that it waits for; the thread itself gives up somewhat earlier. */
const CALL_MS = 25_000;
const FETCH_MS = 10_000;
const MAX_FETCHED_BYTES = 1024 ** 2;
/** More than these that wait mean that scripts are slower than what calls them. */
const MAX_WAITING = 200;

/** In ms. */
export interface ScriptLimits {
  /** For which one call may compute. */
  computingMs: number;
  /** After which a thread that does not answer is given up. Some functions of the engine cannot be interrupted. */
  silenceMs: number;
}

const LIMITS: ScriptLimits = { computingMs: 3000, silenceMs: 6000 };

interface Waiting {
  settle(outcome: ScriptOutcome): void;
  timer: NodeJS.Timeout;
}

type Answer =
  | { kind: 'returned'; text: string }
  | { kind: 'missing' }
  | { kind: 'threw'; error: ScriptMistake };

type FromWorker =
  | { type: 'done'; id: number; outcome: Answer }
  | { type: 'fetch'; key: string; version: number; fetchId: number; request: string }
  | { type: 'log'; key: string; level: string; text: string }
  | { type: 'pong' };

/**
 * Runs scripts in a thread of their own, which is started with the first script. A thread that fails or no longer listens
 * is ended, with the calls that it had; the next call starts another.
 */
export class WorkerScripts implements Scripts {
  readonly #ctx: Pick<Context, 'config' | 'settings' | 'log'>;
  readonly #limits: ScriptLimits;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** When the thread last gave a sign of life; a new one has time to load. */
  #heard = Number.POSITIVE_INFINITY;
  #pulse: NodeJS.Timeout | undefined;

  constructor(ctx: Pick<Context, 'config' | 'settings' | 'log'>, limits = LIMITS) {
    this.#ctx = ctx;
    this.#limits = limits;
  }

  async check(script: string): Promise<ScriptMistake | undefined> {
    const outcome = await this.#ask({ type: 'check', script });
    return outcome.kind === 'threw' ? outcome.error : undefined;
  }

  run(call: ScriptCall): Promise<ScriptOutcome> {
    return this.#ask({ ...call, type: 'call', argument: JSON.stringify(call.argument) });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#drop('the server stops');
    await worker?.terminate();
  }

  #ask(message: object): Promise<ScriptOutcome> {
    if (this.#waiting.size >= MAX_WAITING) return Promise.resolve(failed('too many scripts are waiting'));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const settle = (outcome: ScriptOutcome) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (this.#waiting.size === 0) this.#rest();
        resolve(outcome);
      };
      const timer = setTimeout(() => settle(failed('the script took too long')), CALL_MS);
      this.#waiting.set(id, { settle, timer });
      this.#thread().postMessage({ ...message, id });
    });
  }

  #thread(): Worker {
    if (!this.#worker) this.#heard = Number.POSITIVE_INFINITY;
    this.#pulse ??= this.#startPulse();
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./script-worker.mjs', import.meta.url), {
      env: {},
      workerData: { computingMs: this.#limits.computingMs },
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    });
    worker.unref();
    worker.on('message', (message: FromWorker) => void this.#receive(worker, message));
    worker.on('error', (err) => {
      this.#ctx.log.error({ err }, 'the thread of scripts failed');
      if (this.#worker === worker) this.#drop('the script could not be run');
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#drop('the script could not be run');
    });
    this.#worker = worker;
    return worker;
  }

  /** Asks for a sign of life while something is waited for. */
  #startPulse(): NodeJS.Timeout {
    const { silenceMs } = this.#limits;
    if (Number.isFinite(this.#heard)) this.#heard = performance.now();
    return setInterval(() => {
      if (performance.now() - this.#heard > silenceMs) {
        const worker = this.#worker;
        this.#drop('the script took too long');
        void worker?.terminate();
      } else this.#worker?.postMessage({ type: 'ping' });
    }, silenceMs / 4).unref();
  }

  #rest(): void {
    clearInterval(this.#pulse);
    this.#pulse = undefined;
  }

  /** Forgets the thread; who waits for it is answered. */
  #drop(reason: string): void {
    this.#worker = undefined;
    this.#rest();
    for (const { settle } of [...this.#waiting.values()]) settle(failed(reason));
  }

  async #receive(worker: Worker, message: FromWorker): Promise<void> {
    this.#heard = performance.now();
    if (message.type === 'done') {
      this.#waiting.get(message.id)?.settle(outcomeOf(message.outcome));
    } else if (message.type === 'log') {
      this.#ctx.log.info({ integration: message.key, level: message.level }, message.text);
    } else if (message.type === 'fetch') {
      const { key, version, fetchId } = message;
      const answer = JSON.stringify(await fetched(this.#ctx, message.request));
      worker.postMessage({ type: 'fetched', key, version, fetchId, answer });
    }
  }
}

const failed = (message: string): ScriptOutcome => ({ kind: 'threw', error: { name: 'Error', message } });

function outcomeOf(answer: Answer): ScriptOutcome {
  if (answer.kind === 'returned') return { kind: 'returned', value: JSON.parse(answer.text) };
  return answer.kind === 'missing' ? { kind: 'missing' } : answer;
}

/** A request of a script, under the same guard as every other that the server makes for somebody. */
async function fetched(ctx: { config: Config; settings: Context['settings'] }, text: string) {
  const { url, method, headers, body } = JSON.parse(text) as Record<string, unknown>;
  const known = knownMethod(typeof method === 'string' ? method : 'GET');
  if (typeof url !== 'string' || !known) return { error: 'fetch failed: bad request' };
  try {
    const answer = await guardedFetch(ctx, url, {
      method: known,
      headers: textMembers(headers),
      ...(typeof body === 'string' ? { body } : {}),
      timeoutMs: FETCH_MS,
      maxBytes: MAX_FETCHED_BYTES,
    });
    return {
      ...{ status: answer.status, url: answer.url, headers: answer.headers },
      body: answer.body.toString('utf8'),
    };
  } catch (error) {
    if (error instanceof OutboundError) return { error: `fetch failed: ${error.message}` };
    return { error: 'fetch failed' };
  }
}
