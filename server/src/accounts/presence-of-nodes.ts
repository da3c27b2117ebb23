import type { Db, SharedDatabase, Tx } from '../storage/database.ts';
import {
  deletePresenceRows,
  type NodePresenceRow,
  nodesWithPresence,
  presenceRowsOf,
  storePresenceRows,
} from './node-presence.store.ts';
import { bestStatus, type PresenceStatus, presenceStatus } from './user.ts';

/** What this node holds of a user who is connected to it. */
export interface Held {
  /** At least one. */
  connections: number;
  /** The best of their states. */
  status: PresenceStatus;
}

/** Who is connected to which of the nodes that share a database: each stores what it holds and reads what the others do. */
export class PresenceOfNodes {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  get node(): string {
    return this.#database.node;
  }

  /** Nobody else uses the database: whatever it says of connections is of nodes that are dead. */
  async isAlone(db: Db): Promise<boolean> {
    const live = await this.#database.liveNodes(db);
    return [...live].every((node) => node === this.node);
  }

  /** Nodes that hold users and are dead. */
  async deadNodes(db: Db): Promise<string[]> {
    const holding = (await nodesWithPresence(db)).filter((node) => node !== this.node);
    // Asked afterwards: whoever is there by now was there when it stored a row.
    return holding.length === 0 ? [] : this.#deadAmong(db, holding);
  }

  /**
   * Stores what this node holds of the users (undefined: nothing), with three statements at most, and returns the state of
   * their connections to all nodes taken together. `clearDead`: what dead nodes held of them is forgotten.
   */
  async exchange(
    tx: Tx,
    held: ReadonlyMap<string, Held | undefined>,
    { clearDead }: { clearDead: boolean },
  ): Promise<Map<string, PresenceStatus>> {
    const rows = await presenceRowsOf(tx, [...held.keys()]);
    const others = await this.#storeAndSort(tx, rows, held, clearDead);
    const all = new Map<string, PresenceStatus[]>();
    for (const [uid, own] of held) all.set(uid, own ? [own.status] : []);
    for (const { uid, status } of others) all.get(uid)?.push(presenceStatus(status));
    return new Map([...all].map(([uid, statuses]) => [uid, bestStatus(statuses)]));
  }

  /** Makes the table say what is held here; returns the rows of the others. */
  async #storeAndSort(
    tx: Tx,
    rows: readonly NodePresenceRow[],
    held: ReadonlyMap<string, Held | undefined>,
    clearDead: boolean,
  ): Promise<NodePresenceRow[]> {
    const own = new Map(rows.filter(({ node }) => node === this.node).map((row) => [row.uid, row]));
    const changed: NodePresenceRow[] = [];
    for (const [uid, now] of held) {
      const stored = own.get(uid);
      if (now && (stored?.connections !== now.connections || stored.status !== now.status))
        changed.push({ node: this.node, uid, ...now });
    }
    await storePresenceRows(tx, changed);
    const gone = [...own.keys()].filter((uid) => !held.get(uid));
    await deletePresenceRows(tx, [this.node], gone);
    const others = rows.filter(({ node }) => node !== this.node);
    return clearDead ? this.#clearDead(tx, others) : others;
  }

  /** Returns the rows of those who live. */
  async #clearDead(tx: Tx, others: readonly NodePresenceRow[]): Promise<NodePresenceRow[]> {
    const dead = new Set(await this.#deadAmong(tx, [...new Set(others.map(({ node }) => node))]));
    const theirs = others.filter(({ node }) => dead.has(node));
    await deletePresenceRows(tx, [...dead], [...new Set(theirs.map(({ uid }) => uid))]);
    return others.filter(({ node }) => !dead.has(node));
  }

  async #deadAmong(db: Db, nodes: readonly string[]): Promise<string[]> {
    const live = await this.#database.liveNodes(db);
    return nodes.filter((node) => !live.has(node));
  }
}
