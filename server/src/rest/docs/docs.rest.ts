import { createHash } from 'node:crypto';
import { type Endpoint, endpoint, type RateLimit, RawReply, type RestRequest } from '../endpoint.ts';
import { type OpenApiDocument, type OpenApiInfo, openApiDocument } from '../openapi.ts';
import { hashSource, pageHeaders } from '../page-headers.ts';
import { namesTag } from '../send-representation.ts';
import { compatibilityOf, type DeclaredDoors } from './compatibility.ts';
import { SCRIPT, STYLE } from './reference-assets.ts';
import { referencePage } from './reference-page.ts';

export interface DocsSource {
  /** All of them, these endpoints included. */
  doors(): DeclaredDoors;
  info(): OpenApiInfo;
}

/**
 * The API described by the server that serves it: a page for people, the OpenAPI document and the compatibility data for
 * programs. Nothing of it is made before it is asked for, and then once.
 */
export function docsEndpoints(source: DocsSource): Endpoint[] {
  const kept = new KeptDocs(source);
  return [
    endpoint({
      method: 'GET',
      path: '/api/docs',
      summary: 'This API reference, as a page.',
      auth: 'none',
      rateLimit: RATE_LIMIT,
      handler: (_ctx, request) => answer(kept.page(), request, PAGE_HEADERS),
    }),
    endpoint({
      method: 'GET',
      path: '/api/docs/openapi.json',
      summary: 'This API as an OpenAPI 3.1 document.',
      auth: 'none',
      rateLimit: RATE_LIMIT,
      handler: (_ctx, request) => answer(kept.openApi(), request, JSON_HEADERS),
    }),
    endpoint({
      method: 'GET',
      path: '/api/docs/compatibility.json',
      summary: 'Which documented endpoints, methods and streams work, partly or not.',
      auth: 'none',
      rateLimit: RATE_LIMIT,
      handler: (_ctx, request) => answer(kept.compatibility(), request, JSON_HEADERS),
    }),
  ];
}

/** They are the same for everybody and cost nothing but their bytes. */
const RATE_LIMIT: RateLimit = { calls: 60, windowMs: 60_000 };

/** Kept by browsers and proxies, and asked after by its `ETag`: the next version of the server may say something else. */
const CACHED = { 'cache-control': 'public, no-cache' };
const JSON_HEADERS = { ...CACHED, 'content-type': 'application/json' };
const PAGE_HEADERS = {
  ...CACHED,
  ...pageHeaders(`script-src ${hashSource(SCRIPT)}; style-src ${hashSource(STYLE)}; form-action 'none'`),
};

interface Kept {
  body: Buffer;
  etag: string;
}

function answer(
  { body, etag }: Kept,
  { headers }: RestRequest,
  common: Readonly<Record<string, string>>,
): RawReply {
  if (namesTag(String(headers['if-none-match'] ?? ''), etag))
    return new RawReply(304, undefined, { ...CACHED, etag });
  return new RawReply(200, body, { ...common, etag });
}

class KeptDocs {
  readonly #source: DocsSource;
  #info = '';
  readonly #kept = new Map<string, Kept>();

  constructor(source: DocsSource) {
    this.#source = source;
  }

  page(): Kept {
    return this.#keep('page', () => referencePage(this.#document(), compatibilityOf(this.#source.doors())));
  }

  openApi(): Kept {
    return this.#keep('openapi', () => JSON.stringify(this.#document()));
  }

  compatibility(): Kept {
    return this.#keep('compatibility', () => JSON.stringify(compatibilityOf(this.#source.doors())));
  }

  #document(): OpenApiDocument {
    return openApiDocument(this.#source.doors().endpoints, this.#source.info());
  }

  #keep(name: string, make: () => string): Kept {
    // The address of the workspace is a setting.
    const info = JSON.stringify(this.#source.info());
    if (info !== this.#info) {
      this.#info = info;
      this.#kept.clear();
    }
    const known = this.#kept.get(name);
    if (known) return known;
    const body = Buffer.from(make());
    const kept = { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
    this.#kept.set(name, kept);
    return kept;
  }
}
