import { StorageFailed } from './errors.ts';

interface Batch {
  /** The last commit that the sync of this batch makes durable; set when the sync starts. */
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * Group commit (docs/decisions/0003). A commit is durable once a disk sync that *started after it* has finished.
 * There is at most one sync at a time; commits that arrive while it runs share the next one.
 *
 * After a failed sync nobody knows what is on the disk (the kernel may have dropped the dirty pages, so trying again
 * proves nothing): every waiter is rejected and from then on every write is refused.
 */
export class Durability {
  readonly #sync: () => Promise<void>;
  readonly #onFailure: (error: StorageFailed) => void;
  /** Number of commits so far, and how many of them a finished sync has covered. */
  #committed = 0;
  #durable = 0;
  /** How many commits the running sync covers; 0 when none runs. */
  #syncing = 0;
  #running: Batch | undefined;
  #next: Batch | undefined;
  #failure: StorageFailed | undefined;

  constructor(sync: () => Promise<void>, onFailure: (error: StorageFailed) => void = () => {}) {
    this.#sync = sync;
    this.#onFailure = onFailure;
  }

  /** Set after a failed sync: nothing may be written any more. */
  get failure(): StorageFailed | undefined {
    return this.#failure;
  }

  /** Settles with the sync that runs now; undefined when none runs. */
  get running(): Promise<void> | undefined {
    return this.#running?.promise;
  }

  /** To be called right after every COMMIT that changed something. */
  noteCommit(): void {
    this.#committed += 1;
  }

  /** Resolves when everything that is committed by now is on the disk. */
  wait(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#durable >= this.#committed) return Promise.resolve();
    if (this.#running && this.#syncing >= this.#committed) return this.#running.promise;
    this.#next ??= newBatch();
    const { promise } = this.#next;
    if (!this.#running) void this.#start();
    return promise;
  }

  async #start(): Promise<void> {
    const batch = this.#next;
    if (!batch) return;
    this.#next = undefined;
    this.#running = batch;
    this.#syncing = this.#committed;
    try {
      await this.#sync();
    } catch (cause) {
      this.#fail(batch, cause);
      return;
    }
    this.#durable = this.#syncing;
    this.#syncing = 0;
    this.#running = undefined;
    batch.resolve();
    if (this.#next) void this.#start();
  }

  #fail(batch: Batch, cause: unknown): void {
    const failure = new StorageFailed('the disk refused to make a commit durable', { cause });
    this.#failure = failure;
    this.#running = undefined;
    this.#onFailure(failure);
    batch.reject(failure);
    this.#next?.reject(failure);
    this.#next = undefined;
  }
}

function newBatch(): Batch {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onDurable, onFailure) => {
    resolve = onDurable;
    reject = onFailure;
  });
  return { promise, resolve, reject };
}
