import type { Endpoint } from './endpoint.ts';
import type { Check, Validation } from './validation.ts';

/** An endpoint with everything that does not change between requests worked out. */
export interface PreparedEndpoint {
  endpoint: Endpoint;
  /** The full path, as deprecation headers and the log name it. */
  route: string;
  /** Names the rate-limit bucket together with the client's address. */
  bucket: string;
  checkQuery: Check | undefined;
  checkBody: Check | undefined;
  deprecation: Readonly<Record<string, string>> | undefined;
}

/** The full path of a declared one: `/api/v1/<path>`, or the path itself where it starts with a slash. */
export function routeOf(path: string): string {
  return path.startsWith('/') ? path : `/api/v1/${path}`;
}

export function prepareEndpoint(endpoint: Endpoint, validation: Validation): PreparedEndpoint {
  const route = routeOf(endpoint.path);
  return {
    endpoint,
    route,
    bucket: `${endpoint.method} ${route} `,
    checkQuery: endpoint.query && validation.query(endpoint.query),
    checkBody: endpoint.body && validation.body(endpoint.body),
    deprecation: endpoint.deprecated && endpointDeprecation(route, endpoint.deprecated),
  };
}

/** Headers of spec 00 §11.4. */
function endpointDeprecation(route: string, { version, info }: { version: string; info: string }) {
  return {
    'x-deprecation-type': 'endpoint-deprecation',
    'x-deprecation-version': version,
    'x-deprecation-message': `The endpoint "${route}" is deprecated and will be removed on version ${version} (${info})`,
  };
}

const PARAMETERS_REMOVED_IN = '9.0.0';

/** Headers of spec 00 §11.3 for a request that makes use of `fields` or `query`; undefined when it does not. */
export function parameterDeprecation(route: string, query: Record<string, unknown>) {
  const parameter = query.query !== undefined ? 'query' : query.fields !== undefined ? 'fields' : undefined;
  if (!parameter) return undefined;
  return {
    'x-deprecation-type': 'parameter-deprecation',
    'x-deprecation-version': PARAMETERS_REMOVED_IN,
    'x-deprecation-message': `The usage of the "${parameter}" parameter in endpoint "${route}" breaks the security of the API and can lead to data exposure. It has been deprecated and will be removed in the version ${PARAMETERS_REMOVED_IN}.`,
  };
}
