import type { Config } from '../config/config.ts';

/** Where the data is, as a person may read it: no password, and no parameters, which may hold one. */
export function storedPlace({ dataDir, databaseUrl }: Pick<Config, 'dataDir' | 'databaseUrl'>): string {
  if (databaseUrl === undefined) return `in ${dataDir}`;
  const url = new URL(databaseUrl);
  url.password = '';
  url.search = '';
  return `at ${url.href}`;
}
