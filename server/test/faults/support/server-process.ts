import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { GANTRY } from '../../support/gantry-command.ts';

/** `gantry serve` in a process of its own, on a free port, with the admin `root`. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  private constructor(child: ChildProcess, exited: Promise<unknown[]>, url: string) {
    this.#child = child;
    this.#exited = exited;
    this.url = url;
  }

  /** Resolves when it takes requests. */
  static async start(
    dataDir: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> {
    const place = ['--data', dataDir, '--host', '127.0.0.1', '--port', '0'];
    const args = ['serve', ...place, '--log-level', 'error'];
    const child = spawn(process.execPath, [GANTRY, ...args], {
      // Of the environment only what a process needs.
      env: {
        PATH: process.env.PATH,
        TEST_MODE: 'true',
        GANTRY_PASSWORD_COST: '4',
        ADMIN_USERNAME: 'root',
        ADMIN_PASS: 'root-password',
        ADMIN_EMAIL: 'root@example.com',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let banner = '';
    for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      banner += chunk;
      if (banner.includes('Ctrl-C stops')) break;
    }
    const [, url] = /address +(\S+)/.exec(banner) ?? [];
    if (!url) throw new Error(`the server did not start: ${banner}`);
    // Nothing more is wanted of it, and a full pipe must not stop it.
    child.stdout.resume();
    return new ServerProcess(child, exited, url);
  }

  /** Resolves with its exit code when it ends by itself. */
  get ended(): Promise<number> {
    return this.#exited.then(([code]) => Number(code));
  }

  /** Ends it as a power failure would, as far as the process goes. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
