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

/** The thread for slow work on a database file. It starts when it is first needed. */
export class Maintenance {
  readonly #path: string;
  #worker: Worker | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();
  #backups = 0;

  constructor(path: string) {
    this.#path = path;
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

  /** Finishes what was asked for. The thread is never terminated: some SQLite builds abort the process then. */
  async close(): Promise<void> {
    if (this.#worker) await this.#ask('close');
  }

  #ask(task: string, argument?: string): Promise<unknown> {
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#lastId += 1;
    const message = { id: this.#lastId, task, argument };
    const answer = new Promise<unknown>((resolve, reject) =>
      this.#waiting.set(message.id, { resolve, reject }),
    );
    this.#worker.postMessage(message);
    return answer;
  }

  #start(): Worker {
    const workerData = { module: sqliteModuleName(), path: this.#path };
    const worker = new Worker(THREAD, { eval: true, execArgv: [], workerData });
    worker.on('message', (answer: Answer) => this.#settle(answer));
    worker.on('error', (error: unknown) => this.#lose(worker, error));
    worker.on('exit', () => this.#lose(worker, new Error('the maintenance thread ended')));
    return worker;
  }

  #settle({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
    // An idle thread keeps nobody from ending the process.
    if (this.#waiting.size === 0) this.#worker?.unref();
  }

  /** The next task starts a new thread. */
  #lose(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of lost) reject(error instanceof Error ? error : new Error(String(error)));
  }
}
