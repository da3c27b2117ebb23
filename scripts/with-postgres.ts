// `tsx scripts/with-postgres.ts <command> <arguments>`: runs the command beside a PostgreSQL server of its own, which is gone
// afterwards and does not wait for the disk; its address is in GANTRY_TEST_POSTGRES.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../server/test/support/postgres-server.ts';

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error('Usage: tsx scripts/with-postgres.ts <command> <arguments>');
  process.exit(2);
}
const postgres = await startPostgres({ fsync: false });
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
