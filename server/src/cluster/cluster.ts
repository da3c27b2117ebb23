import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import type { Emit, EmittedEvent, EventBus } from '../kernel/events.ts';
import type { SharedDatabase, Storage, ToldCommit } from '../storage/database.ts';
import { CommitsInOrder, type UnreadCommit } from './commits-in-order.ts';
import { connectToNats, type Line } from './nats.ts';

/** For how long it can be read what was committed. A node that hears nothing for longer has to be started anew. */
const COMMITS_KEPT_MS = 10 * 60_000;

interface SaidEvent {
  node: string;
  event: EmittedEvent;
}

export interface ClusterOptions {
  natsUrl: string;
  storage: Storage;
  events: EventBus;
  clock: Clock;
  log: Logger;
}

/** A node among others that share the database. */
export interface Cluster {
  database: SharedDatabase;
  feed: CommitsInOrder;
  /** Publishes an event on all nodes, at once and without a commit. It may be lost on its way; nothing is stored. */
  tell: Emit;
  /** Starts to publish what other nodes commit: when everything that listens is in place. */
  open(): Promise<void>;
  /** What was told long ago is forgotten. */
  forgetOld(): Promise<void>;
  /** Why this node cannot go on and has to be started anew. */
  readonly failure: Error | undefined;
  /** Resolves with the failure, if there ever is one. */
  readonly lost: Promise<Error>;
  close(): Promise<void>;
}

/** Joins the other nodes. Commits of theirs are kept from now on, and published after `open`. */
export async function joinCluster(options: ClusterOptions): Promise<Cluster> {
  const { natsUrl, storage, events, clock, log } = options;
  if (!storage.share) throw new Error('several nodes need a PostgreSQL database (databaseUrl)');
  const database = await storage.share(clock);
  const line = await connectToNats({ url: natsUrl, log });
  const node = new Node({ database, line, events, clock, log });
  // Before anything of the database is read.
  await node.start();
  return node;
}

interface NodeParts {
  database: SharedDatabase;
  line: Line;
  events: EventBus;
  clock: Clock;
  log: Logger;
}

class Node implements Cluster {
  readonly database: SharedDatabase;
  readonly feed: CommitsInOrder;
  failure: Error | undefined;
  readonly lost: Promise<Error>;
  readonly #parts: NodeParts;
  #from = 0;

  constructor(parts: NodeParts) {
    const { database, events, log } = parts;
    this.#parts = parts;
    this.database = database;
    let fail: (error: Error) => void = () => {};
    this.lost = new Promise((resolve) => {
      fail = resolve;
    });
    this.feed = new CommitsInOrder({
      log,
      database,
      events,
      announce: (commit) => this.#announce(commit),
      lost: (error) => {
        this.failure = error;
        log.fatal({ err: error }, 'this node must be started anew');
        fail(error);
      },
    });
  }

  async start(): Promise<void> {
    const { line, events } = this.#parts;
    line.hear(this.#subject('commits'), (commit) => this.feed.receive(commit as ToldCommit | UnreadCommit));
    line.hear(this.#subject('events'), (said) => {
      const { node, event } = said as SaidEvent;
      if (node !== this.database.node) events.publishForeign(event[0], event[1]);
    });
    this.#from = await this.database.lastPlace();
  }

  readonly tell: Emit = (name, payload) => {
    const { events, line, log } = this.#parts;
    events.publish(name, payload);
    const said: SaidEvent = { node: this.database.node, event: [name, payload] as unknown as EmittedEvent };
    if (!line.say(this.#subject('events'), said))
      log.warn({ event: name }, 'an event was too large for the other nodes');
  };

  open(): Promise<void> {
    return this.feed.open(this.#from);
  }

  forgetOld(): Promise<void> {
    return this.database.forgetCommitsBefore(this.#parts.clock.now() - COMMITS_KEPT_MS);
  }

  async close(): Promise<void> {
    this.feed.close();
    await this.#parts.line.close();
  }

  #announce(commit: ToldCommit): void {
    const { line } = this.#parts;
    if (line.say(this.#subject('commits'), commit)) return;
    const { place, node } = commit;
    line.say(this.#subject('commits'), { place, node } satisfies UnreadCommit);
  }

  /** Nodes of another database, a copy of this one even, may use the same NATS servers. */
  #subject(of: 'commits' | 'events'): string {
    return `gantry.${this.database.name}.${this.database.place}.${of}`;
  }
}
