import { type OneRowQuery, writtenTable } from './remembered-rows.ts';

/** Beyond so many rows of a table a commit says that all of them changed. */
const MAX_KEYS = 200;

/** What other processes must not believe of what they remember: rows of each table by their keys, or all of it (`true`). */
export type Changes = true | Readonly<Record<string, true | readonly string[]>>;

/** A commit of any process, by the number that the database gave it. */
export interface NumberedChanges {
  version: number;
  changes: Changes;
}

/** Collects which remembered rows the writes of a commit made untrue. */
export class ChangedRows {
  #tables = new Map<string, true | Set<string>>();
  #isEverything = false;

  /** To be called for each statement that wrote, also for one that was taken back: reading once too often harms nobody. */
  note(compiled: OneRowQuery): void {
    const table = writtenTable(compiled);
    if (table === undefined) {
      this.#isEverything = true;
      return;
    }
    const keys = this.#tables.get(table) ?? new Set();
    if (keys === true) return;
    if (!compiled.leaves || keys.size >= MAX_KEYS) {
      this.#tables.set(table, true);
      return;
    }
    keys.add(compiled.leaves.key);
    this.#tables.set(table, keys);
  }

  /** Everything since the last call. */
  take(): Changes {
    const tables = this.#tables;
    const isEverything = this.#isEverything;
    this.#tables = new Map();
    this.#isEverything = false;
    if (isEverything) return true;
    return Object.fromEntries([...tables].map(([table, keys]) => [table, keys === true || [...keys]]));
  }
}
