import { Worker } from 'node:worker_threads';
import { sqliteModuleName } from './driver.ts';

export interface CheckpointResult {
  /** Pages in the write-ahead log, and how many of them the database file has by now. */
  log: number;
  checkpointed: number;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * Runs in a thread of its own what would hold up the event loop: moving the write-ahead log into the database file (which
 * syncs both) and copying the database. Written as text because a bundled server has no file to start the thread from.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
process.emitWarning = () => {};
const { DatabaseSync } = require(workerData.module);
const database = new DatabaseSync(workerData.path, { timeout: 5000 });
database.exec('PRAGMA synchronous = NORMAL');
const work = {
  checkpoint: () => ({ ...database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all()[0] }),
  backup: (path) => { database.prepare('VACUUM INTO ?').run(path); },
  close: () => { database.close(); },
};
parentPort.on('message', ({ id, task, argument }) => {
  try {
    parentPort.postMessage({ id, result: work[task](argument) });
  } catch (error) {
    parentPort.postMessage({ id, error: String(error && error.message || error) });
  }
  if (task === 'close') parentPort.close();
});
`;

/** A thread takes some megabytes; where little is written it would hold them for nothing. */
const IDLE_MS = 5000;

/** Slow work on a database file, in a thread that starts when it is needed and ends when it is not. */
export class Maintenance {
  readonly #path: string;
  readonly #idleMs: number;
  #thread: Thread | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** Settles when the threads before the present one have closed the database. */
  #ended: Promise<unknown> = Promise.resolve();
  #backups = 0;

  constructor(path: string, idleMs = IDLE_MS) {
    this.#path = path;
    this.#idleMs = idleMs;
  }

  get running(): boolean {
    return this.#thread !== undefined;
  }

  /** A backup keeps its snapshot, and the thread, for its whole time: checkpoints are pointless meanwhile. */
  get backingUp(): boolean {
    return this.#backups > 0;
  }

  async checkpoint(): Promise<CheckpointResult> {
    return (await this.#ask('checkpoint')) as CheckpointResult;
  }

  /** Writes a consistent copy into an empty file. */
  async backup(path: string): Promise<void> {
    this.#backups += 1;
    try {
      await this.#ask('backup', path);
    } finally {
      this.#backups -= 1;
    }
  }

  /** Finishes what was asked for. */
  async close(): Promise<void> {
    if (this.#thread) this.#end(this.#thread);
    await this.#ended;
  }

  async #ask(task: string, argument?: string): Promise<unknown> {
    clearTimeout(this.#idle);
    // A thread that died is followed by a new one.
    if (!this.#thread?.alive) this.#thread = new Thread(this.#path);
    const thread = this.#thread;
    try {
      return await thread.ask(task, argument);
    } finally {
      if (this.#thread === thread && thread.idle) {
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => this.#end(thread), this.#idleMs).unref();
      }
    }
  }

  /** The thread is never terminated, it closes: some SQLite builds abort the process otherwise. */
  #end(thread: Thread): void {
    clearTimeout(this.#idle);
    this.#thread = undefined;
    // One that dies instead has closed the database, too.
    const closed = thread.ask('close').catch(() => undefined);
    this.#ended = Promise.all([this.#ended, closed]);
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  alive = true;

  constructor(path: string) {
    const workerData = { module: sqliteModuleName(), path };
    this.#worker = new Worker(THREAD, { eval: true, execArgv: [], workerData });
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error: unknown) => this.#lose(error));
    this.#worker.on('exit', () => this.#lose(new Error('the maintenance thread ended')));
  }

  get idle(): boolean {
    return this.#waiting.size === 0;
  }

  ask(task: string, argument?: string): Promise<unknown> {
    this.#worker.ref();
    this.#lastId += 1;
    const message = { id: this.#lastId, task, argument };
    const answer = new Promise<unknown>((resolve, reject) =>
      this.#waiting.set(message.id, { resolve, reject }),
    );
    this.#worker.postMessage(message);
    return answer;
  }

  #settle({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
    // An idle thread keeps nobody from ending the process.
    if (this.idle) this.#worker.unref();
  }

  #lose(error: unknown): void {
    this.alive = false;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of lost) reject(error instanceof Error ? error : new Error(String(error)));
  }
}
