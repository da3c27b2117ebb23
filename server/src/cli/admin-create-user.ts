import { type Command, CommandError } from './command.ts';
import { loadStoredConfig } from './config-flags.ts';
import { newPassword, passwordFlags } from './new-password.ts';
import { withServer } from './with-server.ts';

/** `gantry admin create-user <username> --email <address>`. */
export const createUserCommand: Command = {
  name: 'admin create-user',
  summary: 'Create a user; --role admin makes an admin',
  positionals: ['username'],
  flags: {
    email: { value: 'address', description: 'E-mail address (required)' },
    name: { value: 'text', description: 'Full name (default: the username)' },
    role: { value: 'roles', description: 'Roles, separated by commas (default: user)' },
    ...passwordFlags,
  },
  notes:
    'Stop the server first: it keeps people and permissions in memory. Several nodes (natsUrl) hear of the change.',
  run: async ({ flags, positionals: [username = ''] }, terminal) => {
    const { email } = flags;
    if (typeof email !== 'string') throw new CommandError('admin create-user needs --email <address>');
    const name = typeof flags.name === 'string' ? flags.name : username;
    const roles =
      typeof flags.role === 'string' ? flags.role.split(',').map((role) => role.trim()) : ['user'];
    const config = loadStoredConfig(flags, terminal);
    const { password, isRandom } = await newPassword(flags, terminal);
    const { createUserAsServer } = await import('../accounts/administration.ts');
    const { roomHooks } = await import('../rooms/account-hooks.ts');
    const { uid } = await withServer(config, terminal, ({ ctx }) =>
      createUserAsServer(ctx, { username, email, name, password, roles }, roomHooks),
    );
    terminal.out(`Created ${username} (${uid})${isRandom ? `, password ${password}` : ''}`);
    return 0;
  },
};
