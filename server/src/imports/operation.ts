import { parseDoc, stringify } from '../storage/json.ts';
import type { Schema } from '../storage/schema.ts';
import type { ImporterKey } from './importers.ts';

/** How far an operation is (spec 32 A, "Steps"). */
export type ImportStep =
  | 'importer_new'
  | 'importer_uploading'
  | 'importer_downloading_file'
  | 'importer_file_loaded'
  | 'importer_preparing_started'
  | 'importer_preparing_users'
  | 'importer_preparing_channels'
  | 'importer_preparing_messages'
  | 'importer_user_selection'
  | 'importer_importing_started'
  | 'importer_importing_users'
  | 'importer_importing_channels'
  | 'importer_importing_messages'
  | 'importer_importing_files'
  | 'importer_finishing'
  | 'importer_done'
  | 'importer_import_failed';

export interface ImportCounts {
  total: number;
  users: number;
  channels: number;
  messages: number;
  /** There is no import of these; clients expect the number. */
  contacts: number;
  completed: number;
  error: number;
}

export const NO_COUNTS: ImportCounts = {
  ...{ total: 0, users: 0, channels: 0, messages: 0, contacts: 0 },
  ...{ completed: 0, error: 0 },
};

/** One import, from its beginning by an administrator to its end. Times in ms. */
export interface ImportOperation {
  id: string;
  importerKey: ImporterKey;
  /** Who began it. */
  uid: string;
  step: ImportStep;
  /** False: another operation, a restart or somebody has ended it. */
  isValid: boolean;
  createdAt: number;
  updatedAt: number;
  counts: ImportCounts;
  /** Of an import of a file. */
  fileName?: string | undefined;
  contentType?: string | undefined;
}

export type ImportState = 'none' | 'new' | 'loading' | 'ready' | 'importing' | 'done' | 'error';

const LOADING = /^importer_(?:uploading|downloading_file|file_loaded|preparing_\w+)$/;

/** The state of `import.status` (spec 32 A, "State map"). */
export function stateOf(operation: ImportOperation | undefined): ImportState {
  if (!operation) return 'none';
  // What was done before another operation began stays done.
  if (operation.step === 'importer_done') return 'done';
  if (!operation.isValid || operation.step === 'importer_import_failed') return 'error';
  if (operation.step === 'importer_new') return 'new';
  if (LOADING.test(operation.step)) return 'loading';
  return operation.step === 'importer_user_selection' ? 'ready' : 'importing';
}

type OperationRow = Schema['import_operations'];

export const operationFromRow = (row: OperationRow): ImportOperation => ({
  id: row.id,
  importerKey: row.importer_key as ImporterKey,
  uid: row.uid,
  step: row.status as ImportStep,
  isValid: row.valid === 1,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  counts: { ...NO_COUNTS, ...parseDoc<Partial<ImportCounts>>(row.counts) },
  fileName: row.file ?? undefined,
  contentType: row.content_type ?? undefined,
});

export const operationRow = (operation: ImportOperation): OperationRow => ({
  id: operation.id,
  importer_key: operation.importerKey,
  uid: operation.uid,
  status: operation.step,
  valid: Number(operation.isValid),
  created_at: operation.createdAt,
  updated_at: operation.updatedAt,
  counts: stringify(operation.counts),
  file: operation.fileName ?? null,
  content_type: operation.contentType ?? null,
});
