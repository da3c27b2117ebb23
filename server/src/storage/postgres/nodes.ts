import { sql } from 'kysely';
import type { Client } from 'pg';
import type { Db } from '../database.ts';
import { LOCKS } from './locks.ts';

/** The server notices within a minute that a machine is gone, and with it its locks. */
export const KEEPALIVE = {
  tcp_keepalives_idle: '20',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
};
const ASK_AGAIN_AFTER_MS = 200;
const RELEASED_AFTER_MS = 3000;

/**
 * Says that this process uses the database. One that expects no others is refused beside another, and others beside it: they
 * would not hear of each other's commits.
 */
export async function holdPresence(client: Client, shared: boolean): Promise<void> {
  const lock = shared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock';
  // The server notices only after a moment that a process is gone that was killed.
  const until = performance.now() + RELEASED_AFTER_MS;
  do {
    const { rows } = await client.query<{ held: number }>(`select ${lock}(${LOCKS.present}) as held`);
    if (rows[0]?.held === 1) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS));
  } while (performance.now() < until);
  await client.end();
  throw new Error(
    shared
      ? 'A server without NATS uses this database. Stop it, or give both the address of one NATS server (natsUrl).'
      : 'Another server uses this database. Several may when each is given the address of one NATS server (natsUrl).',
  );
}

export async function listNode(client: Client, node: number): Promise<void> {
  const { rows } = await client.query<{ held: number }>('select pg_try_advisory_lock($1, $2) as held', [
    LOCKS.node,
    node,
  ]);
  if (rows[0]?.held !== 1) throw new Error('another node has the same number');
}

export async function liveNodes(db: Db): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ node: string }>`select objid::text as node from pg_locks
    where locktype = 'advisory' and classid = ${LOCKS.node} and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database())`.execute(db);
  return new Set(rows.map((row) => row.node));
}
