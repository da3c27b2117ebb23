import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/bcrypt';
import type { Context } from '../context.ts';
import { sha256hex } from '../kernel/ids.ts';

/**
 * Passwords are stored as `bcrypt(sha256hex(password))` (architecture decision 7). Clients send either the password or
 * its digest; here only digests are handled, so both lead to the same hash.
 */
export type PasswordDigest = string;

export const digestOf = (password: string): PasswordDigest => sha256hex(password);

/** True for what a client may send as a digest: SHA-256 in lower-case hex. */
export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

export function hashDigest(ctx: Context, digest: PasswordDigest): Promise<string> {
  return hash(digest, { cost: ctx.config.passwordCost });
}

/** Compares with a stored hash. Without one it takes as long and is false, so that time does not tell who exists. */
export async function isDigestRight(
  ctx: Context,
  digest: PasswordDigest,
  storedHash: string | null | undefined,
): Promise<boolean> {
  const matches = await verify(digest, storedHash ?? decoy(ctx.config.passwordCost));
  return storedHash ? matches : false;
}

/** A password for accounts whose owner sets one later; fulfils every rule of the default policy. */
export const randomPassword = (): string => `${randomBytes(18).toString('base64url')}aA1!`;

// A well-formed hash that no password is known for; only its cost matters.
const decoy = (cost: number): string =>
  `$2b$${String(cost).padStart(2, '0')}$C6UzMDM.H6dfI/f/IKcEeO7ZRrHDqDOOCJBFJYHVXnzNxtNF9IYPm`;
