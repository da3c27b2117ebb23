import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import type { Blobs } from './files/blobs/blobs.ts';
import type { Scripts } from './integrations/scripts/scripts.ts';
import type { Clock } from './kernel/clock.ts';
import type { Emit, EventBus } from './kernel/events.ts';
import type { Permissions } from './kernel/permissions.ts';
import type { Settings } from './kernel/settings.ts';
import type { NameServers } from './outbound/name-servers.ts';
import type { Db, Tx } from './storage/database.ts';

/** Everything an operation may use. One per server instance; nothing is global. */
export interface Context {
  config: Config;
  log: Logger;
  clock: Clock;
  settings: Settings;
  permissions: Permissions;
  events: EventBus;
  /**
   * Publishes an event without a commit, on this node and on the others, where it may be lost: for what nobody misses, such as
   * that somebody is typing.
   */
  tell: Emit;
  /** The bytes of files. */
  blobs: Blobs;
  /** What runs the scripts of webhooks. */
  scripts: Scripts;
  /** The domain name system. */
  names: NameServers;
  /** For reads outside a transaction. */
  db: Db;
  /**
   * Runs `work` in one transaction. Resolves when the commit is durable; only then are the
   * emitted events published, in commit order. When `work` throws, nothing is stored and nothing is published.
   */
  write<T>(work: (tx: Tx, emit: Emit) => Promise<T>): Promise<T>;
}

/** What `ctx.write` hands to its work, for operations that run inside somebody else's transaction. */
export interface WriteScope {
  tx: Tx;
  emit: Emit;
}

/**
 * The context for reading inside a transaction: what is asked of it sees what the transaction wrote and what is locked.
 * Rules that are checked with it hold until the commit.
 */
export const within = (ctx: Context, tx: Tx): Context => ({ ...ctx, db: tx });
