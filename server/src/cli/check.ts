import type { Finding } from '../storage/consistency.ts';
import { type Command, CommandError } from './command.ts';
import { loadStoredConfig } from './config-flags.ts';

/** `gantry check`: safe beside a running server, from another process; changes nothing. */
export const checkCommand: Command = {
  name: 'check',
  summary: 'Look for damage and contradictions in the database, also while the server runs',
  notes:
    'Ends with 1 when something was found. Reads the whole database, a second or two for a million messages.',
  run: async ({ flags }, terminal) => {
    const { dataDir } = loadStoredConfig(flags, terminal);
    const { damages, withSnapshot } = await import('../storage/sqlite/snapshot.ts');
    const { findInconsistencies } = await import('../storage/consistency.ts');
    const { consistencyRules } = await import('../consistency-rules.ts');
    const { missingMigrations } = await import('../storage/migrations/index.ts');
    const found = await withSnapshot(dataDir, async (db) => {
      const missing = await missingMigrations(db);
      if (missing.length > 0)
        throw new CommandError('the database is of an older version; run gantry migrate first');
      return [...(await damages(db)), ...(await findInconsistencies(db, consistencyRules)).map(tell)];
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new CommandError(`there is no database in ${dataDir} (--data)`);
      throw error;
    });
    for (const line of found) terminal.out(line);
    if (found.length > 0) return 1;
    terminal.out(`The database in ${dataDir} is whole: ${consistencyRules.length} rules hold.`);
    return 0;
  },
};

const tell = ({ broken, examples, more }: Finding): string =>
  `${broken}: ${examples.join(', ')}${more ? ', and more' : ''}`;
