import { randomInt } from 'node:crypto';

/**
 * Work that is done again and again as long as the process lives, each time after a while between `from` and `to` ms that is
 * drawn anew: processes that do the same do not do it at the same moment. `work` sees to its own errors.
 */
export class NowAndThen {
  readonly #work: () => Promise<void>;
  readonly #from: number;
  readonly #to: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** Begins at once, with the first wait. */
  constructor(work: () => Promise<void>, [from, to]: readonly [from: number, to: number]) {
    this.#work = work;
    this.#from = from;
    this.#to = to;
    this.#wait();
  }

  /** Nothing begins any more; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wait(): void {
    if (this.#stopped) return;
    const run = () => {
      this.#running = this.#work().finally(() => this.#wait());
    };
    this.#timer = setTimeout(run, randomInt(this.#from, this.#to)).unref();
  }
}
