import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/bcrypt';
import type { Context } from '../context.ts';
import { sha256hex } from '../kernel/ids.ts';
import { Turnstile } from '../kernel/turnstile.ts';

/**
 * Passwords are stored as `bcrypt(sha256hex(password))`. Clients send either the password or
 * its digest; here only digests are handled, so both lead to the same hash.
 */
export type PasswordDigest = string;

/**
 * Hashing runs on the thread pool that disk syncs run on too. A login storm that filled it would hold up every
 * acknowledged write, so only a few wait there and the rest wait here. The pool is the process's, and so is this limit.
 */
const turnstile = new Turnstile(2);

export const digestOf = (password: string): PasswordDigest => sha256hex(password);

/** True for what a client may send as a digest: SHA-256 in lower-case hex. */
export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

export function hashDigest(ctx: Context, digest: PasswordDigest): Promise<string> {
  return turnstile.run(() => hash(digest, { cost: ctx.config.passwordCost }));
}

/** Compares with a stored hash. Without one it takes as long and is false, so that time does not tell who exists. */
export async function isDigestRight(
  ctx: Context,
  digest: PasswordDigest,
  storedHash: string | null | undefined,
): Promise<boolean> {
  const compared = storedHash ?? decoy(ctx.config.passwordCost);
  const matches = await turnstile.run(() => verify(digest, compared));
  return storedHash ? matches : false;
}

/** A password for accounts whose owner sets one later; fulfils every rule of the default policy. */
export const randomPassword = (): string => `${randomBytes(18).toString('base64url')}aA1!`;

// A well-formed hash that no password is known for; only its cost matters.
const decoy = (cost: number): string =>
  `$2b$${String(cost).padStart(2, '0')}$C6UzMDM.H6dfI/f/IKcEeO7ZRrHDqDOOCJBFJYHVXnzNxtNF9IYPm`;
