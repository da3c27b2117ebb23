import { type OneRowQuery, tableOf } from './remembered-rows.ts';

/** What a member of the group changed in the list, to be undone with the member. */
export type Undo = [key: string, before: OneRowQuery | undefined][];

/**
 * Writes that the next one of the same row makes pointless: each message of a room counts itself in the room's row, and of
 * those that share a commit only the last one has to be written. They wait until the commit, or until a statement comes that
 * may see their table. What they leave is remembered at once, and nobody else reads it: other connections see what is
 * committed.
 */
export class LateWrites {
  readonly #waiting = new Map<string, OneRowQuery>();

  /** True when the statement waits from now on and must not run. */
  take(compiled: OneRowQuery, undo: Undo): boolean {
    if (compiled.reach !== 'replaces' || !compiled.leaves) return false;
    const key = `${compiled.sql} ${compiled.leaves.key}`;
    undo.push([key, this.#waiting.get(key)]);
    this.#waiting.set(key, compiled);
    return true;
  }

  /** Whether what waits has to be written before the statement runs. */
  mustPrecede(compiled: OneRowQuery): boolean {
    if (this.#waiting.size === 0) return false;
    if (compiled.reach === undefined) return true;
    const table = tableOf(compiled.query);
    if (table === undefined) return true;
    for (const { query } of this.#waiting.values()) if (tableOf(query) === table) return true;
    return false;
  }

  /** Runs what waits, all of it. */
  write(execute: (compiled: OneRowQuery) => unknown, undo: Undo = []): void {
    if (this.#waiting.size === 0) return;
    for (const [key, compiled] of this.#waiting) {
      undo.push([key, compiled]);
      execute(compiled);
    }
    this.#waiting.clear();
  }

  /** After the member was taken back: what it replaced waits again, and what it had written for others is to be written anew. */
  undo(undo: Undo): void {
    for (const [key, before] of undo.reverse()) {
      if (before) this.#waiting.set(key, before);
      else this.#waiting.delete(key);
    }
  }

  forget(): void {
    this.#waiting.clear();
  }
}
