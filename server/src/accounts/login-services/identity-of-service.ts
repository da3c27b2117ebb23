import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { askService, memberAt, textAt } from './ask-service.ts';
import type { ExternalIdentity } from './external-identity.ts';
import { type Claims, claimsOfIdToken } from './id-token.ts';
import { type LoginService, urlOf } from './login-service.ts';

/** Who somebody is at a service, by the tokens that it gave for them. */
export interface Tokens {
  accessToken: string;
  idToken?: string | undefined;
}

/** Takes the code that the browser brought for tokens (RFC 6749 §4.1.3). Throws `error-login-service`. */
export async function tokensForCode(
  ctx: Context,
  login: LoginService,
  { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier?: string | undefined },
): Promise<Tokens> {
  const { clientId, clientSecret } = login;
  const form = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  if (verifier !== undefined) form.set('code_verifier', verifier);
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  if (login.credentialsIn === 'header') {
    headers.authorization = basic(encodeURIComponent(clientId), encodeURIComponent(clientSecret));
  } else {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  const answer = await askService(ctx, login.service, urlOf(login, login.paths.token), {
    method: 'POST',
    headers,
    body: form.toString(),
  });
  const accessToken = textOf(answer, 'access_token');
  // GitHub answers a used code with status 200 and `error`.
  if (accessToken === undefined) fail('error-login-service', 'The login service did not accept the login');
  return { accessToken, idToken: textOf(answer, 'id_token') };
}

/** Tokens are longer than the texts of a profile. */
function textOf(answer: unknown, member: string): string | undefined {
  const value = memberAt(answer, [member]);
  return typeof value === 'string' ? value : undefined;
}

/**
 * Who the tokens are of. `claims` are those of an id token that was verified already. Where there is an id token it has to
 * speak of the same person as the identity page (OpenID Connect Core 1.0, 5.3.2). Throws `error-login-service`.
 */
export async function identityOfTokens(
  ctx: Context,
  login: LoginService,
  { accessToken, idToken }: Tokens,
  claims?: Claims,
): Promise<ExternalIdentity> {
  const known = claims ?? (idToken === undefined ? undefined : await claimsOfIdToken(ctx, login, idToken));
  const page =
    login.paths.identity === '' ? {} : await askIdentity(ctx, login, accessToken, login.paths.identity);
  const sub = textAt(page, ['sub']);
  // Tokens that one answer brought belong together; those that a client brings must both say whom they are of.
  const mayLeaveOut = claims === undefined || login.paths.identity === '';
  if (known && sub !== known.sub && !(mayLeaveOut && sub === undefined)) {
    fail('error-login-service', 'The login service speaks of two people');
  }
  const profile = { ...known, ...page };
  const { fields, service } = login;
  const id = textAt(profile, fields.id);
  if (id === undefined) fail('error-login-service', 'The login service does not say who this is');
  return {
    service,
    id,
    username: textAt(profile, fields.username),
    name: textAt(profile, fields.name),
    picture: webAddress(textAt(profile, fields.picture)),
    ...(await addressOf(ctx, login, accessToken, profile)),
    roles: rolesOf(login, profile),
    rooms: roomsOf(login, profile),
  };
}

function askIdentity(ctx: Context, login: LoginService, accessToken: string, path: string) {
  const url = urlOf(login, path);
  const { accessTokenIn, headers } = login;
  if (accessTokenIn === 'header') {
    const authorization = `Bearer ${accessToken}`;
    return askService(ctx, login.service, url, { headers: { ...headers, authorization } });
  }
  const target = URL.canParse(url)
    ? new URL(url)
    : fail('error-login-service', 'The login service has no address');
  target.searchParams.set(accessTokenIn.parameter, accessToken);
  return askService(ctx, login.service, target.href, { headers });
}

const webAddress = (text: string | undefined): string | undefined =>
  text !== undefined && /^https?:\/\//i.test(text) ? text : undefined;

type Address = Pick<ExternalIdentity, 'email' | 'emailVerified'>;

async function addressOf(
  ctx: Context,
  login: LoginService,
  accessToken: string,
  profile: unknown,
): Promise<Address> {
  const { fields, paths } = login;
  if (paths.emails !== undefined) {
    const list = await askIdentity(ctx, login, accessToken, paths.emails);
    const main = Array.isArray(list)
      ? list.find((entry) => memberAt(entry, ['primary']) === true)
      : undefined;
    return { email: textAt(main, ['email']), emailVerified: memberAt(main, ['verified']) === true };
  }
  const verified = memberAt(profile, fields.emailVerified);
  return { email: textAt(profile, fields.email), emailVerified: isProven(fields.emailVerified, verified) };
}

/** A service that could say that an address is proven and does not say so says nothing; `false` and `"false"` are a no. */
function isProven(paths: readonly string[], value: unknown): boolean | undefined {
  if (paths.length === 0 || value === undefined) return undefined;
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' && (value === 'true' || !Number.isNaN(Date.parse(value)));
}

/** Roles of a claim; a service that leaves the claim out says nothing of roles. */
function rolesOf({ roles }: LoginService, profile: unknown): ExternalIdentity['roles'] {
  const named = roles && namesIn(profile, roles.claim);
  if (!named) return undefined;
  const { synced } = roles;
  const give = named.slice(0, MAX_NAMES).filter((role) => synced.length === 0 || synced.includes(role));
  return { give, take: synced.filter((role) => !named.includes(role)) };
}

/** The rooms of the groups of a claim. */
function roomsOf({ rooms }: LoginService, profile: unknown): ExternalIdentity['rooms'] {
  const groups = rooms && namesIn(profile, rooms.claim);
  if (!groups) return undefined;
  const names = new Set(groups.flatMap((group) => rooms.byGroup.get(group) ?? []));
  return { names: [...names].slice(0, MAX_NAMES), creator: rooms.creator };
}

/** A list, or a text with commas. */
function namesIn(profile: unknown, claim: string): string[] | undefined {
  const value = memberAt(profile, [claim]);
  if (value === undefined) return undefined;
  return (Array.isArray(value) ? value : String(value).split(',')).map((name) => String(name).trim());
}

const MAX_NAMES = 100;

export const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
