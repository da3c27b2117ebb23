import { digestOf, isDigest, type PasswordDigest } from './passwords.ts';

/** Who logs in, as the client names them. */
export type LoginName = { username: string } | { email: string } | { id: string };

export type LoginForm =
  | { type: 'password'; who: LoginName; digest: PasswordDigest }
  | { type: 'resume'; token: string };

const MAX_PASSWORD = 256;
const MAX_NAME = 320;
const MAX_TOKEN = 256;

/**
 * Reads the options of a DDP `login` (spec 40 §4.1); undefined when no form is recognised. A `totp` wrapper is taken off:
 * no account of this version can have a second factor at login, so its code is not looked at.
 */
export function readLoginOptions(options: unknown): LoginForm | undefined {
  if (!isRecord(options)) return undefined;
  return readForm(isRecord(options.totp) ? options.totp.login : options);
}

/**
 * Turns the body of `POST login` into login options (spec 20): there `user` may be a bare name or address, a name may
 * stand at top level, and a second factor may come flat as `code` or as a header.
 */
export function loginOptionsOfBody(body: unknown, headerCode: string | undefined): unknown {
  if (!isRecord(body)) return body;
  const { code, ...login } = body;
  const options = flatLogin(login);
  const givenCode = textUpTo(code, MAX_PASSWORD) ?? headerCode;
  if (givenCode === undefined || isRecord(body.totp) || 'resume' in body) return options;
  return { totp: { code: givenCode, login: options } };
}

function flatLogin(login: Record<string, unknown>): Record<string, unknown> {
  const { user, username, email, ...rest } = login;
  if (typeof user === 'string')
    return { ...rest, user: user.includes('@') ? { email: user } : { username: user } };
  if (user !== undefined) return login;
  if (typeof username === 'string') return { ...rest, user: { username } };
  if (typeof email === 'string') return { ...rest, user: { email } };
  return login;
}

function readForm(options: unknown): LoginForm | undefined {
  if (!isRecord(options)) return undefined;
  if (options.resume !== undefined) {
    const token = textUpTo(options.resume, MAX_TOKEN);
    return token === undefined ? undefined : { type: 'resume', token };
  }
  const who = readName(options.user);
  const digest = readPassword(options.password);
  return who && digest !== undefined ? { type: 'password', who, digest } : undefined;
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
