import { importUser } from '../accounts/import-user.ts';
import { digestOf, hashDigest, randomPassword } from '../accounts/passwords.ts';
import type { RoomHooks } from '../accounts/room-hooks.ts';
import { type Context, within } from '../context.ts';
import { type Job, type JobHandler, jobHandler } from '../jobs/job.ts';
import { Refusal } from '../kernel/errors.ts';
import { deleteRecord, nextRecords, operationById, setRecordError } from './imports.store.ts';
import { type ImportOperation, type StagedUser, stateOf } from './operation.ts';
import { changeOperation } from './operation-steps.ts';

/** After so many people it is told how far the import is (spec 32 A). */
const BATCH = 50;
const DAY_MS = 24 * 60 * 60_000;

/** Takes in who waits in an operation, each in a transaction of its own; who cannot be taken in keeps waiting with the reason. */
export const importJob = (rooms: RoomHooks): JobHandler =>
  jobHandler<'imports.run'>({
    kind: 'imports.run',
    concurrency: 1,
    attempts: 2,
    timeoutMs: DAY_MS,
    async run(ctx, job) {
      // A restart ends the operation, so that this run finds nothing to do.
      let operation = await running(ctx, job.payload.id);
      if (!operation) return;
      try {
        operation = await advance(ctx, operation, { step: 'importer_importing_users' });
        for (let position = 0; operation && position < operation.counts.total; position += BATCH)
          operation = await importBatch(ctx, rooms, job, operation, position);
        if (operation) await advance(ctx, operation, { step: 'importer_done' });
      } catch (err) {
        if (job.signal.aborted) throw err;
        ctx.log.error({ err, import: job.payload.id }, 'an import failed');
        const failed = await running(ctx, job.payload.id);
        if (failed) await advance(ctx, failed, { step: 'importer_import_failed' });
      }
    },
  });

/** Undefined when somebody has ended it meanwhile. */
async function running(ctx: Context, id: string): Promise<ImportOperation | undefined> {
  const operation = await operationById(ctx.db, id);
  return stateOf(operation) === 'importing' ? operation : undefined;
}

const advance = (
  ctx: Context,
  { id }: ImportOperation,
  change: Parameters<typeof changeOperation>[3],
): Promise<ImportOperation | undefined> =>
  ctx.write(async (tx, emit) => {
    const operation = await running(within(ctx, tx), id);
    return operation && changeOperation(ctx, { tx, emit }, operation, change);
  });

async function importBatch(
  ctx: Context,
  rooms: RoomHooks,
  job: Job<unknown>,
  operation: ImportOperation,
  position: number,
): Promise<ImportOperation | undefined> {
  const counts = { ...operation.counts };
  for (const record of await nextRecords(ctx.db, operation.id, position, BATCH)) {
    job.signal.throwIfAborted();
    if (record.position >= position + BATCH) break;
    const outcome = await importOne(ctx, rooms, operation.id, record);
    if (outcome === 'ended') return undefined;
    counts[outcome] += 1;
  }
  return advance(ctx, operation, { counts });
}

async function importOne(
  ctx: Context,
  rooms: RoomHooks,
  operationId: string,
  { position, user }: { position: number; user: StagedUser },
): Promise<'completed' | 'error' | 'ended'> {
  const hash = user.passwordHash ?? (await hashDigest(ctx, digestOf(randomPassword())));
  try {
    return await ctx.write(async (tx, emit) => {
      const inside = within(ctx, tx);
      if (!(await running(inside, operationId))) return 'ended';
      await importUser(inside, rooms, { tx, emit }, { ...user, hash });
      await deleteRecord(tx, operationId, position);
      return 'completed';
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await ctx.write((tx) => setRecordError(tx, operationId, position, error.message));
    return 'error';
  }
}
