import type { GantryServer } from '../app.ts';
import type { Config } from '../config/config.ts';
import { banner } from './banner.ts';
import { collectAtRest, collectGarbage } from './collect-at-rest.ts';
import { type Command, CommandError } from './command.ts';
import { loadForCommand } from './config-flags.ts';
import { closeWithin, waitForStop } from './stop-signal.ts';

/** When whoever waited for the start has been answered. */
const STARTED_AFTER_MS = 1000;

/** `gantry serve`: runs the server until SIGTERM or SIGINT. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'Run the server',
  notes: 'SIGTERM and Ctrl-C stop it in good order; a second one stops it at once.',
  run: async ({ flags }, terminal) => {
    const { config } = loadForCommand(flags, terminal);
    // Listens from here on: a signal during a long migration must not cut it off.
    const stop = waitForStop(process, Date.now, () => process.exit(1));
    const { createServer } = await import('../app.ts');
    const server = await createServer(config);
    const { port } = await listen(server, config);
    terminal.out(banner(config, port, server.firstAdmin));
    setTimeout(() => {
      terminal.started?.();
      // Starting leaves garbage that Node would keep for as long as little is asked of the server. `npm start` exposes the collector.
      collectGarbage();
    }, STARTED_AFTER_MS).unref();
    collectAtRest(() => server.storage.releaseMemory?.());

    const reason = await Promise.race([stop, server.lost ?? stop]);
    terminal.err(`gantry: ${reason instanceof Error ? reason.message : reason}, stopping`);
    const inTime = await closeWithin(config.limits.shutdownMs, () => server.close());
    // Also when something still keeps the event loop alive.
    if (!inTime) terminal.err(`gantry: not closed after ${config.limits.shutdownMs} ms, ending anyway`);
    // Whatever watches over it starts a node anew that could not go on.
    return process.exit(inTime && !(reason instanceof Error) ? 0 : 1);
  },
};

async function listen(server: GantryServer, config: Config): Promise<{ port: number }> {
  try {
    return await server.listen();
  } catch (error) {
    await server.close();
    const { code, message } = error as NodeJS.ErrnoException;
    const place = `port ${config.port} of ${config.bindIp}`;
    if (code === 'EADDRINUSE') throw new CommandError(`${place} is in use; choose another one with --port`);
    if (code === 'EACCES')
      throw new CommandError(`may not listen on ${place}; choose a port above 1023 with --port`);
    if (code === 'EADDRNOTAVAIL')
      throw new CommandError(`${config.bindIp} is not an address of this machine (--host)`);
    throw new CommandError(`cannot listen on ${place}: ${message}`);
  }
}
