import { digestOf, isDigest, type PasswordDigest } from './passwords.ts';
import type { SecondFactorCode } from './two-factor.ts';

/** Who logs in, as the client names them. */
export type LoginName = { username: string } | { email: string } | { id: string };

export type LoginForm =
  | { type: 'password'; who: LoginName; digest: PasswordDigest }
  /** The password itself, which the directory asks for. */
  | { type: 'ldap'; who: { username: string } | { email: string }; password: string }
  | { type: 'resume'; token: string }
  /** What the page of another service handed to the client (spec 20, "Browser flow"). */
  | { type: 'oauth'; credentialToken: string; credentialSecret: string }
  /** What the client has opened the page of CAS or SAML with; nothing comes back to it from there (spec 20, `POST login`). */
  | { type: SignOn; credentialToken: string }
  /** What the server told the browser that it led to another service and back (spec 20, 8.7). */
  | { type: 'code'; code: string }
  /** The same for somebody who has a second factor, with its code. */
  | { type: 'challenge'; challengeId: string; code: string }
  /** Tokens that the client itself got from another service. */
  | { type: 'accessToken'; service: string; accessToken: string; idToken: string | undefined };

/** Logins of which a client knows only the token that it has begun them with. */
export type SignOn = 'cas' | 'saml';

const MAX_PASSWORD = 256;
const MAX_NAME = 320;
const MAX_TOKEN = 256;
/** Those of other services carry signed claims. */
const MAX_SERVICE_TOKEN = 32 * 1024;

/** The options of a login: who, and the code of a second factor when it is the second step. */
export interface LoginOptions {
  /** Undefined when no form is recognised. */
  form: LoginForm | undefined;
  factor: SecondFactorCode | undefined;
}

/** Reads the options of a DDP `login` (spec 40 §4.1). A `totp` wrapper carries the code and the form of the first step. */
export function readLoginOptions(options: unknown): LoginOptions {
  const wrapper = isRecord(options) && isRecord(options.totp) ? options.totp : undefined;
  if (!wrapper) return { form: readForm(options), factor: undefined };
  const code = textUpTo(wrapper.code, MAX_PASSWORD);
  const method = textUpTo(wrapper.method, MAX_PASSWORD) ?? '';
  return { form: readForm(wrapper.login), factor: code === undefined ? undefined : { code, method } };
}

/**
 * Turns the body of `POST login` into login options (spec 20): there `user` may be a bare name or address, a name may
 * stand at top level, and a second factor may come flat as `code` or as a header. `byDirectory`: a password that is not
 * hashed is one of the LDAP directory, also together with a code.
 */
export function loginOptionsOfBody(
  body: unknown,
  header: SecondFactorCode | undefined,
  { byDirectory }: { byDirectory: boolean },
): unknown {
  if (!isRecord(body)) return body;
  const form = (login: Record<string, unknown>): Record<string, unknown> =>
    byDirectory ? directoryLogin(flatLogin(login)) : flatLogin(login);
  const { totp } = body;
  if (isRecord(totp)) return isRecord(totp.login) ? { totp: { ...totp, login: form(totp.login) } } : body;
  const { code, ...login } = body;
  const options = form(login);
  const given = typeof code === 'string' ? { method: '', ...header, code } : header;
  if (given === undefined || 'resume' in body) return options;
  return { totp: { ...given, login: options } };
}

function flatLogin(login: Record<string, unknown>): Record<string, unknown> {
  // The form of the directory has its name at top level.
  if (login.ldap === true) return login;
  const { user, username, email, ...rest } = login;
  if (typeof user === 'string')
    return { ...rest, user: user.includes('@') ? { email: user } : { username: user } };
  if (user !== undefined) return login;
  if (typeof username === 'string') return { ...rest, user: { username } };
  if (typeof email === 'string') return { ...rest, user: { email } };
  return login;
}

function directoryLogin(login: Record<string, unknown>): Record<string, unknown> {
  const who = readName(login.user);
  const { password } = login;
  if (typeof password !== 'string' || !who || 'id' in who) return login;
  return { ldap: true, username: 'email' in who ? who.email : who.username, ldapPass: password };
}

function readForm(options: unknown): LoginForm | undefined {
  if (!isRecord(options)) return undefined;
  if (options.resume !== undefined) {
    const token = textUpTo(options.resume, MAX_TOKEN);
    return token === undefined ? undefined : { type: 'resume', token };
  }
  if (isRecord(options.oauth)) {
    const credentialToken = textUpTo(options.oauth.credentialToken, MAX_TOKEN);
    // Without a secret when the page was closed before it was done: then nothing matches.
    const credentialSecret = textUpTo(options.oauth.credentialSecret ?? '', MAX_TOKEN);
    if (credentialToken === undefined || credentialSecret === undefined) return undefined;
    return { type: 'oauth', credentialToken, credentialSecret };
  }
  if (options.saml === true) return signOnForm('saml', options);
  if (isRecord(options.cas)) return signOnForm('cas', options.cas);
  if (options.ldap === true) {
    const name = textUpTo(options.username, MAX_NAME);
    const password = textUpTo(options.ldapPass, MAX_PASSWORD);
    if (name === undefined || password === undefined) return undefined;
    return { type: 'ldap', who: name.includes('@') ? { email: name } : { username: name }, password };
  }
  const service = textUpTo(options.serviceName, MAX_NAME);
  const accessToken = textUpTo(options.accessToken, MAX_SERVICE_TOKEN);
  if (service !== undefined && accessToken !== undefined) {
    return {
      type: 'accessToken',
      service,
      accessToken,
      idToken: textUpTo(options.idToken, MAX_SERVICE_TOKEN),
    };
  }
  const who = readName(options.user);
  const digest = readPassword(options.password);
  return who && digest !== undefined ? { type: 'password', who, digest } : undefined;
}

function signOnForm(type: SignOn, given: Record<string, unknown>): LoginForm | undefined {
  const credentialToken = textUpTo(given.credentialToken, MAX_TOKEN);
  return credentialToken === undefined ? undefined : { type, credentialToken };
}

function readName(user: unknown): LoginName | undefined {
  if (!isRecord(user)) return undefined;
  const username = textUpTo(user.username, MAX_NAME);
  if (username !== undefined) return { username };
  const email = textUpTo(user.email, MAX_NAME);
  // The Go SDK always says `email`, also with a username.
  if (email !== undefined) return email.includes('@') ? { email } : { username: email };
  const id = textUpTo(user.id, MAX_NAME);
  return id === undefined ? undefined : { id };
}

function readPassword(password: unknown): PasswordDigest | undefined {
  const plain = textUpTo(password, MAX_PASSWORD);
  if (plain !== undefined) return digestOf(plain);
  if (!isRecord(password)) return undefined;
  const { digest, algorithm } = password;
  if (algorithm !== 'sha-256' || typeof digest !== 'string') return undefined;
  const text = digest.toLowerCase();
  return isDigest(text) ? text : undefined;
}

function textUpTo(value: unknown, length: number): string | undefined {
  return typeof value === 'string' && value.length <= length ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
