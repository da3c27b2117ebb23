// `node scripts/with-postgres.mjs <command> <arguments>`: runs the command beside a PostgreSQL server of its own, which is gone
// afterwards; its address is in GANTRY_TEST_POSTGRES. Needs Debian's package `postgresql`, and is told by GANTRY_POSTGRES_BIN
// where the programs are if they are elsewhere. Nothing of it survives a crash: it does not wait for the disk.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: 400,
  listen_addresses: '127.0.0.1',
};

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error('Usage: node scripts/with-postgres.mjs <command> <arguments>');
  process.exit(2);
}
const programs = programsFolder();
const user = unprivileged();
const folder = mkdtempSync(join(tmpdir(), 'gantry-postgres-'));
if (user) chownSync(folder, user.uid, user.gid);
const data = join(folder, 'data');
process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const port = await freePort();
postgres('initdb', ['-D', data, '-A', 'trust', '-U', 'gantry', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
const settings = Object.entries(SETTINGS).map(([name, value]) => `-c ${name}=${value}`);
const options = [`-p ${port}`, `-k ${folder}`, ...settings].join(' ');
postgres('pg_ctl', ['-D', data, '-o', options, '-l', join(folder, 'log'), '-w', 'start']);

const child = spawn(command, args, {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, GANTRY_TEST_POSTGRES: `postgres://gantry@127.0.0.1:${port}` },
  stdio: 'inherit',
});
child.on('error', (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));

function programsFolder() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((one, other) => Number(other) - Number(one)) : [];
  const found = [process.env.GANTRY_POSTGRES_BIN, ...versions.map((version) => join(root, version, 'bin'))].find(
    (path) => path && existsSync(join(path, 'initdb')),
  );
  if (found) return found;
  console.error('PostgreSQL is not installed (Debian: apt-get install postgresql).');
  return process.exit(1);
}

/** PostgreSQL refuses to run as root; Debian's package makes a user for it. */
function unprivileged() {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function postgres(program, programArgs) {
  const { status, stderr, error } = spawnSync(join(programs, program), programArgs, {
    ...user,
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status === 0) return;
  console.error(`${program}: ${error?.message ?? stderr}`);
  process.exit(1);
}

function stop() {
  if (existsSync(join(data, 'postmaster.pid')))
    spawnSync(join(programs, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop'], { ...user, cwd: folder });
  rmSync(folder, { recursive: true, force: true });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
