import { createReadStream } from 'node:fs';
import type { Context } from '../context.ts';
import { type TempFile, TooManyBytes } from '../files/blobs/scratch.ts';
import { downloadToDisk } from '../files/download-to-disk.ts';
import { jobHandler } from '../jobs/job.ts';
import { Refusal } from '../kernel/errors.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import { isWebAddress, localFile, takeDownloaded } from './file-operations.ts';
import { LIMITS } from './limits.ts';
import { endBrokenOff, operationIn } from './operation-steps.ts';
import { failLoading } from './prepare-job.ts';

const HOUR_MS = 60 * 60_000;

/** Fetches the file of an import (spec 32 A, `downloadPublicImportFile`). */
export const downloadJob = jobHandler<'imports.download'>({
  kind: 'imports.download',
  concurrency: 1,
  single: true,
  attempts: 2,
  timeoutMs: 7 * HOUR_MS,
  brokenOff: endBrokenOff('loading'),
  async run(ctx, { payload: { id, url }, signal }) {
    // One that was broken off has ended (`endBrokenOff`), so that a second run finds nothing to do.
    if (!(await operationIn(ctx.db, id, 'loading'))) return;
    try {
      const temp = await fetched(ctx, url, signal);
      try {
        await takeDownloaded(ctx, id, temp);
      } finally {
        await temp.remove();
      }
    } catch (err) {
      if (signal.aborted) throw err;
      const isExpected = [Refusal, OutboundError, TooManyBytes].some((kind) => err instanceof kind);
      if (isExpected)
        ctx.log.warn({ import: id, reason: (err as Error).message }, 'the file of an import was not fetched');
      else ctx.log.error({ err, import: id }, 'the file of an import could not be fetched');
      await ctx.write((tx, emit) => failLoading(ctx, { tx, emit }, id));
    }
  },
});

async function fetched(ctx: Context, url: string, signal: AbortSignal): Promise<TempFile> {
  if (!isWebAddress(url)) {
    // It may fail before anybody reads from it.
    const bytes = createReadStream(await localFile(ctx, url)).on('error', () => {});
    return ctx.blobs.scratch.receive(bytes, LIMITS.file).finally(() => bytes.destroy());
  }
  const limits = { maxBytes: LIMITS.file, timeoutMs: 6 * HOUR_MS, signal };
  return (await downloadToDisk(ctx, url, limits)).temp;
}
