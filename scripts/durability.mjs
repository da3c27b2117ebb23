// `npm run durability -- --kills 100 --power-losses 100`: the crash tests of the suite, many more times.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    'power-losses': { type: 'string', default: '100' },
  },
});
const tests = ['server/test/faults/crash.test.ts', 'server/src/storage/power-loss.test.ts'];
const { status } = spawnSync(process.execPath, ['scripts/test.mjs', ...tests], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, CRASH_ROUNDS: values.kills, POWER_LOSSES: values['power-losses'] },
  stdio: 'inherit',
});
process.exit(status ?? 1);
