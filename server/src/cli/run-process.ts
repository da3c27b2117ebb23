import { runCommandLine } from './run.ts';

/** Runs the command line of this process. `started` is called when a server has started and answered those who waited for it. */
export async function runProcess(started?: () => void): Promise<void> {
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    env: process.env,
    cwd: process.cwd(),
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    stdin: process.stdin,
    started,
  });
}
