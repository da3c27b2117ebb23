import { arch, cpus, freemem, loadavg, platform, release, totalmem, type, uptime } from 'node:os';
import type { Context } from '../context.ts';
import type { Db, SharedDatabase } from '../storage/database.ts';
import { deleteNodesExcept, saveNode, storedNodes } from './instances.store.ts';

/** What a node says of itself that stays as it is for as long as it runs. */
interface NodeDescription {
  pid: number;
  host: string;
  port: string;
  nodeVersion: string;
  os: { type: string; platform: string; arch: string; release: string; totalmem: number; cpus: number };
}

/**
 * The processes that serve the workspace (spec 23, "Statistics, instances"). Where several share the database each describes
 * itself in it when it starts; which of them are there the database knows by their connections.
 */
export class Instances {
  readonly #ctx: Context;
  readonly #connections: () => number;
  readonly #database: SharedDatabase | undefined;
  readonly #startedAt: number;

  constructor(ctx: Context, connections: () => number, database: SharedDatabase | undefined) {
    this.#ctx = ctx;
    this.#connections = connections;
    this.#database = database;
    this.#startedAt = ctx.clock.now();
  }

  /** Tells the other nodes of this one, and forgets those that are gone. */
  async announce(): Promise<void> {
    const database = this.#database;
    if (!database) return;
    const doc = describeNode(this.#ctx);
    await this.#ctx.write(async (tx) => {
      await saveNode(tx, { node: database.node, startedAt: this.#startedAt, doc });
      await deleteNodesExcept(tx, [...new Set([database.node, ...(await database.liveNodes(tx))])]);
    });
    database.onRegained(() => this.#announceAgain());
  }

  /** While this node was not listed another may have taken it for dead. */
  #announceAgain(): void {
    const { node } = this.#database ?? {};
    if (node === undefined) return;
    const doc = describeNode(this.#ctx);
    this.#ctx
      .write((tx) => saveNode(tx, { node, startedAt: this.#startedAt, doc }))
      .catch((err) => this.#ctx.log.error({ err }, 'this node is not among the instances'));
  }

  async count(db: Db): Promise<number> {
    return this.#database ? (await this.#database.liveNodes(db)).size : 1;
  }

  /** This one first. */
  async list(): Promise<object[]> {
    const { db, settings, clock } = this.#ctx;
    const own = presentInstance(describeNode(this.#ctx), {
      id: this.#database?.node ?? settings.text('uniqueID'),
      startedAt: this.#startedAt,
      seenAt: clock.now(),
      connections: this.#connections(),
      os: { uptime: uptime(), loadavg: loadavg(), freemem: freemem() },
      local: true,
    });
    const live = this.#database ? [...(await this.#database.liveNodes(db))] : [];
    const others = live.filter((node) => node !== this.#database?.node);
    if (others.length === 0) return [own];
    const stored = await storedNodes<NodeDescription>(db, others);
    return [
      own,
      ...stored.map(({ node, startedAt, doc, connections }) =>
        presentInstance(doc, { id: node, startedAt, seenAt: clock.now(), connections, os: {}, local: false }),
      ),
    ];
  }
}

function describeNode({ config }: Context): NodeDescription {
  const { hostname: host, port } = new URL(config.rootUrl);
  const os = { type: type(), platform: platform(), arch: arch(), release: release(), totalmem: totalmem() };
  return {
    pid: process.pid,
    host,
    port,
    nodeVersion: process.version,
    os: { ...os, cpus: cpus().length },
  };
}

function presentInstance(
  { pid, host, port, nodeVersion, os }: NodeDescription,
  now: {
    id: string;
    startedAt: number;
    seenAt: number;
    connections: number;
    /** What changes from moment to moment, where it is known. */
    os: object;
    local: boolean;
  },
): object {
  return {
    address: host,
    currentStatus: { connected: true, local: now.local },
    instanceRecord: {
      _id: now.id,
      _createdAt: new Date(now.startedAt),
      _updatedAt: new Date(now.seenAt),
      name: 'gantry',
      pid,
      extraInformation: { host, port, os: { ...os, ...now.os }, nodeVersion, conns: now.connections },
    },
    broadcastAuth: true,
  };
}
