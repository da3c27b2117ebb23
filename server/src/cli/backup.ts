import { resolve } from 'node:path';
import { type Command, CommandError } from './command.ts';
import { loadStoredConfig } from './config-flags.ts';
import { storedPlace } from './stored-place.ts';

/** `gantry backup <file>`: safe beside a running server, from another process. */
export const backupCommand: Command = {
  name: 'backup',
  summary: 'Copy the database (not the uploaded files) to a file, also while the server runs',
  positionals: ['file'],
  notes:
    'Only for the embedded database: one on PostgreSQL is backed up with pg_dump. Uploaded files are in the folder files/ beside the database: copy that afterwards. To restore: stop the server, put the copy in the place of gantry.db, delete gantry.db-wal and gantry.db-shm.',
  run: async ({ flags, positionals: [file = ''] }, terminal) => {
    const { dataDir, databaseUrl } = loadStoredConfig(flags, terminal);
    if (databaseUrl !== undefined)
      throw new CommandError(
        `the database is ${storedPlace({ dataDir, databaseUrl })}: back it up with pg_dump, and then the folder of the files`,
      );
    const target = resolve(terminal.cwd, file);
    const { copyDatabase } = await import('../storage/sqlite/copy-database.ts');
    try {
      await copyDatabase(dataDir, target);
    } catch (error) {
      throw explain(error, dataDir, target);
    }
    terminal.out(`Copied the database in ${dataDir} to ${target}`);
    return 0;
  },
};

function explain(error: unknown, dataDir: string, target: string): Error {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return new CommandError(`${target} exists already; choose another name`);
  if (code === 'ENOENT' && path !== target)
    return new CommandError(`there is no database in ${dataDir} (--data)`);
  return new CommandError(`cannot write ${target}: ${message}`);
}
