import type { Client } from 'pg';
import type { SharedClock, ToldCommit } from '../database.ts';

/** Runs one text on any connection for reading. */
export type Ask = <R extends object>(text: string, values?: unknown[]) => Promise<R[]>;

/** Commits that are forgotten by one statement. */
const FORGOTTEN_AT_ONCE = 5000;

/** Where the commits of all nodes stand. Nobody else changes it while one's own transaction is open. */
export interface CommitOrder {
  /** How many of them wrote. */
  version: number;
  /** Place of the last one that had events. */
  place: number;
  /** The newest stamp that was given. */
  stamp: number;
}

export const READ_ORDER = 'select version, place, stamp from commit_order';

// With names, so that the server keeps them prepared.
const NOTE = {
  name: 'note_commit',
  text: 'update commit_order set version = $1, place = $2, stamp = greatest(stamp, $3)',
};
const TELL = {
  name: 'tell_commits',
  text: `insert into commit_events (place, node, at, body)
    select $1::bigint + n, $2, $3, body from unnest($4::bytea[]) with ordinality as told (body, n)`,
};

/**
 * Stores, in the transaction, what the other nodes are to know: that something was written, the newest stamp, and the events,
 * one of `bodies` for each place after `order.place`. Sends all at once, and returns what follows.
 */
export function tellCommits(
  client: Client,
  node: number,
  clock: SharedClock,
  order: CommitOrder,
  bodies: readonly Uint8Array[],
): { order: CommitOrder; stored: Promise<unknown> } {
  const stamp = clock.newestStamp();
  const next = { version: order.version + 1, place: order.place + bodies.length, stamp };
  const stored = [client.query({ ...NOTE, values: [next.version, next.place, stamp] })];
  if (bodies.length > 0)
    stored.push(client.query({ ...TELL, values: [order.place, String(node), clock.now(), bodies] }));
  return { order: next, stored: Promise.all(stored) };
}

export async function lastPlace(ask: Ask): Promise<number> {
  return (await ask<{ place: number }>('select place from commit_order'))[0]?.place ?? 0;
}

/** Commits after a place, in order; they may not be durable yet. */
export const toldAfter = (ask: Ask, place: number, limit: number): Promise<ToldCommit[]> =>
  ask<ToldCommit>('select place, node, body from commit_events where place > $1 order by place limit $2', [
    place,
    limit,
  ]);

/** Forgets what was told before this time (ms): the oldest first, some at a time, as long as all of them were old. */
export async function forgetTold(ask: Ask, before: number): Promise<void> {
  for (let forgotten = FORGOTTEN_AT_ONCE; forgotten === FORGOTTEN_AT_ONCE; ) {
    const [row] = await ask<{ forgotten: number }>(
      `with oldest as (select place from commit_events order by place limit ${FORGOTTEN_AT_ONCE}),
         gone as (delete from commit_events where place in (select place from oldest) and at < $1 returning 1)
       select count(*) as forgotten from gone`,
      [before],
    );
    forgotten = row?.forgotten ?? 0;
  }
}
