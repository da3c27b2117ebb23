import { type CompiledQuery, type OperationNode, TableNode } from 'kysely';
import type { NumberedChanges } from './changed-rows.ts';
import type { Db } from './database.ts';
import type { Schema } from './schema.ts';

/** A row under the key by which `rememberedRow` is asked for it. */
export interface KeyedRow {
  key: string;
  row: object;
}

/** A statement that changes nothing of what is remembered but this row, which is as given afterwards. */
export interface OneRowQuery extends CompiledQuery {
  readonly leaves?: KeyedRow | undefined;
  readonly reach?: Reach | undefined;
}

/**
 * What else a statement has to do with. `own-table`: it reads and writes nothing but rows of one table.
 * `replaces`: that too, and it sets always the same columns of the row that it leaves, to values that are given: of several
 * that share a commit only the last one counts.
 */
export type Reach = 'own-table' | 'replaces';

/** Beyond so many rows of a table all of them are forgotten. */
const MAX_ROWS = 4000;

/**
 * Rows that each message locks (its room, its sender's membership), as the last transaction left them: reading their fifty
 * columns anew costs as much as writing what a message changes.
 *
 * SQLite lets one transaction write at a time, so only statements that pass here can make them untrue: a write forgets all
 * rows of its table, unless it names the only one that it changes; what is taken back and what another process commits forget everything.
 * On PostgreSQL transactions of all nodes are serial, too, and each commit tells the other nodes which rows it changed (`changed-rows.ts`).
 */
export class RememberedRows {
  readonly #tables = new Map<string, Map<string, object>>();
  readonly #freezes: boolean;
  #version: unknown;
  /** Counts writes, so that what was read before one is not remembered after it. */
  #writes = 0;

  /** `freezes` shows who changes an entity in place: the next transaction would take that as stored. */
  constructor(freezes: boolean) {
    this.#freezes = freezes;
  }

  get writes(): number {
    return this.#writes;
  }

  get(table: string, key: string): object | undefined {
    return this.#tables.get(table)?.get(key);
  }

  set(table: string, { key, row }: KeyedRow): void {
    let rows = this.#tables.get(table);
    if (!rows || rows.size >= MAX_ROWS) {
      rows = new Map();
      this.#tables.set(table, rows);
    }
    rows.set(key, this.#freezes ? deeplyFrozen(row) : row);
  }

  /** To be called right after a statement that wrote. */
  noteWrite(compiled: OneRowQuery): void {
    this.#writes += 1;
    const table = writtenTable(compiled);
    if (table === undefined) this.forgetAll();
    else if (compiled.leaves) this.set(table, compiled.leaves);
    else this.#tables.delete(table);
  }

  forgetAll(): void {
    this.#tables.clear();
  }

  /** What `reach` or `forgetUnless` was called with last. */
  get version(): unknown {
    return this.#version;
  }

  /** The version of the data that this process has just written. */
  reach(version: unknown): void {
    this.#version = version;
  }

  /**
   * The data is at `version` now. Where it is known what each commit since the last one changed, only that is forgotten;
   * `commits` may hold others, too, in any order.
   */
  follow(version: number, commits: readonly NumberedChanges[]): void {
    const known = this.#version;
    const missed = commits.filter((commit) => typeof known === 'number' && commit.version > known);
    if (typeof known === 'number' && missed.length === version - known)
      for (const { changes } of missed) this.#forgetChanged(changes);
    else this.forgetAll();
    this.#version = version;
  }

  #forgetChanged(changes: NumberedChanges['changes']): void {
    if (changes === true) return this.forgetAll();
    for (const [table, keys] of Object.entries(changes)) {
      if (keys === true) this.#tables.delete(table);
      else for (const key of keys) this.#tables.get(table)?.delete(key);
    }
  }

  /** `version` is another one as soon as another connection has written. */
  forgetUnless(version: unknown): void {
    if (version !== this.#version) this.forgetAll();
    this.#version = version;
  }
}

/** What `read` makes of a row that it locks, or of some rows of one table; nobody may change it in place. */
export async function rememberedRow<R extends object>(
  db: Db,
  table: keyof Schema & string,
  key: string,
  read: () => Promise<R | undefined>,
): Promise<R | undefined> {
  const rows = rowsOf(db);
  if (!rows) return read();
  // What stands under the key was put there by this `read`, or by a statement that names the row.
  const known = rows.get(table, key) as R | undefined;
  if (known) return known;
  const { writes } = rows;
  const row = await read();
  if (row && rows.writes === writes) rows.set(table, { key, row });
  return row;
}

/** Only transactions remember. */
function rowsOf(db: Db): RememberedRows | undefined {
  return (db.getExecutor() as { rows?: RememberedRows }).rows;
}

/** The table that a statement writes. Undefined where it cannot be told. */
export const writtenTable = ({ query }: CompiledQuery): string | undefined =>
  query.kind === 'SelectQueryNode' ? undefined : tableOf(query);

/** The same, or the only one that it reads. */
export function tableOf(query: CompiledQuery['query']): string | undefined {
  switch (query.kind) {
    case 'SelectQueryNode':
      return query.from?.froms.length === 1 && !query.joins ? nameOf(query.from.froms[0]) : undefined;
    case 'InsertQueryNode':
      return nameOf(query.into);
    case 'UpdateQueryNode':
      return nameOf(query.table);
    case 'DeleteQueryNode':
      return query.from.froms.length === 1 ? nameOf(query.from.froms[0]) : undefined;
    default:
      return undefined;
  }
}

const nameOf = (node: OperationNode | undefined): string | undefined =>
  node && TableNode.is(node) ? node.table.identifier.name : undefined;

function deeplyFrozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deeplyFrozen(member);
  }
  return Object.freeze(value);
}
