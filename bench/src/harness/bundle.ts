import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Builds the bundle when it is stale. Returns what to give `node` in front of `serve`. */
export function buildServer(): readonly string[] {
  const built = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  if (built.status === 0) return [...flagsOfStart(), join(ROOT, 'dist/gantry.cjs')];
  console.error('The bundle could not be built: measuring the sources through tsx, which starts slower.');
  return ['--import', 'tsx', join(ROOT, 'server/src/main.ts')];
}

/** The flags that `npm start` gives to Node. */
const flagsOfStart = (): string[] => wordsOfStart().filter((word) => word.startsWith('--'));

/** The variables that `npm start` gives to Node. */
export const variablesOfStart = (): Record<string, string> =>
  Object.fromEntries(wordsOfStart().flatMap((word) => (/^[A-Z_]+=/.test(word) ? [word.split('=', 2)] : [])));

function wordsOfStart(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ');
}
