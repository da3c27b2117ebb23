import { type ChildProcess, spawn } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { freePort } from './postgres-server.ts';

/** A NATS server of Debian's package on a free port, for tests of several nodes. */
export interface NatsServer {
  url: string;
  /** Ends it; `start` brings it back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startNats(): Promise<NatsServer> {
  const port = await freePort();
  let running: ChildProcess | undefined;
  const nats: NatsServer = {
    url: `nats://127.0.0.1:${port}`,
    async start() {
      running = spawn('/usr/sbin/nats-server', ['-a', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
      await answers(port);
    },
    async stop() {
      const ended = running;
      running = undefined;
      if (!ended || ended.exitCode !== null) return;
      const gone = new Promise((resolve) => ended.once('exit', resolve));
      ended.kill('SIGKILL');
      await gone;
    },
  };
  await nats.start();
  return nats;
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connectSocket(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nats-server did not start');
}
