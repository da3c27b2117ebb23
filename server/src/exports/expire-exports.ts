import type { Context } from '../context.ts';
import { removeFiles } from '../files/remove-files.ts';
import { deleteExports, exportsBefore } from './exports.store.ts';

/** An archive can be fetched for so long. */
const KEPT_MS = 7 * 24 * 60 * 60_000;
const BATCH = 100;

/** Periodic: removes exports with their files a week after somebody asked for them. */
export async function expireExports(ctx: Context): Promise<void> {
  let ids: string[];
  do {
    ids = await exportsBefore(ctx.db, ctx.clock.now() - KEPT_MS, BATCH);
    const old = ids;
    if (old.length === 0) return;
    await ctx.write(async (tx, emit) => {
      await removeFiles(ctx, { tx, emit }, { ids: old });
      await deleteExports(tx, { ids: old });
    });
  } while (ids.length === BATCH);
}
