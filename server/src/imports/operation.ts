import type { ImportedUser } from '../accounts/imported-user.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import type { Schema } from '../storage/schema.ts';

/** How far an operation is (spec 32 A, "Steps"). */
export type ImportStep =
  | 'importer_new'
  | 'importer_user_selection'
  | 'importer_importing_started'
  | 'importer_importing_users'
  | 'importer_finishing'
  | 'importer_done'
  | 'importer_import_failed';

export interface ImportCounts {
  total: number;
  users: number;
  completed: number;
  error: number;
}

/** One import, from its beginning by an administrator to its end. Times in ms. */
export interface ImportOperation {
  id: string;
  importerKey: 'api';
  /** Who began it. */
  uid: string;
  step: ImportStep;
  /** False: another operation, a restart or somebody has ended it. */
  isValid: boolean;
  createdAt: number;
  updatedAt: number;
  counts: ImportCounts;
}

/** Somebody who waits to be imported; what the API took, but for the password. */
export interface StagedUser extends ImportedUser {
  /** bcrypt text: passwords are not kept while people wait. */
  passwordHash?: string | undefined;
}

export type ImportState = 'none' | 'new' | 'ready' | 'importing' | 'done' | 'error';

/** The state of `import.status` (spec 32 A, "State map"). */
export function stateOf(operation: ImportOperation | undefined): ImportState {
  if (!operation) return 'none';
  // What was done before another operation began stays done.
  if (operation.step === 'importer_done') return 'done';
  if (!operation.isValid || operation.step === 'importer_import_failed') return 'error';
  if (operation.step === 'importer_new') return 'new';
  return operation.step === 'importer_user_selection' ? 'ready' : 'importing';
}

type OperationRow = Schema['import_operations'];

export const operationFromRow = (row: OperationRow): ImportOperation => ({
  id: row.id,
  importerKey: row.importer_key as ImportOperation['importerKey'],
  uid: row.uid,
  step: row.status as ImportStep,
  isValid: row.valid === 1,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  counts: parseDoc<ImportCounts>(row.counts),
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
});
