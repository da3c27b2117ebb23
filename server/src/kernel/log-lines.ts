import { newId } from './ids.ts';

/** One line of the server's log as administrators see it (spec 23, `stdout.queue`). `ts` in ms. */
export interface LogLine {
  id: string;
  string: string;
  ts: number;
}

const KEPT = 1000;
/** A longer line is cut: a thousand of them are kept. */
const MAX_LENGTH = 4000;

/** The last lines of the log, kept for administrators, who may also follow new ones. Takes what pino writes. */
export class LogLines {
  #lines: LogLine[] = [];
  #follow: (line: LogLine) => void = () => {};

  /** The oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Calls `listener` for each further line; one listener. */
  follow(listener: (line: LogLine) => void): void {
    this.#follow = listener;
  }

  write(text: string): void {
    const line = { id: newId(), string: text.trimEnd().slice(0, MAX_LENGTH), ts: Date.now() };
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT) this.#lines = this.#lines.slice(-KEPT);
    this.#follow(line);
  }
}
