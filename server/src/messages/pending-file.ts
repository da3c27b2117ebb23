import type { Context } from '../context.ts';
import { countPendingFiles, deletePendingFile, nextPendingFiles } from './imported-messages.store.ts';
import type { PendingFile } from './message.ts';

export const pendingFiles = (
  ctx: Context,
  after: string,
  limit: number,
): Promise<{ messageId: string; file: PendingFile }[]> => nextPendingFiles(ctx.db, after, limit);

export const numberOfPendingFiles = (ctx: Context): Promise<number> => countPendingFiles(ctx.db);

/** It was fetched, or nobody can see it any more. */
export const forgetPendingFile = (ctx: Context, messageId: string): Promise<void> =>
  ctx.write((tx) => deletePendingFile(tx, messageId));
