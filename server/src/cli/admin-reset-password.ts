import type { Command } from './command.ts';
import { loadStoredConfig } from './config-flags.ts';
import { newPassword, passwordFlags } from './new-password.ts';
import { withServer } from './with-server.ts';

/** `gantry admin reset-password <username>`: the way back in when nobody knows the admin's password any more. */
export const resetPasswordCommand: Command = {
  name: 'admin reset-password',
  summary: 'Give a user a new password and end the sessions',
  positionals: ['username'],
  flags: passwordFlags,
  notes:
    'Stop the server first: it keeps people and permissions in memory. Several nodes (natsUrl) hear of the change.',
  run: async ({ flags, positionals: [username = ''] }, terminal) => {
    const config = loadStoredConfig(flags, terminal);
    const { password, isRandom } = await newPassword(flags, terminal);
    const { resetPasswordAsServer } = await import('../accounts/administration.ts');
    await withServer(config, terminal, ({ ctx }) => resetPasswordAsServer(ctx, username, password));
    terminal.out(`Changed the password of ${username}${isRandom ? ` to ${password}` : ''}`);
    return 0;
  },
};
