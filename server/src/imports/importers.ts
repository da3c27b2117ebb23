import { fail } from '../kernel/errors.ts';

/** Where what is imported comes from (spec 32 A, "Importer keys"). */
export type ImporterKey = 'api' | 'csv' | 'slack' | 'slack-users' | 'pending-files' | 'pending-avatars';

interface Importer {
  name: string;
  /** It reads a file, which an administrator chooses it for. */
  reads?: 'zip' | 'text';
}

export const IMPORTERS: Readonly<Record<ImporterKey, Importer>> = {
  slack: { name: 'Slack', reads: 'zip' },
  'slack-users': { name: 'Slack_Users', reads: 'text' },
  csv: { name: 'CSV', reads: 'zip' },
  api: { name: 'api' },
  'pending-files': { name: 'Pending Files' },
  'pending-avatars': { name: 'Pending Avatars' },
};

export type FileImporterKey = 'csv' | 'slack' | 'slack-users';

/** Those that an administrator can choose. */
export const fileImporters = (): { key: string; name: string }[] =>
  Object.entries(IMPORTERS).flatMap(([key, { name, reads }]) => (reads ? [{ key, name }] : []));

/** @throws error-importer-not-defined */
export function fileImporter(key: string): FileImporterKey {
  if (Object.hasOwn(IMPORTERS, key) && IMPORTERS[key as ImporterKey].reads) return key as FileImporterKey;
  const reason = `The importer (${key.slice(0, 100)}) has no import class defined.`;
  // A text, and of both endpoints the same.
  fail('error-importer-not-defined', reason, 'uploadImportFile');
}
