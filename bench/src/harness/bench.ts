import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workspace } from '../seed/workspace.ts';
import { buildServer } from './bundle.ts';
import { LoadProcess } from './load-process.ts';
import { cpuMs } from './proc.ts';
import { type ServerOptions, ServerProcess } from './server-process.ts';

export interface BenchOptions {
  quick: boolean;
  /** Directory for CPU profiles of the servers. */
  profile: string | undefined;
}

/** What scenarios run in: a temporary directory and processes, all of which are gone after `close`. */
export class Bench {
  readonly quick: boolean;
  /** Everything on disk is in here. */
  readonly dir = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
  readonly #profile: string | undefined;
  readonly #children = new Set<ChildProcess>();
  #command: readonly string[] | undefined;
  #seeded: Promise<Workspace> | undefined;
  #copies = 0;
  #closed = false;

  constructor({ quick, profile }: BenchOptions) {
    this.quick = quick;
    this.#profile = profile;
    if (profile) mkdirSync(profile, { recursive: true });
  }

  /** A number of rounds, a time: the first for a full run, the second for a quick one. */
  pick<T>(full: T, quick: T): T {
    return this.quick ? quick : full;
  }

  say(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** The people and rooms of every copy of the workspace; made when it is first needed. */
  workspace(): Promise<Workspace> {
    this.#seeded ??= this.#seed();
    return this.#seeded;
  }

  /** A data directory of its own with the workspace. */
  async copyOfWorkspace(): Promise<string> {
    await this.workspace();
    const copy = this.newDirectory();
    cpSync(this.#template, copy, { recursive: true });
    return copy;
  }

  newDirectory(): string {
    this.#copies += 1;
    const path = join(this.dir, `data-${this.#copies}`);
    mkdirSync(path);
    return path;
  }

  /** Frees the space of a data directory whose server was stopped. */
  discard(directory: string): void {
    rmSync(directory, { recursive: true, force: true });
  }

  /** `first` sends the request whose answer ends the start. */
  startServer(
    dataDir: string,
    first?: ServerOptions['first'],
    variables?: ServerOptions['variables'],
  ): Promise<ServerProcess> {
    this.#refuseWhenClosed();
    this.#command ??= buildServer();
    const profiling = this.#profile ? ['--cpu-prof', '--cpu-prof-dir', this.#profile] : [];
    const options = {
      dataDir,
      command: [...profiling, ...this.#command],
      logFile: join(this.dir, 'server.log'),
      first,
      variables,
    };
    return ServerProcess.start(options, (child) => this.#track(child));
  }

  startLoad(): LoadProcess {
    this.#refuseWhenClosed();
    const load = new LoadProcess();
    this.#track(load.child);
    return load;
  }

  /** Runs `work` with load processes, which end with it. */
  async withLoad<T>(count: number, work: (...loads: LoadProcess[]) => Promise<T>): Promise<T> {
    const loads = Array.from({ length: count }, () => this.startLoad());
    try {
      return await work(...loads);
    } finally {
      await Promise.all(loads.map((load) => load.stop()));
    }
  }

  /** Runs `work` with a server on a directory, which is stopped and discarded with it. */
  async withServer<T>(dataDir: string, work: (server: ServerProcess) => Promise<T>): Promise<T> {
    const server = await this.startServer(dataDir);
    try {
      return await work(server);
    } finally {
      await server.stop();
      this.discard(dataDir);
    }
  }

  /** Processor time of the benchmark and of all processes it started, in ms. Exited ones count as children. */
  ownCpuMs(): number {
    let sum = cpuMs('self', true);
    for (const { pid, exitCode, signalCode } of this.#children) {
      if (pid !== undefined && exitCode === null && signalCode === null) sum += cpuMs(pid);
    }
    return sum;
  }

  /** Ends every process and removes the directory. */
  async close(): Promise<void> {
    this.#closed = true;
    const ended = [...this.#children].map((child) => gone(child));
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(ended);
    rmSync(this.dir, { recursive: true, force: true });
  }

  get #template(): string {
    return join(this.dir, 'workspace');
  }

  async #seed(): Promise<Workspace> {
    this.say('Filling a workspace with 10,000 users and 100,000 messages ...');
    const started = performance.now();
    mkdirSync(this.#template);
    const workspace = await this.withLoad(1, async (load) => {
      const seeded = await load.run('seedWorkspace', { dir: this.#template });
      await load.run('checkpoint', { dir: this.#template });
      return seeded;
    });
    this.say(`... done in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    return workspace;
  }

  #track(child: ChildProcess): void {
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new Error('the benchmark was ended');
  }
}

function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}
