import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** A PostgreSQL server of Debian's package on a free port and in a folder of its own. */
export interface PostgresServer {
  /** Without a database: `postgres://user@host:port`. Its user may make databases. */
  url: string;
  start(): void;
  /** As if the machine had lost its power, but for what the operating system was given. */
  crash(): void;
  /** Ends it and removes the folder. */
  remove(): void;
}

export interface PostgresServerOptions {
  /** Without it commits do not wait for the disk: faster, and nothing is sure after a crash of the machine. */
  fsync: boolean;
}

/** Throws where PostgreSQL is not installed. `GANTRY_POSTGRES_BIN` says where its programs are if not at Debian's place. */
export async function startPostgres({ fsync }: PostgresServerOptions): Promise<PostgresServer> {
  const programs = programsFolder();
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), 'gantry-postgres-'));
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const port = await freePort();
  const run = (program: string, args: string[]): void => {
    const { status, stderr, error } = spawnSync(join(programs, program), args, {
      ...user,
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
  };
  const settings = {
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
    max_connections: '400',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    port: String(port),
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const server: PostgresServer = {
    url: `postgres://gantry@127.0.0.1:${port}`,
    start: () =>
      run('pg_ctl', ['-D', data, '-o', options.join(' '), '-l', join(folder, 'log'), '-w', 'start']),
    crash: () => run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']),
    remove() {
      if (existsSync(join(data, 'postmaster.pid'))) server.crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  run('initdb', ['-D', data, '-A', 'trust', '-U', 'gantry', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
  server.start();
  return server;
}

function programsFolder(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root)
    ? readdirSync(root).sort((one, other) => Number(other) - Number(one))
    : [];
  const places = [process.env.GANTRY_POSTGRES_BIN, ...versions.map((version) => join(root, version, 'bin'))];
  const found = places.find((path) => path !== undefined && existsSync(join(path, 'initdb')));
  if (!found) throw new Error('PostgreSQL is not installed (Debian: apt-get install postgresql)');
  return found;
}

/** PostgreSQL refuses to run as root; Debian's package makes a user for it. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** One that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** What `create database <name>` is told, so that Gantry takes it. */
export const SUITABLE = "template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'";

/** Runs a statement that belongs to no database of ours. */
export async function command(server: string, text: string): Promise<void> {
  const client = new pg.Client(`${server}/postgres`);
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
