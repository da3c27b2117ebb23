import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Context, WriteScope } from '../context.ts';
import type { TempFile } from '../files/blobs/scratch.ts';
import { findFileOfKind } from '../files/find-files.ts';
import { removeFiles } from '../files/remove-files.ts';
import { jobHandler } from '../jobs/job.ts';
import { stageCsv } from './csv-importer.ts';
import type { FileImporterKey } from './importers.ts';
import { BadImportFile, LIMITS } from './limits.ts';
import type { ImportOperation } from './operation.ts';
import { changeOperation, endBrokenOff, operationIn, sweepLater } from './operation-steps.ts';
import { ImportEnded } from './running-import.ts';
import { stageSlack } from './slack-importer.ts';
import { stageSlackUsers } from './slack-users-importer.ts';
import { Staging } from './staging.ts';

const DAY_MS = 24 * 60 * 60_000;

const STAGES: Readonly<Record<FileImporterKey, (path: string, staging: Staging) => Promise<void>>> = {
  csv: stageCsv,
  slack: stageSlack,
  'slack-users': stageSlackUsers,
};

/** Looks through the file of an operation and stages what it holds (spec 32 A, `getImportFileData`). */
export const prepareJob = jobHandler<'imports.prepare'>({
  kind: 'imports.prepare',
  concurrency: 1,
  single: true,
  attempts: 2,
  timeoutMs: DAY_MS,
  brokenOff: endBrokenOff('loading'),
  async run(ctx, job) {
    const { id } = job.payload;
    // One that was broken off has ended (`endBrokenOff`), so that a second run finds nothing to do.
    const operation = await operationIn(ctx.db, id, 'loading');
    if (!operation) return;
    try {
      const counts = await stageFile(ctx, operation, job.signal);
      const step = counts.total > 0 ? 'importer_user_selection' : 'importer_import_failed';
      if (step === 'importer_import_failed')
        ctx.log.warn({ import: id }, 'nothing to import was found in a file');
      await ctx.write(async (tx, emit) => {
        const current = await operationIn(tx, id, 'loading');
        if (!current) return;
        await changeOperation(ctx, { tx, emit }, current, { step, counts });
        await removeFiles(ctx, { tx, emit }, { ids: [id] });
      });
    } catch (err) {
      if (err instanceof ImportEnded) return;
      if (job.signal.aborted) throw err;
      if (err instanceof BadImportFile)
        ctx.log.warn({ import: id, reason: err.message }, 'a file cannot be imported');
      else ctx.log.error({ err, import: id }, 'a file could not be prepared for its import');
      await ctx.write((tx, emit) => failLoading(ctx, { tx, emit }, id));
    }
  },
});

/** The file was no good; what was staged of it goes. */
export async function failLoading(ctx: Context, { tx, emit }: WriteScope, id: string): Promise<void> {
  const operation = await operationIn(tx, id, 'loading');
  if (!operation) return;
  await changeOperation(ctx, { tx, emit }, operation, { step: 'importer_import_failed' });
  await removeFiles(ctx, { tx, emit }, { ids: [id] });
  await sweepLater(ctx, { tx, emit });
}

async function stageFile(ctx: Context, operation: ImportOperation, signal: AbortSignal) {
  const temp = await localCopy(ctx, operation.id);
  try {
    const { size } = await stat(temp.path);
    const staging = new Staging(ctx, operation, signal, size);
    await STAGES[operation.importerKey as FileImporterKey](temp.path, staging);
    await staging.step('importer_preparing_messages');
    await staging.looked(size);
    return staging.counts;
  } finally {
    await temp.remove();
  }
}

/** An archive is read here and there, which the places for files are not made for. */
async function localCopy(ctx: Context, id: string): Promise<TempFile> {
  const file = await findFileOfKind(ctx, id, 'import');
  if (!file) throw new BadImportFile('the file is not there any more');
  const bytes: Readable = await ctx.blobs.store(file.store).open(file.blobKey);
  // It may fail before anybody reads from it.
  bytes.on('error', () => {});
  return ctx.blobs.scratch.receive(bytes, LIMITS.file);
}
