import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './bundle.ts';

interface Profile {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

interface CallFrame {
  functionName: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}

interface Cost {
  where: string;
  ms: number;
}

const SHOWN = 30;
const DIST = join(ROOT, 'dist/');
/** Servers that did less than this were only started and stopped. */
const WORTH_SHOWING_MS = 1500;

/** Prints the functions that took most time themselves, of every CPU profile in a directory. */
export function printProfiles(dir: string): void {
  const profiles = readdirSync(dir)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => ({ name, profile: JSON.parse(readFileSync(join(dir, name), 'utf8')) as Profile }));
  const names = namesOf();
  for (const { name, profile } of profiles) {
    const costs = selfCosts(profile, names);
    const idle = costs.find(({ where }) => where === '(idle)')?.ms ?? 0;
    const total = costs.reduce((sum, { ms }) => sum + ms, 0) - idle;
    if (total < WORTH_SHOWING_MS) continue;
    console.log(`\n${name}: busy for ${(total / 1000).toFixed(1)} s, idle for ${(idle / 1000).toFixed(1)} s`);
    for (const { where, ms } of costs.filter((cost) => cost.where !== '(idle)').slice(0, SHOWN)) {
      console.log(
        `${((ms / total) * 100).toFixed(1).padStart(6)} %  ${ms.toFixed(0).padStart(7)} ms  ${where}`,
      );
    }
  }
}

function selfCosts({ nodes, samples, timeDeltas }: Profile, nameOf: (frame: CallFrame) => string): Cost[] {
  const byId = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const costs = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const where = byId.get(id) ?? '?';
    // The time between this sample and the next one belongs to this one.
    costs.set(where, (costs.get(where) ?? 0) + (timeDeltas[index + 1] ?? 0) / 1000);
  }
  return [...costs].map(([where, ms]) => ({ where, ms })).sort((a, b) => b.ms - a.ms);
}

/** Names frames of the bundle and its chunks by the source they come from. */
function namesOf(): (frame: CallFrame) => string {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (path: string) => {
    if (!maps.has(path)) maps.set(path, sourceMap(`${path}.map`));
    return maps.get(path);
  };
  return ({ functionName, url, lineNumber, columnNumber }) => {
    const name = functionName || '(anonymous)';
    if (url === '') return name;
    if (!url.startsWith('file:')) return `${name}  ${url}:${lineNumber + 1}`;
    const path = fileURLToPath(url);
    const map = path.startsWith(DIST) ? mapOf(path) : undefined;
    const source = map && placeIn(map, lineNumber, columnNumber);
    return `${name}  ${source ?? `${path.replace(ROOT, '')}:${lineNumber + 1}`}`;
  };
}

function placeIn(map: SourceMap, line: number, column: number): string | undefined {
  const entry = map.findEntry(line, column);
  if (!('originalSource' in entry) || typeof entry.originalSource !== 'string') return undefined;
  const { originalSource, originalLine } = entry as { originalSource: string; originalLine: number };
  return `${originalSource.replace(/^(\.\.\/)+/, '')}:${originalLine + 1}`;
}

function sourceMap(path: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
