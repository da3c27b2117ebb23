/** How many holders may follow each other without a turn of the event loop. */
const HOLDERS_PER_TURN = 32;

/** A lock that is handed on in the order of asking. */
export class FifoLock {
  #held = false;
  #handovers = 0;
  readonly #waiting: (() => void)[] = [];

  get held(): boolean {
    return this.#held;
  }

  /** Whether somebody gets it as soon as it is released. */
  get wanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes the lock if it is free. */
  tryAcquire(): boolean {
    if (this.#held) return false;
    this.#held = true;
    return true;
  }

  acquire(): Promise<void> {
    if (this.tryAcquire()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (!next) {
      this.#held = false;
      return;
    }
    // With an embedded database a holder may finish without ever leaving the microtask queue. A long line of them would
    // keep sockets and timers waiting, so now and then the event loop gets its turn.
    this.#handovers += 1;
    if (this.#handovers % HOLDERS_PER_TURN === 0) setImmediate(next);
    else next();
  }
}
