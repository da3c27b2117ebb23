import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { Readable } from 'node:stream';
import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { TempFile } from '../files/blobs/scratch.ts';
import { cleanName } from '../files/media-type.ts';
import { addFile, placeBlob } from '../files/store-file.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { fileImporter } from './importers.ts';
import { stateOf } from './operation.ts';
import { beginOperation, changeOperation, latest, operationIn } from './operation-steps.ts';
import { operationToWatch } from './operations.ts';
import { selectionOf } from './selection.ts';
import type { WantedParts } from './wanted-parts.ts';

/** A file as `uploadImportFile` takes it. */
export interface UploadedFile {
  /** base64 */
  binaryContent: string;
  contentType: string;
  fileName: string;
  importerKey: string;
}

const MAX_TYPE = 255;

/**
 * Takes the file of a new import (`uploadImportFile`).
 *
 * @throws error-importer-not-defined, error-import-file-missing without any content, error-invalid-params for what is no base64
 */
export async function uploadImportFile(ctx: Context, caller: Caller, given: UploadedFile): Promise<void> {
  const importerKey = fileImporter(given.importerKey);
  const name = cleanName(given.fileName);
  const temp = await ctx.blobs.scratch.receive(Readable.from(decoded(given.binaryContent)));
  try {
    if (temp.size === 0) fail('error-import-file-missing', name);
    const contentType = given.contentType.slice(0, MAX_TYPE);
    const blob = await placeBlob(ctx, { temp, type: 'application/octet-stream' });
    await ctx.write(async (tx, emit) => {
      const about = { importerKey, uid: caller.uid, fileName: name, contentType };
      const step = 'importer_file_loaded';
      const { id } = await beginOperation(ctx, { tx, emit }, { ...about, step });
      await addFile(ctx, tx, blob, { id, kind: 'import', name, type: 'application/octet-stream' });
    });
  } finally {
    await temp.remove();
  }
}

/** Characters of base64 that are decoded at a time; a multiple of four. */
const PIECE = 1024 * 1024;

/** Some clients send the beginning of a data URI, too. */
function* decoded(text: string): Generator<Buffer> {
  const start = /^data:[^,]{0,200};base64,/.exec(text)?.[0].length ?? 0;
  for (let at = start; at < text.length; at += PIECE) {
    const piece = text.slice(at, at + PIECE);
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(piece)) fail('error-invalid-params', 'binaryContent must be base64');
    yield Buffer.from(piece, 'base64');
  }
}

/**
 * Has the file of a new import fetched, behind the answer (`downloadPublicImportFile`): from another server, or from the
 * directory that the operator has set aside for it.
 *
 * @throws error-importer-not-defined, error-import-file-missing for a path that leads to no such file
 */
export async function downloadImportFile(
  ctx: Context,
  caller: Caller,
  { fileUrl, importerKey: key }: { fileUrl: string; importerKey: string },
): Promise<void> {
  const importerKey = fileImporter(key);
  if (!isWebAddress(fileUrl)) await localFile(ctx, fileUrl);
  await ctx.write(async (tx, emit) => {
    const about = { importerKey, uid: caller.uid, fileName: nameOf(fileUrl) };
    const step = 'importer_downloading_file';
    const { id } = await beginOperation(ctx, { tx, emit }, { ...about, step });
    await enqueue(ctx, { tx, emit }, { kind: 'imports.download', payload: { id, url: fileUrl } });
  });
}

export const isWebAddress = (url: string): boolean => /^https?:\/\//i.test(url);

const nameOf = (url: string): string =>
  cleanName(isWebAddress(url) && URL.canParse(url) ? new URL(url).pathname : url);

/** The real path of a file in the directory for imports. @throws error-import-file-missing */
export async function localFile(ctx: Context, path: string): Promise<string> {
  const missing = (): never => fail('error-import-file-missing', path.slice(0, 1000));
  const { importDir } = ctx.config;
  // Whoever may import must not learn what else is on the machine.
  if (importDir === undefined || !isAbsolute(path) || path.includes('\0')) return missing();
  const found = await Promise.all([realpath(importDir), realpath(path)]).catch(missing);
  const [home, file] = found;
  const inside = relative(home, file);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return missing();
  return (await stat(file)).isFile() ? file : missing();
}

/** The file has come: the operation goes on with it, unless it was ended. */
export async function takeDownloaded(ctx: Context, id: string, temp: TempFile): Promise<void> {
  const blob = await placeBlob(ctx, { temp, type: 'application/octet-stream' });
  await ctx.write(async (tx, emit) => {
    const operation = await operationIn(tx, id, 'loading');
    if (!operation) return;
    const name = operation.fileName ?? 'file';
    await addFile(ctx, tx, blob, { id, kind: 'import', name, type: 'application/octet-stream' });
    await changeOperation(ctx, { tx, emit }, operation, { step: 'importer_file_loaded' });
  });
}

/**
 * What there is to choose from in the file (`getImportFileData`); the first call has it looked through.
 *
 * @throws error-operation-not-found, error-import-operation-invalid
 */
export async function importFileData(ctx: Context): Promise<object> {
  const operation = await operationToWatch(ctx);
  const state = stateOf(operation);
  if (state === 'ready') return selectionOf(ctx, operation);
  if (state !== 'loading') return invalid();
  if (operation.step === 'importer_file_loaded') {
    await ctx.write(async (tx, emit) => {
      const current = await operationIn(tx, operation.id, 'loading');
      // Somebody else asked at the same moment.
      if (current?.step !== 'importer_file_loaded') return;
      await changeOperation(ctx, { tx, emit }, current, { step: 'importer_preparing_started' });
      await enqueue(ctx, { tx, emit }, { kind: 'imports.prepare', payload: { id: current.id } });
    });
  }
  return { waiting: true };
}

const invalid = (): never => fail('error-import-operation-invalid', 'Invalid Import Operation');

/**
 * Lets what was chosen be imported, behind the answer (`startImport`).
 *
 * @throws error-operation-not-found, error-import-operation-invalid
 */
export async function startImport(ctx: Context, caller: Caller, wanted: WantedParts): Promise<void> {
  await operationToWatch(ctx);
  await ctx.write(async (tx, emit) => {
    const operation = await latest(tx);
    if (stateOf(operation) !== 'ready' || !operation) return invalid();
    const { users, channels, messages } = operation.counts;
    await changeOperation(ctx, { tx, emit }, operation, { step: 'importer_importing_started' });
    await recordAction(ctx, tx, caller, {
      ...{ kind: 'import.started', subject: operation.id },
      data: { importer: operation.importerKey, file: operation.fileName, users, channels, messages },
    });
    const payload = { id: operation.id, uid: caller.uid, wanted };
    await enqueue(ctx, { tx, emit }, { kind: 'imports.run', payload });
  });
}
