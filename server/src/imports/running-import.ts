import type { Context, WriteScope } from '../context.ts';
import type { Db, Tx } from '../storage/database.ts';
import type { ImportCounts, ImportOperation, ImportState } from './operation.ts';
import { changeOperation, operationIn } from './operation-steps.ts';

/** What the jobs of an import ask before each step: somebody may have ended it meanwhile. */

export class ImportEnded extends Error {
  override readonly name = 'ImportEnded';
}

/** @throws ImportEnded */
export async function operationStillIn(
  db: Tx | Db,
  id: string,
  state: ImportState,
): Promise<ImportOperation> {
  const operation = await operationIn(db, id, state);
  if (!operation) throw new ImportEnded('the import was ended');
  return operation;
}

/** Adds to the counters of an import that runs, and tells them. @throws ImportEnded */
export async function countDone(
  ctx: Context,
  { tx, emit }: WriteScope,
  id: string,
  done: Pick<ImportCounts, 'completed' | 'error'>,
): Promise<void> {
  const operation = await operationStillIn(tx, id, 'importing');
  const { completed, error } = operation.counts;
  const counts = {
    ...operation.counts,
    completed: completed + done.completed,
    error: error + done.error,
  };
  await changeOperation(ctx, { tx, emit }, operation, { counts });
}
