import { IMPORTERS } from './importers.ts';
import type { ImportOperation } from './operation.ts';

/** An operation as clients see it (spec 32 A). */
export function presentOperation(operation: ImportOperation): object {
  const { id, importerKey, uid, step, isValid, createdAt, updatedAt, counts, ...rest } = operation;
  return {
    _id: id,
    type: IMPORTERS[importerKey].name,
    importerKey,
    ts: new Date(createdAt),
    status: step,
    valid: isValid,
    user: uid,
    _updatedAt: new Date(updatedAt),
    ...(rest.contentType === undefined ? {} : { contentType: rest.contentType }),
    ...(rest.fileName === undefined ? {} : { file: rest.fileName }),
    ...(step === 'importer_new' ? {} : { count: counts }),
  };
}

/** How far it is, for `getImportProgress` and the stream. */
export function presentProgress({ importerKey, step, counts }: ImportOperation): object {
  const { completed, total, error } = counts;
  return { key: importerKey, name: IMPORTERS[importerKey].name, step, count: { completed, total, error } };
}
