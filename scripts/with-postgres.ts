// `tsx scripts/with-postgres.ts [--fsync] <command> <arguments>`: runs the command beside a PostgreSQL server of its own, which is
// gone afterwards; its address is in GANTRY_TEST_POSTGRES. Without `--fsync` it does not wait for the disk.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../server/test/support/postgres-server.ts';

const words = process.argv.slice(2);
const fsync = words[0] === '--fsync';
const [command, ...args] = fsync ? words.slice(1) : words;
if (!command) {
  console.error('Usage: tsx scripts/with-postgres.ts [--fsync] <command> <arguments>');
  process.exit(2);
}
const postgres = await startPostgres({ fsync });
process.on('exit', () => postgres.remove());
const child = spawn(command, args, {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, GANTRY_TEST_POSTGRES: postgres.url },
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));
