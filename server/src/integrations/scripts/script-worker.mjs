/**
 * The thread in which scripts of webhooks run, each in an interpreter of its own that was compiled to WebAssembly: a script
 * has no way to reach this thread's objects, files or network, its memory and its time are bounded, and however long it
 * computes, the server's own thread goes on. `worker-scripts.ts` is the other side. Plain JavaScript, because a thread
 * starts from a file and Node.js 20 runs no TypeScript.
 */
import { parentPort, workerData } from 'node:worker_threads';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { PRELUDE } from './script-prelude.mjs';

const MEMORY_BYTES = 8 * 1024 ** 2;
const STACK_BYTES = 256 * 1024;
/** Of computing, for one call. */
const COMPUTING_MS = workerData.computingMs;
/** With waiting for answers. */
const WHOLE_CALL_MS = 20_000;
const MAX_FETCHES = 20;
const MAX_LOGGED = 2000;
/** Those that ran longest ago lose their `Store` beyond this. */
const MAX_SANDBOXES = 32;

const quickjs = await newQuickJSWASMModuleFromVariant(variant);

/** One script's interpreter. It runs one call at a time. */
class Sandbox {
  #runtime = quickjs.newRuntime();
  #context;
  #handles = [];
  #deadline = 0;
  #budget = 0;
  #fetches = 0;
  #open = 0;
  #finish;
  #callId;
  /** The tail of the queue of calls. */
  #last = Promise.resolve();
  /** Why it runs nothing any more. */
  spoiled;

  constructor(key, version) {
    this.key = key;
    this.version = version;
    this.#runtime.setMemoryLimit(MEMORY_BYTES);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => Date.now() > this.#deadline);
    this.#context = this.#runtime.newContext();
  }

  /** Compiles without running. Returns what is wrong. */
  check(script) {
    this.#budget = COMPUTING_MS;
    const result = this.#slice(() => this.#context.evalCode(script, 'script.js', { compileOnly: true }));
    return result.error ? this.#dumped(result.error) : result.value.dispose();
  }

  /** In the order in which they are asked for. Resolves to the outcome. */
  call(request) {
    const outcome = this.#last.then(() => this.#run(request));
    this.#last = outcome;
    return outcome;
  }

  #run({ id, script, method, argument }) {
    return new Promise((resolve) => {
      this.#callId = id;
      this.#budget = COMPUTING_MS;
      this.#fetches = 0;
      const timer = setTimeout(() => {
        this.spoiled = { name: 'Error', message: 'the script took too long' };
        this.#finish?.(threw(this.spoiled));
      }, WHOLE_CALL_MS);
      this.#finish = (outcome) => {
        clearTimeout(timer);
        this.#finish = undefined;
        resolve(outcome);
      };
      if (!this.spoiled && !this.prelude) this.spoiled = this.#load(script);
      if (this.spoiled) return this.#finish(threw(this.spoiled));
      const texts = [this.#context.newString(method), this.#context.newString(argument)];
      this.#enter('call', texts);
    });
  }

  /** Runs the script once and makes its instance. Returns what is wrong. */
  #load(script) {
    const prelude = this.#slice(() => this.#context.evalCode(PRELUDE, 'prelude.js'));
    const host = this.#host();
    const made = this.#context.callFunction(prelude.value, this.#context.undefined, host);
    prelude.value.dispose();
    host.dispose();
    this.#handles.push(made.value);
    for (const code of [script, 'new Script()']) {
      const result = this.#slice(() => this.#context.evalCode(code, 'script.js'));
      if (result.error) return this.#dumped(result.error);
      if (code === script) result.value.dispose();
      else {
        const adopt = this.#context.getProp(made.value, 'adopt');
        this.#context.callFunction(adopt, this.#context.undefined, result.value).value.dispose();
        adopt.dispose();
        result.value.dispose();
      }
    }
    this.prelude = made.value;
    return undefined;
  }

  /** The functions that lead out. Only texts and numbers pass. */
  #host() {
    const context = this.#context;
    const host = context.newObject();
    const functions = {
      log: (level, text) =>
        post({
          ...{ type: 'log', key: this.key },
          ...{ level: context.getString(level), text: context.getString(text).slice(0, MAX_LOGGED) },
        }),
      fetch: (id, request) => {
        const fetchId = context.getNumber(id);
        this.#fetches += 1;
        this.#open += 1;
        if (this.#fetches > MAX_FETCHES) {
          const answer = JSON.stringify({ error: 'too many requests of one call' });
          setImmediate(() => this.settle(fetchId, answer));
          return;
        }
        const { version, key } = this;
        const text = context.getString(request);
        post({ type: 'fetch', id: this.#callId, key, version, fetchId, request: text });
      },
      done: (kind, text) => {
        const outcome = { kind: context.getString(kind), text: context.getString(text) };
        this.#finish?.(outcome.kind === 'threw' ? threw(JSON.parse(outcome.text)) : outcome);
      },
    };
    for (const [name, run] of Object.entries(functions)) {
      context
        .newFunction(name, (...values) => {
          run(...values);
        })
        .consume((made) => context.setProp(host, name, made));
    }
    return host;
  }

  settle(fetchId, text) {
    this.#open -= 1;
    if (this.spoiled || !this.prelude) return;
    this.#enter('settle', [this.#context.newNumber(fetchId), this.#context.newString(text)]);
  }

  /** Calls a function of the prelude, then whatever became ready by it. */
  #enter(name, parameters) {
    const entry = this.#context.getProp(this.prelude, name);
    const result = this.#slice(() =>
      this.#context.callFunction(entry, this.#context.undefined, ...parameters),
    );
    for (const handle of [entry, ...parameters]) handle.dispose();
    if (result.error) return this.#finish?.(threw(this.#dumped(result.error)));
    result.value.dispose();
    const jobs = this.#slice(() => this.#runtime.executePendingJobs());
    if (jobs.error) return this.#finish?.(threw(this.#dumped(jobs.error)));
    // The engine lets nothing catch an interruption, so nobody told.
    if (this.#budget <= 0) this.#finish?.(threw(this.#exhausted()));
    if (this.#open === 0) this.#finish?.(threw({ name: 'Error', message: 'the promise is never settled' }));
  }

  #slice(work) {
    const started = Date.now();
    this.#deadline = started + this.#budget;
    try {
      return work();
    } finally {
      this.#budget -= Date.now() - started;
    }
  }

  #exhausted() {
    this.spoiled = { name: 'InternalError', message: 'interrupted' };
    return this.spoiled;
  }

  #dumped(handle) {
    const error = this.#context.dump(handle);
    handle.dispose();
    const { name = 'Error', message = String(error), stack = '' } = error ?? {};
    // Nobody knows in which state it left its objects.
    const isLimit = name === 'InternalError' && /interrupted|out of memory/.test(message);
    const described = { name, message, stack: String(stack).slice(0, MAX_LOGGED) };
    if (isLimit) this.spoiled = described;
    return described;
  }

  dispose() {
    this.spoiled ??= { name: 'Error', message: 'the script was changed' };
    this.#finish?.(threw(this.spoiled));
    for (const handle of this.#handles) if (handle.alive) handle.dispose();
    this.#context.dispose();
    this.#runtime.dispose();
  }
}

const threw = (error) => ({ kind: 'threw', error });
const post = (message) => parentPort.postMessage(message);

/** By key; the one that ran longest ago comes first. */
const sandboxes = new Map();

function sandboxFor({ key, version }) {
  const known = sandboxes.get(key);
  const isCurrent = known && known.version === version && !known.spoiled;
  const sandbox = isCurrent ? known : new Sandbox(key, version);
  if (known && !isCurrent) retire(known);
  sandboxes.delete(key);
  sandboxes.set(key, sandbox);
  for (const oldest of sandboxes.values()) {
    if (sandboxes.size <= MAX_SANDBOXES) break;
    retire(oldest);
  }
  return sandbox;
}

/** An interpreter that cannot be freed takes the thread with it; the next call starts another one. */
function retire(sandbox) {
  if (sandboxes.get(sandbox.key) === sandbox) sandboxes.delete(sandbox.key);
  try {
    sandbox.dispose();
  } catch {
    setImmediate(() => process.exit(1));
  }
}

async function call(request) {
  const sandbox = sandboxFor(request);
  const outcome = await sandbox.call(request);
  post({ type: 'done', id: request.id, outcome });
  if (sandbox.spoiled && sandboxes.get(sandbox.key) === sandbox) retire(sandbox);
}

function check({ id, script }) {
  const sandbox = new Sandbox('', 0);
  const mistake = sandbox.check(script);
  post({ type: 'done', id, outcome: mistake ? threw(mistake) : { kind: 'missing' } });
  retire(sandbox);
}

parentPort.on('message', (message) => {
  if (message.type === 'call') void call(message);
  else if (message.type === 'check') check(message);
  else if (message.type === 'ping') post({ type: 'pong' });
  else if (message.type === 'fetched') {
    const sandbox = sandboxes.get(message.key);
    if (sandbox?.version === message.version) sandbox.settle(message.fetchId, message.answer);
  }
});
post({ type: 'pong' });
