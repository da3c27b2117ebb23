import type { FastifyRequest } from 'fastify';

/**
 * The OAuth access token of a request (spec 00 §2): header `Authorization: Bearer`, or `access_token` in the query, which is
 * taken out so that no schema has to know of it.
 */
export function bearerOf({ headers, query }: Pick<FastifyRequest, 'headers' | 'query'>): string | undefined {
  const header = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (header !== undefined) return header;
  const params = query as Record<string, unknown>;
  const { access_token: token } = params;
  if (typeof token !== 'string') return undefined;
  delete params.access_token;
  return token;
}
