import type { Client } from 'pg';
import type { Changes, NumberedChanges } from '../changed-rows.ts';
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

/** For the changes of so many commits there is room: what was written before is read anew by whoever missed it. */
const KEPT_CHANGES = 32;

/** What the commits after `version` changed, as far as that is kept. */
export const readChangesAfter = (version: unknown): string =>
  `select version, changes from commit_changes where version > ${typeof version === 'number' ? version : 'null'}`;

/** A row of `readChangesAfter`. */
export interface ToldChanges {
  version: number;
  /** JSON of `Changes`. */
  changes: string;
}

export const changesOf = (rows: readonly ToldChanges[]): NumberedChanges[] =>
  rows.map(({ version, changes }) => ({ version, changes: JSON.parse(changes) as Changes }));

// With names, so that the server keeps them prepared.
const NOTE = {
  name: 'note_commit',
  text: `with noted as (update commit_order set version = $1, place = $2, stamp = greatest(stamp, $3))
    insert into commit_changes (slot, version, changes) values ($4, $1, $5)
    on conflict (slot) do update set version = excluded.version, changes = excluded.changes`,
};
const TELL = {
  name: 'tell_commits',
  text: `insert into commit_events (place, node, at, body)
    select $1::bigint + n, $2, $3, body from unnest($4::bytea[]) with ordinality as told (body, n)`,
};

/** What the other nodes are to know of a turn. */
export interface Told {
  node: number;
  clock: SharedClock;
  /** As of its begin. */
  order: CommitOrder;
  /** Events, one body for each place after `order.place`. */
  bodies: readonly Uint8Array[];
  changes: Changes;
}

/** Stores in the transaction what it tells, and the newest stamp. Sends all at once, and returns what follows. */
export function tellCommits(
  client: Client,
  { node, clock, order, bodies, changes }: Told,
): { order: CommitOrder; stored: Promise<unknown> } {
  const stamp = clock.newestStamp();
  const next = { version: order.version + 1, place: order.place + bodies.length, stamp };
  const slot = next.version % KEPT_CHANGES;
  const stored = [
    client.query({ ...NOTE, values: [next.version, next.place, stamp, slot, JSON.stringify(changes)] }),
  ];
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
