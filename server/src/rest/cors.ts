import type { Settings } from '../kernel/settings.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface CorsDecision {
  /** False: answer 403 with an empty body. */
  allowed: boolean;
  headers: Readonly<Record<string, string>>;
}

const NO_CORS: CorsDecision = { allowed: true, headers: {} };

// The documented list, then the second-factor headers that embedded clients send (spec 41 §6).
const REQUEST_HEADERS =
  'Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, Authorization, x-2fa-code, x-2fa-method';

const COMMON = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, HEAD, PATCH',
  'access-control-allow-headers': REQUEST_HEADERS,
  'access-control-expose-headers': 'X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset',
};

/** Decides by `API_Enable_CORS` and `API_CORS_Origin`, as they are now (spec 00 §9). */
export function corsFor(settings: Settings, headers: Headers): CorsDecision {
  const origin = headers.origin;
  if (origin === undefined && headers['access-control-request-method'] === undefined) return NO_CORS;
  if (!settings.bool('API_Enable_CORS')) return NO_CORS;
  const allowed = settings.text('API_CORS_Origin').trim() || '*';
  if (allowed === '*') return { allowed: true, headers: { 'access-control-allow-origin': '*', ...COMMON } };
  if (typeof origin !== 'string') return { allowed: true, headers: { vary: 'Origin', ...COMMON } };
  if (!listsOrigin(allowed, origin) && !isSameOrigin(origin, headers.host)) {
    return { allowed: false, headers: { vary: 'Origin' } };
  }
  return { allowed: true, headers: { 'access-control-allow-origin': origin, vary: 'Origin', ...COMMON } };
}

function listsOrigin(list: string, origin: string): boolean {
  const wanted = origin.toLowerCase();
  return list.split(',').some((entry) => entry.trim().toLowerCase() === wanted);
}

/** Browsers send `Origin` with same-origin POSTs too: our own web client must not depend on the list. */
function isSameOrigin(origin: string, host: string | string[] | undefined): boolean {
  return typeof host === 'string' && (origin === `https://${host}` || origin === `http://${host}`);
}
