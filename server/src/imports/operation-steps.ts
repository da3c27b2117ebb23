import type { Context, WriteScope } from '../context.ts';
import { removeFiles } from '../files/remove-files.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { newId } from '../kernel/ids.ts';
import type { Db, Tx } from '../storage/database.ts';
import type { ImporterKey } from './importers.ts';
import {
  deleteRecordsFrom,
  insertOperation,
  latestOperations,
  operationById,
  operationWithRecords,
  saveOperation,
} from './imports.store.ts';
import { type ImportOperation, type ImportState, type ImportStep, NO_COUNTS, stateOf } from './operation.ts';
import './imports.events.ts';
import type { WantedParts } from './wanted-parts.ts';

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'imports.download': { id: string; url: string };
    'imports.prepare': { id: string };
    /** `uid`: who let it run. `wanted`: what of it; everything by default. */
    'imports.run': { id: string; uid?: string; wanted?: WantedParts };
    'imports.sweep': { [none: string]: never };
  }
}

/** The one operation that there is at a time, which may be over. */
export const latest = async (db: Tx | Db): Promise<ImportOperation | undefined> =>
  (await latestOperations(db, 1))[0];

/** Stores what changes of an operation; who watches an import that runs is told. Returns it as it is then. */
export async function changeOperation(
  ctx: Context,
  { tx, emit }: WriteScope,
  operation: ImportOperation,
  change: Partial<Pick<ImportOperation, 'step' | 'isValid' | 'counts' | 'fileName' | 'contentType'>>,
): Promise<ImportOperation> {
  const changed = { ...operation, ...change, updatedAt: ctx.clock.stamp() };
  await saveOperation(tx, changed);
  if (['importing', 'done'].includes(stateOf(changed)) || changed.step === 'importer_import_failed')
    emit('import.progressed', { operation: changed });
  return changed;
}

/** The operation, as long as it is valid and in this state: a job of one that was ended finds nothing to do. */
export async function operationIn(
  db: Tx | Db,
  id: string,
  state: ImportState,
): Promise<ImportOperation | undefined> {
  const operation = await operationById(db, id);
  return stateOf(operation) === state ? operation : undefined;
}

/** The same in a transaction that changes it; undefined when somebody has ended it meanwhile. */
export const advance = (
  ctx: Context,
  id: string,
  state: ImportState,
  change: { step?: ImportStep; counts?: ImportOperation['counts'] },
): Promise<ImportOperation | undefined> =>
  ctx.write(async (tx, emit) => {
    const operation = await operationIn(tx, id, state);
    return operation && changeOperation(ctx, { tx, emit }, operation, change);
  });

/** Begins anew: the former operation ends, and what waits in it is forgotten (spec 32 A). */
export async function beginOperation(
  ctx: Context,
  { tx, emit }: WriteScope,
  given: { importerKey: ImporterKey; uid: string } & Partial<ImportOperation>,
): Promise<ImportOperation> {
  await endOperation(ctx, { tx, emit });
  const at = ctx.clock.stamp();
  const operation: ImportOperation = {
    ...{ id: newId(), step: 'importer_new', isValid: true, createdAt: at, updatedAt: at, counts: NO_COUNTS },
    ...given,
  };
  await insertOperation(tx, operation);
  return operation;
}

/** What goes with the end of an operation at once; the rest is swept away by a job. */
const AT_ONCE = 500;

/** Ends the operation that there is. */
export async function endOperation(ctx: Context, { tx, emit }: WriteScope): Promise<void> {
  const former = await latest(tx);
  if (!former) return;
  if (former.isValid) await changeOperation(ctx, { tx, emit }, former, { isValid: false });
  await removeFiles(ctx, { tx, emit }, { ids: [former.id] });
  if (await deleteRecordsFrom(tx, former.id, 0, AT_ONCE)) await sweepLater(ctx, { tx, emit });
}

export const sweepLater = (ctx: Context, scope: WriteScope): Promise<void> =>
  enqueue(ctx, scope, { kind: 'imports.sweep', payload: {}, key: 'all' });

const SWEPT = 2000;

/** Removes what waits in operations that were ended or failed, some at a time. False when nothing is left of them. */
export const sweepSome = (ctx: Context): Promise<boolean> =>
  ctx.write(async (tx) => {
    const present = await latest(tx);
    const kept = present && stateOf(present) !== 'error' ? present.id : '';
    const ended = await operationWithRecords(tx, kept);
    if (ended === undefined) return false;
    await deleteRecordsFrom(tx, ended, 0, SWEPT);
    return true;
  });

/**
 * At a start, if `isAlone` says in the transaction that no other node could be at it: an operation that was running when the
 * server ended does not go on (spec 32 A).
 */
export async function endRunningImport(
  ctx: Context,
  isAlone: (tx: Tx) => Promise<boolean> = async () => true,
): Promise<void> {
  // The usual start has nothing to end and writes nothing.
  if (!isRunning(await latest(ctx.db))) return;
  await ctx.write(async (tx, emit) => {
    const former = await latest(tx);
    if (former && isRunning(former) && (await isAlone(tx))) await endForGood(ctx, { tx, emit }, former);
  });
}

/** The job of an operation in this state was broken off with its process: no other run goes on with it. */
export const endBrokenOff =
  (state: ImportState) =>
  async (ctx: Context, { tx, emit }: WriteScope, { id }: { id: string }): Promise<void> => {
    const operation = await operationIn(tx, id, state);
    if (operation && isRunning(operation)) await endForGood(ctx, { tx, emit }, operation);
  };

/** A file that only waits is as good after a restart. */
const isRunning = (operation: ImportOperation | undefined): boolean =>
  operation?.step !== 'importer_file_loaded' && ['importing', 'loading'].includes(stateOf(operation));

async function endForGood(ctx: Context, { tx, emit }: WriteScope, operation: ImportOperation): Promise<void> {
  await changeOperation(ctx, { tx, emit }, operation, { isValid: false });
  await removeFiles(ctx, { tx, emit }, { ids: [operation.id] });
  await sweepLater(ctx, { tx, emit });
}
