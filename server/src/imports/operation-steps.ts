import type { Context, WriteScope } from '../context.ts';
import { latestOperations, saveOperation } from './imports.store.ts';
import { type ImportOperation, type ImportStep, stateOf } from './operation.ts';
import './imports.events.ts';

/** Stores what changes of an operation; who watches an import that runs is told. Returns it as it is then. */
export async function changeOperation(
  ctx: Context,
  { tx, emit }: WriteScope,
  operation: ImportOperation,
  change: { step?: ImportStep; isValid?: false; counts?: ImportOperation['counts'] },
): Promise<ImportOperation> {
  const changed = { ...operation, ...change, updatedAt: ctx.clock.stamp() };
  await saveOperation(tx, changed);
  if (['importing', 'done'].includes(stateOf(changed))) emit('import.progressed', { operation: changed });
  return changed;
}

/** At the start of the server: an operation that was running when it ended does not go on (spec 32 A). */
export async function endRunningImport(ctx: Context): Promise<void> {
  const [latest] = await latestOperations(ctx.db, 1);
  if (!latest || stateOf(latest) !== 'importing') return;
  await ctx.write((tx, emit) => changeOperation(ctx, { tx, emit }, latest, { isValid: false }));
}
