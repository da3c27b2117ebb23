import { readFileSync } from 'node:fs';
import { createServer, type Doors } from '../server/src/app.ts';
import { testConfig } from '../server/src/config/defaults.ts';

/**
 * Builds docs/compatibility.md from what is declared in the code and what the public documentation lists, so that the page
 * cannot say anything else than the code does. A test fails while the file is stale.
 */

interface Declared {
  partly?: string | undefined;
}

const reference = (name: string): string[] =>
  readFileSync(new URL(`../docs/reference/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '));

/** The page as Markdown. */
export async function compatibilityPage(): Promise<string> {
  const server = await createServer(testConfig());
  const { doors } = server;
  await server.close();
  const endpoints = endpointTables(doors);
  const methods = plainTable(reference('documented-methods'), named(doors.methods));
  const streams = plainTable(reference('documented-streams'), named(doors.streams));
  return [
    '# Compatibility',
    '',
    'Generated from the declarations in the code by `npm run compat`; do not edit. *Works*: as documented. *Partly*: what',
    'differs is said. *Missing*: an endpoint answers 404 `Resource not found`, a DDP method 404, a stream `nosub` 404.',
    '',
    `| | works | partly | missing | of |`,
    '|---|---|---|---|---|',
    summary('REST endpoints', endpoints.counts),
    summary('DDP methods', methods.counts),
    summary('Streams', streams.counts),
    '',
    '## REST endpoints',
    '',
    ...endpoints.lines,
    '## DDP methods',
    '',
    ...methods.lines,
    '## Streams',
    '',
    ...streams.lines,
  ].join('\n');
}

interface Counts {
  works: number;
  partly: number;
  missing: number;
}

const summary = (title: string, { works, partly, missing }: Counts) =>
  `| ${title} | ${works} | ${partly} | ${missing} | ${works + partly + missing} |`;

const named = (declared: readonly (Declared & { name: string })[]) =>
  new Map<string, Declared>(declared.map((one) => [one.name, one]));

function row(name: string, declared: Declared | undefined, counts: Counts): string {
  const state = declared ? (declared.partly ? 'partly' : 'works') : 'missing';
  counts[state]++;
  const note = declared?.partly ? `partly: ${declared.partly}` : state;
  return `| \`${name}\` | ${note} |`;
}

function endpointTables(doors: Doors) {
  const counts: Counts = { works: 0, partly: 0, missing: 0 };
  const declared = new Map<string, Declared>(
    doors.endpoints.map((one) => [
      key(one.method, one.path.startsWith('/') ? one.path : `/api/v1/${one.path}`),
      one,
    ]),
  );
  const lines: string[] = [];
  let open = false;
  for (const line of reference('documented-endpoints')) {
    if (line.startsWith('## ')) {
      if (open) lines.push('');
      lines.push(`### ${line.slice(3)}`, '', '| endpoint | |', '|---|---|');
      open = true;
      continue;
    }
    const [method = '', path = ''] = line.split(' ');
    lines.push(row(line.replace('/api/v1/', ''), declared.get(key(method, path)), counts));
    declared.delete(key(method, path));
  }
  lines.push('', '### beyond the documented ones', '', '| endpoint | |', '|---|---|');
  for (const [name, one] of declared) lines.push(row(name.replace('/api/v1/', ''), one, counts));
  return { counts, lines: [...lines, ''] };
}

/** Names of path parameters do not matter. */
const key = (method: string, path: string) => `${method} ${path.replace(/:[^/]+/g, ':_')}`;

function plainTable(documented: readonly string[], declared: Map<string, Declared>) {
  const counts: Counts = { works: 0, partly: 0, missing: 0 };
  const lines = documented.map((name) => row(name, declared.get(name), counts));
  const further = [...declared].filter(([name]) => !documented.includes(name));
  lines.push(...further.map(([name, one]) => row(name, one, counts)));
  return { counts, lines: ['| name | |', '|---|---|', ...lines, ''] };
}
