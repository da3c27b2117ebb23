import { storableText } from '../kernel/storable-text.ts';

/**
 * Finds the endpoint of a path. One table for everything below `/api/` instead of one Fastify route per endpoint: the
 * answers to unknown paths, wrong methods and preflights all need to know which methods a path has (spec 00 §9, §10),
 * and starting costs nothing per endpoint.
 */
export interface PathEntry<T> {
  methods: Map<string, T>;
  /** The `Allow` header: the declared methods, then OPTIONS. */
  allow: string;
}

export interface PathMatch<T> {
  entry: PathEntry<T>;
  params: Record<string, string>;
}

interface Pattern<T> {
  segments: readonly string[];
  entry: PathEntry<T>;
}

const NO_PARAMS: Record<string, string> = Object.freeze({});

export class EndpointTable<T> {
  readonly #fixed = new Map<string, PathMatch<T>>();
  readonly #patterns: Pattern<T>[] = [];

  /** Adds an endpoint under its full path; `:name` segments are parameters. Throws when it is declared twice. */
  add(method: string, path: string, value: T): void {
    const entry = this.#entryOf(path);
    if (entry.methods.has(method)) throw new Error(`The endpoint ${method} ${path} is declared twice.`);
    entry.methods.set(method, value);
    entry.allow = [...entry.methods.keys(), 'OPTIONS'].join(', ');
  }

  /** Looks up a raw request path (still percent-encoded, without the query string). */
  find(path: string): PathMatch<T> | undefined {
    const fixed = this.#fixed.get(path);
    if (fixed) return fixed;
    const segments = decodeSegments(path);
    if (!segments) return undefined;
    for (const pattern of this.#patterns) {
      const params = matchSegments(pattern.segments, segments);
      if (params) return { entry: pattern.entry, params };
    }
    return path.includes('%') ? this.#fixed.get(segments.join('/')) : undefined;
  }

  #entryOf(path: string): PathEntry<T> {
    const segments = path.split('/');
    if (!segments.some((segment) => segment.startsWith(':'))) {
      const known = this.#fixed.get(path);
      if (known) return known.entry;
      const entry: PathEntry<T> = { methods: new Map(), allow: '' };
      this.#fixed.set(path, { entry, params: NO_PARAMS });
      return entry;
    }
    const known = this.#patterns.find((pattern) => pattern.segments.join('/') === path);
    if (known) return known.entry;
    const entry: PathEntry<T> = { methods: new Map(), allow: '' };
    this.#patterns.push({ segments, entry });
    return entry;
  }
}

/** Decoded after splitting, so that an encoded slash stays inside its parameter (`method.call/rooms%2Fget`). */
function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split('/').map((segment) => storableText(decodeURIComponent(segment)));
  } catch {
    return undefined;
  }
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const given = segments[index] ?? '';
    if (!expected.startsWith(':')) {
      if (expected !== given) return undefined;
    } else if (given === '') {
      return undefined;
    } else {
      params[expected.slice(1)] = given;
    }
  }
  return params;
}
