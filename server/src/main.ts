import module from 'node:module';
import { join } from 'node:path';
import { runCommandLine } from './cli/run.ts';

// Node 22 and newer keep what V8 has compiled for the next start. It lies beside the bundle that it is made of: whoever could
// change one could change the other.
const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown };
const isBundle = import.meta.filename.endsWith('.mjs');
if (isBundle) enableCompileCache?.(join(import.meta.dirname, 'compiled'));

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  stdin: process.stdin,
});
