import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { hashToken } from '../kernel/ids.ts';
import { changeLastLogin, findCredentials } from './credentials.store.ts';
import { type Client, callerFor, loadUser } from './find-users.ts';
import { askDirectory, isDirectoryThere } from './ldap/ask-directory.ts';
import { logInByDirectory } from './ldap/log-in-by-directory.ts';
import { recordAttempt, recordFailedLogin, refuseBlockedLogin } from './login-blocking.ts';
import { type LoginForm, type LoginName, type LoginOptions, readLoginOptions } from './login-options.ts';
import { logInBySignOn, signOnService } from './login-services/log-in-by-sign-on.ts';
import { logInWithAccessToken } from './login-services/log-in-with-access-token.ts';
import { logInWithChallenge } from './login-services/log-in-with-challenge.ts';
import { logInWithCode } from './login-services/log-in-with-code.ts';
import { logInWithCredential } from './login-services/log-in-with-credential.ts';
import { type LoggedIn, openLogin, refuseUnfitUser } from './open-login.ts';
import { digestOf, isDigestRight } from './passwords.ts';
import type { RoomHooks } from './room-hooks.ts';
import { tokenExpiry } from './sessions.ts';
import { findToken } from './tokens.store.ts';
import { checkLoginFactor, passedFactorMark, type SecondFactorCode } from './two-factor.ts';
import { emailKey, isDirectoryUser, type User, usernameKey } from './user.ts';

/** The one text for an unknown user and a wrong password, so that nobody can find out who exists (spec 40 §4.3). */
export const WRONG_CREDENTIALS = 'User not found';

/** How often `lastLogin` moves on resumed sessions, in ms: a reconnect of everybody must not write for everybody. */
const LAST_LOGIN_STEP = 60_000;

/**
 * Logs in with any known form of options (spec 40 §4.1), in the documented order of checks (spec 20, `POST login`).
 * Throws the refusals of spec 40 §4.3, those of the second factor and `400 Unrecognized options for login request`.
 */
export async function login(
  ctx: Context,
  rooms: RoomHooks,
  options: unknown,
  client: Client,
): Promise<LoggedIn> {
  return logInWith(ctx, rooms, readLoginOptions(options), client);
}

/** The same for a form that was read. */
export async function logInWith(
  ctx: Context,
  rooms: RoomHooks,
  { form, factor }: LoginOptions,
  client: Client,
): Promise<LoggedIn> {
  try {
    await refuseBlockedLogin(ctx, client.ip, form);
    if (!form || isSwitchedOff(ctx, form)) fail(400, 'Unrecognized options for login request');
    switch (form.type) {
      case 'resume':
        return await resume(ctx, form.token, client);
      case 'password':
        return await logInWithPassword(ctx, form, factor, client);
      case 'ldap':
        return await logInWithClearPassword(ctx, rooms, form, { factor, client });
      case 'oauth':
        return await logInWithCredential(ctx, rooms, form, { factor, client });
      case 'cas':
      case 'saml':
        return await logInBySignOn(ctx, rooms, form, { factor, client });
      case 'accessToken':
        return await logInWithAccessToken(ctx, rooms, form, { factor, client });
      case 'code':
        return await logInWithCode(ctx, rooms, form, client);
      case 'challenge':
        return await logInWithChallenge(ctx, rooms, form, client);
    }
  } catch (error) {
    await recordFailedLogin(ctx, client.ip, form, error);
    throw error;
  }
}

function isSwitchedOff({ settings }: Context, { type }: LoginForm): boolean {
  if (type === 'ldap') return !settings.bool('LDAP_Enable');
  return (type === 'cas' || type === 'saml') && !signOnService(settings, type);
}

/** By the LDAP directory; with `LDAP_Login_Fallback` also by a password of the workspace. */
async function logInWithClearPassword(
  ctx: Context,
  rooms: RoomHooks,
  form: LoginForm & { type: 'ldap' },
  { factor, client }: { factor: SecondFactorCode | undefined; client: Client },
): Promise<LoggedIn> {
  const { who, password } = form;
  const ours = { type: 'password', who, digest: digestOf(password) } as const;
  const answer = await askDirectory(ctx, 'email' in who ? who.email : who.username, password);
  if (typeof answer === 'object') return logInByDirectory(ctx, rooms, answer, { form, factor, client });
  if (!ctx.settings.bool('LDAP_Login_Fallback')) fail(403, WRONG_CREDENTIALS);
  return logInWithPassword(ctx, ours, factor, client, async () => answer === 'refused');
}

/** `directoryAnswers` is asked for people of the LDAP directory: while it does, only their password there counts. */
async function logInWithPassword(
  ctx: Context,
  form: LoginForm & { type: 'password' },
  factor: SecondFactorCode | undefined,
  client: Client,
  directoryAnswers = () => isDirectoryThere(ctx),
): Promise<LoggedIn> {
  const account = await findCredentials(ctx.db, credentialKey(form.who));
  const right = await isDigestRight(ctx, form.digest, account?.password_hash);
  if (!account || !right) fail(403, WRONG_CREDENTIALS);
  const user = await loadUser(ctx.db, account.id);
  if (!user) fail(403, WRONG_CREDENTIALS);
  await refuseDirectoryUser(ctx, user, directoryAnswers);
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

/**
 * Whoever is gone from the directory, or has another password there, must not come in by one that was kept for the time when
 * it does not answer.
 */
async function refuseDirectoryUser(
  ctx: Context,
  user: User,
  directoryAnswers: () => Promise<boolean>,
): Promise<void> {
  if (!ctx.settings.bool('LDAP_Enable') || !isDirectoryUser(user)) return;
  if (!ctx.settings.bool('LDAP_Login_Fallback') || (await directoryAnswers())) fail(403, WRONG_CREDENTIALS);
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

function refuseUnverifiedUser(ctx: Context, user: User): void {
  if (!ctx.settings.bool('Accounts_EmailVerification') || user.roles.includes('admin')) return;
  if (!user.emails.some((email) => email.verified)) fail('error-invalid-email', 'Invalid email __email__');
}
