import type { Config } from '../config/config.ts';
import type { Finding } from '../storage/consistency.ts';
import { type Command, CommandError } from './command.ts';
import { loadStoredConfig } from './config-flags.ts';
import { storedPlace } from './stored-place.ts';

/** `gantry check`: safe beside a running server, from another process; changes nothing. */
export const checkCommand: Command = {
  name: 'check',
  summary: 'Look for damage and contradictions in the database, also while the server runs',
  notes:
    'Ends with 1 when something was found. Reads the whole database, a second or two for a million messages.',
  run: async ({ flags }, terminal) => {
    const config = loadStoredConfig(flags, terminal);
    const { withSnapshot } = await import('../storage/snapshot.ts');
    const { findInconsistencies } = await import('../storage/consistency.ts');
    const { consistencyRules } = await import('../consistency-rules.ts');
    const { missingMigrations } = await import('../storage/migrations/index.ts');
    const snapshot = await withSnapshot(config, async (db, damages) => {
      const missing = await missingMigrations(db);
      if (missing.length > 0)
        throw new CommandError('the database is of an older version; run gantry migrate first');
      return [...(await damages()), ...(await findInconsistencies(db, consistencyRules)).map(tell)];
    });
    if (!snapshot) throw new CommandError(noDatabase(config));
    const { result: found } = snapshot;
    for (const line of found) terminal.out(line);
    if (found.length > 0) return 1;
    terminal.out(`The database ${storedPlace(config)} is whole: ${consistencyRules.length} rules hold.`);
    return 0;
  },
};

const noDatabase = (config: Config): string =>
  config.databaseUrl === undefined
    ? `there is no database in ${config.dataDir} (--data)`
    : `the database ${storedPlace(config)} is empty; run gantry migrate first`;

const tell = ({ broken, examples, more }: Finding): string =>
  `${broken}: ${examples.join(', ')}${more ? ', and more' : ''}`;
