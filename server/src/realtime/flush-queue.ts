/** An answer is waited for, an event is not. */
export type Urgency = 'answer' | 'event';

/** Something with bytes that wait to be written. */
export interface Flushable {
  /** `urgency` is that of the queue which calls. */
  flush(urgency: Urgency): void;
}

/** A round gives way to other work after so many milliseconds, and looks at the clock after so many sockets. */
const SLICE_MS = 2;
const SLICE_SOCKETS = 32;
/** A round that took less is followed by no rest: then the events of each turn leave with it. */
const SMALL_ROUND_MS = 2;
/** The longest rest, and so the longest that an event waits for others. */
const MAX_REST_MS = 25;

/**
 * Sockets that were written to and not yet flushed: the frames that wait for one socket become one system call, and a slow
 * receiver is closed here, never in the middle of a fan-out.
 *
 * Answers leave at the end of the turn of the event loop that made them. Events leave in rounds over all sockets that have
 * some: the first at the end of its turn; and after a round that took long, as the message of a large room does, the next
 * begins only when as much time has passed again. So writing takes half of the process at most, the other half takes in
 * new messages, and all that came meanwhile shares the system calls of the next round: the busier, the cheaper a delivery.
 */
export class FlushQueue {
  readonly #now: () => number;
  #answers: Flushable[] = [];
  #events: Flushable[] = [];
  /** What is to be made of events right before the next round. */
  #makers: (() => void)[] = [];
  #roundPlanned = false;
  /** Of the round that runs: whom it still has to flush, the next first, and how long it has taken. */
  #round: Flushable[] = [];
  #place = 0;
  #took = 0;
  #restUntil = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** To be called once until the `flush` with the same urgency. */
  add(socket: Flushable, urgency: Urgency): void {
    if (urgency === 'event') {
      this.#events.push(socket);
      this.#planRound();
    } else if (this.#answers.push(socket) === 1) {
      setImmediate(() => this.#flushAnswers());
    }
  }

  /** Calls `make` right before the next round, for events that only the last of counts, so that it need not be made earlier. */
  beforeRound(make: () => void): void {
    this.#makers.push(make);
    this.#planRound();
  }

  #flushAnswers(): void {
    const sockets = this.#answers;
    this.#answers = [];
    for (const socket of sockets) socket.flush('answer');
  }

  #planRound(): void {
    if (this.#roundPlanned || this.#round.length > 0) return;
    this.#roundPlanned = true;
    const rest = this.#restUntil - this.#now();
    if (rest > 0) setTimeout(() => this.#beginRound(), rest);
    else setImmediate(() => this.#beginRound());
  }

  #beginRound(): void {
    const makers = this.#makers;
    this.#makers = [];
    for (const make of makers) make();
    this.#roundPlanned = false;
    this.#round = this.#events;
    this.#events = [];
    this.#place = 0;
    this.#took = 0;
    this.#flushSlice();
  }

  #flushSlice(): void {
    const round = this.#round;
    const began = this.#now();
    let took = 0;
    while (this.#place < round.length && took < SLICE_MS) {
      const end = Math.min(this.#place + SLICE_SOCKETS, round.length);
      while (this.#place < end) round[this.#place++]?.flush('event');
      took = this.#now() - began;
    }
    this.#took += took;
    if (this.#place < round.length) {
      setImmediate(() => this.#flushSlice());
      return;
    }
    this.#round = [];
    if (this.#took >= SMALL_ROUND_MS) this.#restUntil = this.#now() + Math.min(this.#took, MAX_REST_MS);
    if (this.#events.length > 0 || this.#makers.length > 0) this.#planRound();
  }
}
