import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { type Command, CommandError } from './command.ts';
import { loadStoredConfig } from './config-flags.ts';
import { storedPlace } from './stored-place.ts';

/** `gantry copy-to-postgres`: for a workspace that outgrows the embedded database. */
export const copyToPostgresCommand: Command = {
  name: 'copy-to-postgres',
  summary: 'Copy the embedded database into an empty PostgreSQL database; stop the server first',
  notes:
    'GANTRY_DATABASE_URL names the target, --data the folder that is copied from; nothing is changed there, but that a database of an older version is brought up to date. All of it is copied or nothing. Uploaded files stay where they are. The next start with GANTRY_DATABASE_URL fills the index of the search.',
  run: async ({ flags }, terminal) => {
    const config = loadStoredConfig(flags, terminal);
    const { dataDir, databaseUrl } = config;
    if (databaseUrl === undefined)
      throw new CommandError('name the PostgreSQL database that it is copied to: GANTRY_DATABASE_URL');
    await stat(join(dataDir, 'gantry.db')).catch(() => {
      throw new CommandError(`there is no database in ${dataDir} (--data)`);
    });
    const { openStorage } = await import('../storage/database.ts');
    const { carryOver, TargetNotEmpty } = await import('../storage/carry-over.ts');
    const log = pino({ level: 'silent' });
    // It takes the lock of the folder, so no server can be writing there.
    const source = await openStorage({ memory: false, dataDir, log });
    try {
      const target = await openStorage({ memory: false, dataDir, databaseUrl, log });
      try {
        const copied = await carryOver(source.db, target);
        const rows = [...copied.values()].reduce((sum, count) => sum + count, 0);
        terminal.out(`Copied ${rows} rows of ${copied.size} tables to the database ${storedPlace(config)}.`);
        return 0;
      } catch (error) {
        if (!(error instanceof TargetNotEmpty)) throw error;
        throw new CommandError(
          `the database ${storedPlace(config)} is not empty (${error.message}); give it a new one that no server was started on`,
        );
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  },
};
