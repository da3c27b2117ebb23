import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { hashToken } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { changeLastLogin, findCredentials } from './credentials.store.ts';
import { type Client, callerFor, loadUser } from './find-users.ts';
import { recordAttempt, recordFailedLogin, refuseBlockedLogin } from './login-blocking.ts';
import { type LoginForm, type LoginName, readLoginOptions } from './login-options.ts';
import { isDigestRight } from './passwords.ts';
import { openSession, tokenExpiry } from './sessions.ts';
import { findToken } from './tokens.store.ts';
import { checkLoginFactor, passedFactorMark, type SecondFactorCode } from './two-factor.ts';
import { emailKey, type User, usernameKey } from './user.ts';

export interface LoggedIn {
  caller: Caller;
  user: User;
  token: string;
  /** Far in the future for a personal access token. */
  tokenExpires: Date;
  type: 'password' | 'resume';
}

/** Opens a session for somebody who has proven who he is, inside the transaction of that. */
export async function openLogin(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  user: User,
  client: Client,
  { type, passedFactor }: Pick<LoggedIn, 'type'> & { passedFactor: ReturnType<typeof passedFactorMark> },
): Promise<LoggedIn> {
  await changeLastLogin(tx, user._id, ctx.clock.now(), ctx.clock.stamp());
  const session = await openSession(ctx, tx, emit, user._id, { passedFactor, client });
  const caller = { ...callerFor(user, client), tokenHash: hashToken(session.token) };
  return { caller, user, token: session.token, tokenExpires: session.expires, type };
}

/** The one text for an unknown user and a wrong password, so that nobody can find out who exists (spec 40 §4.3). */
export const WRONG_CREDENTIALS = 'User not found';

/** How often `lastLogin` moves on resumed sessions, in ms: a reconnect of everybody must not write for everybody. */
const LAST_LOGIN_STEP = 60_000;

/**
 * Logs in with any known form of options (spec 40 §4.1), in the documented order of checks (spec 20, `POST login`).
 * Throws the refusals of spec 40 §4.3, those of the second factor and `400 Unrecognized options for login request`.
 */
export async function login(ctx: Context, options: unknown, client: Client): Promise<LoggedIn> {
  const { form, factor } = readLoginOptions(options);
  try {
    await refuseBlockedLogin(ctx, client.ip, form);
    if (!form) fail(400, 'Unrecognized options for login request');
    return form.type === 'resume'
      ? await resume(ctx, form.token, client)
      : await logInWithPassword(ctx, form, factor, client);
  } catch (error) {
    await recordFailedLogin(ctx, client.ip, form, error);
    throw error;
  }
}

async function logInWithPassword(
  ctx: Context,
  form: Extract<LoginForm, { type: 'password' }>,
  factor: SecondFactorCode | undefined,
  client: Client,
): Promise<LoggedIn> {
  const account = await findCredentials(ctx.db, credentialKey(form.who));
  const right = await isDigestRight(ctx, form.digest, account?.password_hash);
  if (!account || !right) fail(403, WRONG_CREDENTIALS);
  const user = await loadUser(ctx.db, account.id);
  if (!user) fail(403, WRONG_CREDENTIALS);
  refuseUnfitUser(user);
  refuseUnverifiedUser(ctx, user);
  const passedFactor = (await checkLoginFactor(ctx, user, factor))
    ? passedFactorMark(ctx, client)
    : undefined;

  return ctx.write(async (tx, emit) => {
    // Comparing a password takes long: the account may have changed meanwhile.
    const now = await findCredentials(tx, { id: account.id });
    if (now?.active !== 1 || now.password_hash !== account.password_hash) fail(403, WRONG_CREDENTIALS);
    await recordAttempt(ctx, tx, client.ip, form, true);
    return openLogin(ctx, tx, emit, user, client, { type: 'password', passedFactor });
  });
}

async function resume(ctx: Context, token: string, client: Client): Promise<LoggedIn> {
  const hash = hashToken(token);
  const stored = await findToken(ctx.db, hash);
  if (!stored) fail(403, "You've been logged out by the server. Please log in again.");
  const expires = tokenExpiry(ctx.settings, stored);
  const now = ctx.clock.now();
  if (expires <= now) fail(403, 'Your session has expired. Please log in again.');
  const user = await loadUser(ctx.db, stored.uid);
  if (!user) fail(403, "You've been logged out by the server. Please log in again.");
  refuseUnfitUser(user);
  if (now - (user.lastLogin ?? 0) >= LAST_LOGIN_STEP) {
    await ctx.write((tx) => changeLastLogin(tx, user._id, now, ctx.clock.stamp()));
  }
  const caller: Caller = {
    ...callerFor(user, client),
    tokenHash: hash,
    bypassTwoFactor: stored.bypass_two_factor === 1,
  };
  return { caller, user, token, tokenExpires: new Date(expires), type: 'resume' };
}

function credentialKey(who: LoginName): { id: string } | { usernameKey: string } | { emailKey: string } {
  if ('username' in who) return { usernameKey: usernameKey(who.username) };
  if ('email' in who) return { emailKey: emailKey(who.email) };
  return who;
}

/** Throws for accounts that may not log in, whatever they prove. */
export function refuseUnfitUser(user: User): void {
  if (user.type === 'app') fail('error-app-user-is-not-allowed-to-login', 'App user is not allowed to login');
  if (!user.active) fail('error-user-is-not-activated', 'User is not activated');
  if (user.roles.length === 0) fail('error-user-has-no-roles', 'User has no roles');
}

function refuseUnverifiedUser(ctx: Context, user: User): void {
  if (!ctx.settings.bool('Accounts_EmailVerification') || user.roles.includes('admin')) return;
  if (!user.emails.some((email) => email.verified)) fail('error-invalid-email', 'Invalid email __email__');
}
