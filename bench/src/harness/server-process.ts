import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Credentials, HttpConnection } from '../client/http-connection.ts';
import { ROOT, variablesOfStart } from './bundle.ts';
import { cpuMs, forgetPeak, peakMiB, residentMiB } from './proc.ts';

const START_MS = 60_000;
const STOP_MS = 20_000;
/** The machine's own configuration must not decide what is measured. */
const FOREIGN = /^(GANTRY_|ADMIN_|OVERWRITE_SETTING_|PORT$|ROOT_URL$|TEST_MODE$|INITIAL_USER$|NODE_OPTIONS$)/;

export interface ServerOptions {
  dataDir: string;
  /** Flags of Node and the script, in front of `serve`. */
  command: readonly string[];
  /** Collects what the server says on standard error. */
  logFile: string;
  /** Whose first authenticated request ends the start: a holder of a token, or the admin, who logs in. */
  first?: Credentials | 'admin' | undefined;
  /** Added to its environment. */
  variables?: Readonly<Record<string, string>> | undefined;
}

const ADMIN = { user: 'root', password: 'root-password' };

/** The real server as a child process on a free port of this machine. */
export class ServerProcess {
  readonly port: number;
  readonly child: ChildProcess;
  /** From the start of the process to its first answer, in ms. */
  readonly startedInMs: number;

  private constructor(child: ChildProcess, port: number, startedInMs: number) {
    this.child = child;
    this.port = port;
    this.startedInMs = startedInMs;
  }

  /** `onSpawn` learns of the process before it answers, so that nobody has to wait for that to be able to end it. */
  static async start(options: ServerOptions, onSpawn: (child: ChildProcess) => void): Promise<ServerProcess> {
    const port = await freePort();
    const log = openSync(options.logFile, 'a');
    const started = performance.now();
    const child = spawn(process.execPath, [...options.command, 'serve'], {
      cwd: ROOT,
      env: { ...environment(options.dataDir, port), ...options.variables },
      stdio: ['ignore', 'ignore', log],
    });
    closeSync(log);
    onSpawn(child);
    await firstAnswer(child, port, options);
    return new ServerProcess(child, port, performance.now() - started);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the server has no process');
    return this.child.pid;
  }

  /** User and system time so far, in ms. */
  cpuMs(): number {
    return cpuMs(this.pid);
  }

  residentMiB(): number {
    return residentMiB(this.pid);
  }

  /** The most memory that was resident since `forgetPeak`. */
  peakMiB(): number {
    return peakMiB(this.pid);
  }

  forgetPeak(): void {
    forgetPeak(this.pid);
  }

  /** A login of the administrator. */
  async logIn(): Promise<Credentials> {
    const connection = await HttpConnection.open(this.port);
    const { status, body } = await connection.post('/api/v1/login', ADMIN);
    connection.close();
    if (status !== 200) throw new Error(`the administrator was not logged in: ${body}`);
    const { userId, authToken } = JSON.parse(body.toString()).data;
    return { uid: userId, token: authToken };
  }

  /** Waits until the server has nothing to do any more. */
  async quiet(withinMs = 10_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    let before = this.cpuMs();
    while (performance.now() < deadline) {
      await sleep(300);
      const now = this.cpuMs();
      if (now - before <= 20) return;
      before = now;
    }
  }

  /** Stops the server in good order. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(killer);
  }
}

function environment(dataDir: string, port: number): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  return {
    ...Object.fromEntries(own),
    ...variablesOfStart(),
    GANTRY_PORT: String(port),
    GANTRY_BIND_IP: '127.0.0.1',
    GANTRY_DATA_DIR: dataDir,
    ROOT_URL: `http://127.0.0.1:${port}`,
    // No rate limits: the load comes from one address.
    TEST_MODE: 'true',
    ADMIN_USERNAME: ADMIN.user,
    ADMIN_PASS: ADMIN.password,
    ADMIN_EMAIL: 'root@example.com',
  };
}

async function firstAnswer(
  child: ChildProcess,
  port: number,
  { logFile, first }: ServerOptions,
): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const said = readFileSync(logFile, 'utf8').slice(-2000);
      throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}:\n${said}`);
    }
    try {
      const connection = await HttpConnection.open(port);
      const { status } = await firstRequest(connection, first);
      connection.close();
      if (status === 200) return;
    } catch {
      // Not listening yet.
    }
    await sleep(2);
  }
  throw new Error(`the server did not answer within ${START_MS} ms`);
}

function firstRequest(connection: HttpConnection, first: ServerOptions['first']) {
  if (first === 'admin') return connection.post('/api/v1/login', ADMIN);
  return first ? connection.get('/api/v1/me', first) : connection.get('/api/v1/info');
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
