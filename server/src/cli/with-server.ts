import type { GantryServer } from '../app.ts';
import type { Config } from '../config/config.ts';
import type { Terminal } from './command.ts';

/** Opens the stored data as the server would, without listening; closes it again whatever `work` does. */
export async function withServer<T>(
  config: Config,
  terminal: Terminal,
  work: (server: GantryServer) => Promise<T>,
): Promise<T> {
  const { createServer } = await import('../app.ts');
  const server = await createServer(config);
  try {
    // On an empty data directory this start made the first admin; nobody could learn the password later.
    const { firstAdmin } = server;
    if (firstAdmin)
      terminal.out(`Created the first admin ${firstAdmin.username}, password ${firstAdmin.password}`);
    return await work(server);
  } finally {
    await server.close();
  }
}
