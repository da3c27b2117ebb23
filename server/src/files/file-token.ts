import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link to one file carries instead of a login: a JWT signed with HS256 (spec 11 §5 `/file-upload`). */

const MAX_LENGTH = 4096;
const AUDIENCE = 'RocketChat';

/** Whether the token opens this file now. */
export function opensFile(
  token: string,
  secret: string,
  file: { id: string; rid: string | null },
  nowMs: number,
): boolean {
  const [header, payload, signature, ...more] = token.split('.');
  if (!header || !payload || !signature || more.length > 0 || token.length > MAX_LENGTH || secret === '')
    return false;
  const expected = createHmac('sha256', secret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  const { alg } = partOf(header);
  const { exp, nbf, aud, context } = partOf(payload);
  const now = nowMs / 1000;
  if (alg !== 'HS256' || aud !== AUDIENCE || typeof exp !== 'number' || exp <= now) return false;
  if (typeof nbf === 'number' && nbf > now) return false;
  const { fileId, rid } = (typeof context === 'object' && context !== null ? context : {}) as Record<
    string,
    unknown
  >;
  return fileId === file.id && rid === file.rid;
}

function partOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
