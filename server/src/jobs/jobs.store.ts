import type { Selectable } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import { prepared } from '../storage/prepared.ts';
import { lockingRows } from '../storage/row-locks.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of jobs. A claimed job is one whose `run_at` lies where the claim runs out: one column, one index for both. */

export type JobRow = Selectable<Schema['jobs']>;

const insertQuery = prepared<JobRow, { id: string }>((db, parameter) =>
  db
    .insertInto('jobs')
    .values({
      id: parameter('id'),
      kind: parameter('kind'),
      job_key: parameter('job_key'),
      payload: parameter('payload'),
      run_at: parameter('run_at'),
      attempts: parameter('attempts'),
      claim: parameter('claim'),
      last_error: parameter('last_error'),
      created_at: parameter('created_at'),
    })
    .onConflict((conflict) => conflict.columns(['kind', 'job_key']).doNothing())
    .returning('id'),
);

/** False when there is one of its kind with its key. */
export async function insertJob(tx: Tx, job: JobRow): Promise<boolean> {
  return (await insertQuery(tx, job)).rows.length > 0;
}

const nextDueQuery = prepared<{ kind: string }, { run_at: number }>((db, parameter) =>
  db.selectFrom('jobs').select('run_at').where('kind', '=', parameter('kind')).orderBy('run_at').limit(1),
);

/** When the next job of the kind is due. */
export async function nextDue(db: Db, kind: string): Promise<number | undefined> {
  const [row] = (await nextDueQuery(db, { kind })).rows;
  return row?.run_at;
}

/** Those to run now, the longest due first. */
export const dueJobs = (
  tx: Tx,
  kind: string,
  { now, limit, except }: { now: number; limit: number; except: readonly string[] },
): Promise<JobRow[]> => {
  const due = tx
    .selectFrom('jobs')
    .selectAll()
    .where('kind', '=', kind)
    .where('run_at', '<=', now)
    .orderBy('run_at')
    .limit(limit);
  return lockingRows(tx, except.length === 0 ? due : due.where('id', 'not in', except)).execute();
};

const claimQuery = prepared<{ id: string; claim: string; until: number }, unknown>((db, parameter) =>
  db
    .updateTable('jobs')
    .set((eb) => ({
      claim: parameter('claim'),
      run_at: parameter('until'),
      attempts: eb('attempts', '+', 1),
    }))
    .where('id', '=', parameter('id')),
);

export async function claimJob(tx: Tx, id: string, claim: string, until: number): Promise<void> {
  await claimQuery(tx, { id, claim, until });
}

const deleteQuery = prepared<{ id: string; claim: string }, { id: string }>((db, parameter) =>
  db
    .deleteFrom('jobs')
    .where('id', '=', parameter('id'))
    .where('claim', '=', parameter('claim'))
    .returning('id'),
);

/** False when the claim is no longer held. */
export async function deleteJob(tx: Tx, id: string, claim: string): Promise<boolean> {
  return (await deleteQuery(tx, { id, claim })).rows.length > 0;
}

/** To be run again at `runAt`, if the claim is still held. */
export async function postponeJob(
  tx: Tx,
  id: string,
  claim: string,
  { runAt, error }: { runAt: number; error: string },
): Promise<void> {
  await tx
    .updateTable('jobs')
    .set({ claim: null, run_at: runAt, last_error: error })
    .where('id', '=', id)
    .where('claim', '=', claim)
    .execute();
}

/** A run that the server itself broke off does not count as an attempt. Undefined when the claim is no longer held. */
export async function releaseJob(
  tx: Tx,
  id: string,
  claim: string,
  now: number,
): Promise<Pick<JobRow, 'kind' | 'payload'> | undefined> {
  return tx
    .updateTable('jobs')
    .set((eb) => ({ claim: null, run_at: now, attempts: eb('attempts', '-', 1) }))
    .where('id', '=', id)
    .where('claim', '=', claim)
    .returning(['kind', 'payload'])
    .executeTakeFirst();
}

export type ClaimedJob = Pick<JobRow, 'id' | 'kind' | 'payload'> & { claim: string };

/** Those that somebody has claimed, whether or not the claim has run out: a few for each process. */
export async function claimedJobs(db: Db): Promise<ClaimedJob[]> {
  const rows = await db
    .selectFrom('jobs')
    .select(['id', 'kind', 'payload', 'claim'])
    .where('claim', 'is not', null)
    .execute();
  return rows.map((row) => ({ ...row, claim: row.claim ?? '' }));
}

/** The claims of jobs of the kind that have not run out. */
export async function lastingClaims(db: Db, kind: string, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('jobs')
    .select('claim')
    .where('kind', '=', kind)
    .where('run_at', '>', now)
    .where('claim', 'is not', null)
    .execute();
  return rows.map((row) => row.claim ?? '');
}

/** What a process had begun that is gone may be claimed again; the attempt counts. */
export async function releaseClaim(tx: Tx, id: string, now: number): Promise<void> {
  await tx.updateTable('jobs').set({ claim: null, run_at: now }).where('id', '=', id).execute();
}
