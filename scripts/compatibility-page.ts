import { createServer } from '../server/src/app.ts';
import { testConfig } from '../server/src/config/defaults.ts';
import { type Counts, compatibilityOf, type Entry } from '../server/src/rest/docs/compatibility.ts';

/** docs/compatibility.md as Markdown. A test fails while the file is stale. */
export async function compatibilityPage(): Promise<string> {
  const server = await createServer(testConfig());
  const { doors } = server;
  await server.close();
  const { endpoints, methods, streams } = compatibilityOf(doors);
  return [
    '# Compatibility',
    '',
    'Generated from the declarations in the code by `npm run compat`; do not edit. *Works*: as documented. *Partly*: what',
    'differs is said. *Missing*: an endpoint answers 404 `Resource not found`, a DDP method 404, a stream `nosub` 404.',
    'A server serves the same as JSON, `/api/docs/compatibility.json`.',
    '',
    `| | works | partly | missing | of |`,
    '|---|---|---|---|---|',
    summary('REST endpoints', endpoints.counts),
    summary('DDP methods', methods.counts),
    summary('Streams', streams.counts),
    '',
    '## REST endpoints',
    '',
    ...endpoints.areas.flatMap((area) => [`### ${area.name}`, '', ...table('endpoint', area.endpoints)]),
    '## DDP methods',
    '',
    ...table('name', methods.methods),
    '## Streams',
    '',
    ...table('name', streams.streams),
  ].join('\n');
}

const summary = (title: string, { works, partly, missing }: Counts) =>
  `| ${title} | ${works} | ${partly} | ${missing} | ${works + partly + missing} |`;

const table = (heading: string, entries: readonly Entry[]) => [
  `| ${heading} | |`,
  '|---|---|',
  ...entries.map(({ name, state, note }) => `| \`${name}\` | ${note ? `${state}: ${note}` : state} |`),
  '',
];
