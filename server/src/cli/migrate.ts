import type { Command } from './command.ts';
import { loadStoredConfig } from './config-flags.ts';
import { storedPlace } from './stored-place.ts';
import { withServer } from './with-server.ts';

/** `gantry migrate`: what `serve` does first anyway, for those who want to see it succeed before they restart. */
export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Bring the database up to date without serving',
  run: async ({ flags }, terminal) => {
    const config = loadStoredConfig(flags, terminal);
    await withServer(config, terminal, async () => {});
    terminal.out(`The database ${storedPlace(config)} is up to date.`);
    return 0;
  },
};
