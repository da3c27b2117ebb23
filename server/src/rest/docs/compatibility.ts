import type { Endpoint } from '../endpoint.ts';
import { routeOf } from '../prepared-endpoint.ts';
import { documentedEndpoints, documentedMethods, documentedStreams } from './documented.ts';

/**
 * How much of the documented API is there, made from what the code declares and what the public documentation lists: it
 * cannot say anything else than the code does. docs/compatibility.md and `GET /api/docs/compatibility.json` show it.
 */
export interface Compatibility {
  endpoints: { counts: Counts; areas: { name: string; endpoints: Entry[] }[] };
  methods: { counts: Counts; methods: Entry[] };
  streams: { counts: Counts; streams: Entry[] };
}

export interface Counts {
  works: number;
  partly: number;
  missing: number;
}

export interface Entry {
  name: string;
  state: keyof Counts;
  /** What differs from the documentation, where `state` is `partly`; what there is to say otherwise. */
  note?: string;
}

/** What is declared of one thing. */
interface Declared {
  partly?: string | undefined;
  /** Works, and is not documented. */
  beyond?: string | undefined;
}

export interface DeclaredDoors {
  endpoints: readonly Endpoint[];
  /** Paths outside `/api/` that give out bytes. */
  downloads: readonly { path: string }[];
  methods: readonly (Declared & { name: string })[];
  streams: readonly (Declared & { name: string })[];
}

export const BEYOND_DOCUMENTED = 'beyond the documented ones';

export function compatibilityOf(doors: DeclaredDoors): Compatibility {
  const areas = areasOf(doors);
  const methods = listOf(documentedMethods(), doors.methods);
  const streams = listOf(documentedStreams(), doors.streams);
  return {
    endpoints: { counts: count(areas.flatMap((area) => area.endpoints)), areas },
    methods: { counts: count(methods), methods },
    streams: { counts: count(streams), streams },
  };
}

function areasOf({
  endpoints,
  downloads,
}: Pick<DeclaredDoors, 'endpoints' | 'downloads'>): Compatibility['endpoints']['areas'] {
  const declared = new Map<string, Declared>(
    endpoints.map((one) => [key(one.method, routeOf(one.path)), one]),
  );
  // The documentation names few of them: the others are not counted.
  const outside = new Map<string, Declared>(downloads.map(({ path }) => [key('GET', path), {}]));
  const areas: Compatibility['endpoints']['areas'] = [];
  // Some are documented in two areas.
  const documented = new Set<string>();
  for (const line of documentedEndpoints()) {
    if (line.startsWith('## ')) {
      areas.push({ name: line.slice(3), endpoints: [] });
      continue;
    }
    const [method = '', path = ''] = line.split(' ');
    const known = key(method, path);
    areas
      .at(-1)
      ?.endpoints.push(entryOf(line.replace('/api/v1/', ''), declared.get(known) ?? outside.get(known)));
    documented.add(known);
  }
  const further = [...declared].filter(([name]) => !documented.has(name));
  const beyond = further.map(([name, one]) => entryOf(name.replace('/api/v1/', ''), one));
  return [...areas, { name: BEYOND_DOCUMENTED, endpoints: beyond }];
}

/** Names of path parameters do not matter. */
const key = (method: string, path: string) => `${method} ${path.replace(/:[^/]+/g, ':_')}`;

function listOf(documented: readonly string[], declared: readonly (Declared & { name: string })[]): Entry[] {
  const byName = new Map<string, Declared>(declared.map((one) => [one.name, one]));
  const names = new Set([...documented, ...byName.keys()]);
  return [...names].map((name) => entryOf(name, byName.get(name)));
}

function entryOf(name: string, declared: Declared | undefined): Entry {
  if (!declared) return { name, state: 'missing' };
  const { partly, beyond } = declared;
  if (partly !== undefined) return { name, state: 'partly', note: partly };
  return { name, state: 'works', ...(beyond === undefined ? {} : { note: beyond }) };
}

function count(entries: readonly Entry[]): Counts {
  const counts: Counts = { works: 0, partly: 0, missing: 0 };
  for (const { state } of entries) counts[state]++;
  return counts;
}
