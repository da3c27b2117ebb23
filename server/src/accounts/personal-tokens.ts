import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { hashToken, newToken } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import {
  deleteToken,
  findPersonalToken,
  findPersonalTokens,
  insertToken,
  NO_DEVICE,
  NO_SIGN_ON,
} from './tokens.store.ts';

/** Personal access tokens (spec 20, "Tokens"): they do not expire and are shown once, when they are made. */

const MAX_PERSONAL_TOKENS = 100;
export const MAX_TOKEN_NAME = 200;

/** Throws `not-authorized`, `error-token-already-exists`. Returns the token in clear. */
export async function generatePersonalToken(
  ctx: Context,
  caller: Caller,
  input: { name: string; bypassTwoFactor: boolean },
): Promise<string> {
  requirePermission(ctx, caller, GENERATING);
  if (input.name.trim() === '' || input.name.length > MAX_TOKEN_NAME) {
    fail('error-invalid-params', `A token needs a name of at most ${MAX_TOKEN_NAME} characters`);
  }
  return ctx.write(async (tx) => {
    const tokens = await findPersonalTokens(tx, caller.uid);
    if (tokens.some((token) => token.name === input.name)) {
      fail('error-token-already-exists', 'A token with this name already exists');
    }
    if (tokens.length >= MAX_PERSONAL_TOKENS) {
      fail('error-too-many-tokens', `A user may have at most ${MAX_PERSONAL_TOKENS} personal access tokens`);
    }
    return storeToken(ctx, tx, caller.uid, input);
  });
}

/** Replaces the token of that name by a new one. Throws `not-authorized`, `error-token-does-not-exists`. */
export async function regeneratePersonalToken(ctx: Context, caller: Caller, name: string): Promise<string> {
  requirePermission(ctx, caller, GENERATING);
  return ctx.write(async (tx, emit) => {
    const old = await findPersonalToken(tx, caller.uid, name);
    if (!old) fail('error-token-does-not-exists', 'Token does not exist');
    await deleteToken(tx, caller.uid, old.hash);
    emit('tokens.removed', { uid: caller.uid, hashes: [old.hash], reason: 'personal-token-removed' });
    return storeToken(ctx, tx, caller.uid, { name, bypassTwoFactor: old.bypass_two_factor === 1 });
  });
}

/** Throws `not-authorized`, `error-token-does-not-exists`. */
export async function removePersonalToken(ctx: Context, caller: Caller, name: string): Promise<void> {
  requirePermission(ctx, caller);
  await ctx.write(async (tx, emit) => {
    const token = await findPersonalToken(tx, caller.uid, name);
    if (!token) fail('error-token-does-not-exists', 'Token does not exist');
    await deleteToken(tx, caller.uid, token.hash);
    emit('tokens.removed', { uid: caller.uid, hashes: [token.hash], reason: 'personal-token-removed' });
  });
}

export interface PersonalToken {
  name: string;
  /** ms */
  createdAt: number;
  lastTokenPart: string;
  bypassTwoFactor: boolean;
}

/** The caller's own tokens, oldest first. Throws `not-authorized`. */
export async function listPersonalTokens(ctx: Context, caller: Caller): Promise<PersonalToken[]> {
  requirePermission(ctx, caller);
  const rows = await findPersonalTokens(ctx.db, caller.uid);
  return rows.map((row) => ({
    name: row.name ?? '',
    createdAt: row.created_at,
    lastTokenPart: row.last_part ?? '',
    bypassTwoFactor: row.bypass_two_factor === 1,
  }));
}

/** Of both ways to come by a token, as the published examples have it. */
const GENERATING = { method: 'personalAccessTokens:generateToken' };

function requirePermission(ctx: Context, caller: Caller, details?: object): void {
  if (ctx.permissions.has(caller, 'create-personal-access-tokens')) return;
  fail('not-authorized', 'Not Authorized', details);
}

async function storeToken(
  ctx: Context,
  tx: Tx,
  uid: string,
  { name, bypassTwoFactor }: { name: string; bypassTwoFactor: boolean },
): Promise<string> {
  const token = newToken();
  await insertToken(tx, {
    hash: hashToken(token),
    uid,
    kind: 'personal',
    created_at: ctx.clock.now(),
    name,
    last_part: token.slice(-6),
    bypass_two_factor: bypassTwoFactor ? 1 : 0,
    two_factor_until: null,
    two_factor_client: null,
    ...NO_DEVICE,
    ...NO_SIGN_ON,
  });
  return token;
}
