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

  /** Nodes that hold users and are dead. */
  async deadNodes(db: Db): Promise<string[]> {
    const holding = (await nodesWithPresence(db)).filter((node) => node !== this.#database.node);
    // Asked afterwards: whoever is there by now was there when it stored a row.
    return holding.length === 0 ? [] : this.#deadAmong(db, holding);
  }

  /**
   * Stores what this node holds of the users (undefined: nothing), with three statements at most however many they are, and
   * returns the state of the connections of those whom others hold. `clearDead`: what dead nodes held of them is forgotten,
   * with two more.
   */
  async exchange(
    tx: Tx,
    held: ReadonlyMap<string, Held | undefined>,
    { clearDead }: { clearDead: boolean },
  ): Promise<Map<string, PresenceStatus>> {
    const rows = await presenceRowsOf(tx, [...held.keys()]);
    const isOwn = ({ node }: NodePresenceRow) => node === this.#database.node;
    await this.#storeHeld(tx, rows.filter(isOwn), held);
    const foreign = rows.filter((row) => !isOwn(row));
    const others = new Map<string, PresenceStatus>();
    for (const { uid, status } of clearDead ? await this.#clearDead(tx, foreign) : foreign) {
      others.set(uid, bestStatus([others.get(uid) ?? 'offline', presenceStatus(status)]));
    }
    return others;
  }

  /** Makes the rows of this node say what is held here. */
  async #storeHeld(
    tx: Tx,
    rows: readonly NodePresenceRow[],
    held: ReadonlyMap<string, Held | undefined>,
  ): Promise<void> {
    const own = new Map(rows.map((row) => [row.uid, row]));
    const changed: NodePresenceRow[] = [];
    for (const [uid, now] of held) {
      const stored = own.get(uid);
      if (now && (stored?.connections !== now.connections || stored.status !== now.status))
        changed.push({ node: this.#database.node, uid, ...now });
    }
    await storePresenceRows(tx, changed);
    const gone = [...own.keys()].filter((uid) => !held.get(uid));
    await deletePresenceRows(tx, [this.#database.node], gone);
  }

  /** Forgets those of dead nodes; returns the rest. */
  async #clearDead(tx: Tx, others: readonly NodePresenceRow[]): Promise<readonly NodePresenceRow[]> {
    if (others.length === 0) return others;
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
