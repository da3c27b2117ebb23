import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { hashToken, newId, newToken } from '../kernel/ids.ts';
import type { Settings } from '../kernel/settings.ts';
import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import type { TokenRemovalReason } from './accounts.events.ts';
import { readDevice } from './device.ts';
import { type Client, loadUser } from './find-users.ts';
import type { ServiceSession } from './login-services/service-session.ts';
import { deleteOAuthTokens } from './oauth-tokens.store.ts';
import { recordUserAction } from './record-user-action.ts';
import {
  deleteSessionsAbove,
  deleteSessionsCreatedUntil,
  deleteToken,
  deleteTokensOf,
  findToken,
  insertToken,
  NO_DEVICE,
  NO_SIGN_ON,
} from './tokens.store.ts';

const DAY = 24 * 60 * 60 * 1000;
const DEFAULT_EXPIRATION_DAYS = 90;
/** Personal tokens do not expire; clients still read a date (spec 40 §4.2). 100 years. */
const NEVER = 36_525 * DAY;

export interface Session {
  token: string;
  expires: Date;
}

/** How long a session token is valid, in ms (`Accounts_LoginExpiration`; anything but a positive number means 90 days). */
export function sessionLifetime(settings: Settings): number {
  const days = settings.int('Accounts_LoginExpiration');
  return (days > 0 ? days : DEFAULT_EXPIRATION_DAYS) * DAY;
}

/** When a token ceases to be valid, in ms. */
export function tokenExpiry(settings: Settings, token: { kind: string; created_at: number }): number {
  return token.created_at + (token.kind === 'session' ? sessionLifetime(settings) : NEVER);
}

/**
 * Creates a session token; the oldest sessions above the limit of tokens per user end. `passedFactor`: its holder just
 * passed a second factor. `client`: who logs in; absent when a session is made for somebody else. `signOn`: the session at an
 * identity provider that this one belongs to.
 */
export async function openSession(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  uid: string,
  {
    passedFactor,
    client,
    signOn,
  }: {
    passedFactor?: { until: number; client: string } | undefined;
    client?: Client | undefined;
    signOn?: ServiceSession | undefined;
  } = {},
): Promise<Session> {
  const token = newToken();
  const now = ctx.clock.now();
  await insertToken(tx, {
    hash: hashToken(token),
    uid,
    kind: 'session',
    created_at: now,
    name: null,
    last_part: null,
    bypass_two_factor: 0,
    two_factor_until: passedFactor?.until ?? null,
    two_factor_client: passedFactor?.client ?? null,
    ...deviceColumns(client),
    ...signOnColumns(signOn),
    session_id: newId(),
  });
  announceRemoved(emit, uid, await deleteSessionsAbove(tx, uid, ctx.config.maxLoginTokens), 'limit');
  return { token, expires: new Date(now + sessionLifetime(ctx.settings)) };
}

function deviceColumns(client: Client | undefined): typeof NO_DEVICE | DeviceColumns {
  if (!client) return NO_DEVICE;
  const device = readDevice(client.userAgent);
  return { ip: client.ip, device_name: device.name, os_name: device.os.name, device: stringify(device) };
}

type DeviceColumns = Record<'ip' | 'device_name' | 'os_name' | 'device', string>;

const signOnColumns = (signOn: ServiceSession | undefined) =>
  signOn ? { sign_on_key: signOnKey(signOn), sign_on: stringify(signOn) } : NO_SIGN_ON;

/** What sessions are found by when an identity provider ends those of somebody. */
export const signOnKey = ({ service, name }: Pick<ServiceSession, 'service' | 'name'>): string =>
  hashToken(`${service} calls ${name.text}`);

/** The session at an identity provider that this login token belongs to. */
export async function signOnOfToken(db: Db, hash: string): Promise<ServiceSession | undefined> {
  const signOn = (await findToken(db, hash))?.sign_on;
  return signOn ? parseDoc<ServiceSession>(signOn) : undefined;
}

/** Ends one session, of whoever has it. */
export async function endSession(
  tx: Tx,
  emit: Emit,
  { uid, hash }: { uid: string; hash: string },
): Promise<void> {
  if (await deleteToken(tx, uid, hash)) announceRemoved(emit, uid, [hash], 'logout');
}

/** Ends the session that the call came by. */
export async function logout(ctx: Context, caller: Caller): Promise<void> {
  const hash = caller.tokenHash;
  if (hash === undefined) return;
  await ctx.write(async (tx, emit) => {
    await endSession(tx, emit, { uid: caller.uid, hash });
  });
}

/** Ends all sessions and personal tokens of a user (`users.logout`). Throws 403, `error-invalid-user-id`. */
export async function logoutUser(ctx: Context, caller: Caller, uid: string): Promise<void> {
  if (uid !== caller.uid && !ctx.permissions.has(caller, 'logout-other-user')) forbid();
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, uid);
    if (!user) fail('error-invalid-user-id', 'Invalid user id');
    if (uid !== caller.uid) {
      emit('user.forceLogout', { uid });
      await recordUserAction(ctx, tx, caller, { kind: 'user.loggedOut', user });
    }
    await endAllSessions(tx, emit, uid, 'all-sessions');
  });
}

/** Ends the caller's other sessions; personal tokens stay. Returns when the presented token expires. */
export async function logoutOtherClients(ctx: Context, caller: Caller): Promise<Date | undefined> {
  const hash = caller.tokenHash;
  if (hash === undefined) fail('error-invalid-user-id', 'Invalid user id');
  return ctx.write(async (tx, emit) => {
    const token = await findToken(tx, hash);
    if (!token || token.uid !== caller.uid) fail('error-invalid-user-id', 'Invalid user id');
    await endOtherSessions(tx, emit, caller.uid, hash, 'other-clients');
    return token.kind === 'session' ? new Date(tokenExpiry(ctx.settings, token)) : undefined;
  });
}

/** Removes every token of the user, personal ones and those of other programs included. */
export async function endAllSessions(
  tx: Tx,
  emit: Emit,
  uid: string,
  reason: TokenRemovalReason,
): Promise<void> {
  await deleteOAuthTokens(tx, { uid });
  announceRemoved(emit, uid, await deleteTokensOf(tx, uid, {}), reason);
}

/** Removes every session token of the user but `except`; personal tokens stay, so that bots and scripts keep working. */
export async function endOtherSessions(
  tx: Tx,
  emit: Emit,
  uid: string,
  except: string | undefined,
  reason: TokenRemovalReason,
): Promise<void> {
  announceRemoved(emit, uid, await deleteTokensOf(tx, uid, { kind: 'session', except }), reason);
}

/** One run of the periodic clean-up: expired sessions, in small transactions. Returns how many were removed. */
export async function removeExpiredSessions(ctx: Context): Promise<number> {
  const batch = 200;
  const last = ctx.clock.now() - sessionLifetime(ctx.settings);
  let removed = 0;
  for (;;) {
    const count = await ctx.write(async (tx, emit) => {
      const expired = await deleteSessionsCreatedUntil(tx, last, batch);
      for (const { uid, hash } of expired) announceRemoved(emit, uid, [hash], 'expired');
      return expired.length;
    });
    removed += count;
    if (count < batch) return removed;
  }
}

function announceRemoved(
  emit: Emit,
  uid: string,
  hashes: readonly string[],
  reason: TokenRemovalReason,
): void {
  if (hashes.length > 0) emit('tokens.removed', { uid, hashes, reason });
}

/** Whether the caller's login token still exists. */
export async function isTokenStored(ctx: Context, { tokenHash }: Caller): Promise<boolean> {
  return tokenHash === undefined || (await findToken(ctx.db, tokenHash)) !== undefined;
}
