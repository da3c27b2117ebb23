import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { hashToken } from '../kernel/ids.ts';
import { parseDoc } from '../storage/json.ts';
import type { Client } from './find-users.ts';
import { tokenExpiry } from './sessions.ts';
import { findTokenHolder, type TokenHolder } from './tokens.store.ts';

/**
 * Finds out who makes a call by its user id and login token (spec 00 §2). Every REST request pays for this, so holders
 * are remembered by token hash until an event says that the token is gone or that what a `Caller` carries has changed.
 */
export interface Authenticator {
  /** null for a wrong, unknown or expired pair. */
  authenticate(uid: string, token: string, client: Client): Promise<Caller | null>;
}

interface Known {
  uid: string;
  username: string | undefined;
  name: string | undefined;
  roles: readonly string[];
  bypassTwoFactor: boolean;
  kind: string;
  created_at: number;
}

const MAX_KNOWN = 20_000;
const MAX_TOKEN_LENGTH = 256;
/** The members of a user that a `Caller` carries. */
const CARRIED = ['username', 'name', 'roles', 'active'];

export function createAuthenticator(ctx: Context): Authenticator {
  const known = new Map<string, Known>();
  const hashesOf = new Map<string, Set<string>>();
  // Counts what was forgotten, so that a look-up that began before is not remembered after.
  let forgotten = 0;

  const forget = (hash: string): void => {
    const entry = known.get(hash);
    if (!entry) return;
    known.delete(hash);
    const hashes = hashesOf.get(entry.uid);
    hashes?.delete(hash);
    if (hashes?.size === 0) hashesOf.delete(entry.uid);
  };
  const remember = (hash: string, entry: Known): void => {
    const oldest = known.size >= MAX_KNOWN ? known.keys().next().value : undefined;
    if (oldest !== undefined) forget(oldest);
    known.set(hash, entry);
    hashesOf.set(entry.uid, (hashesOf.get(entry.uid) ?? new Set()).add(hash));
  };
  const forgetUser = (uid: string): void => {
    forgotten++;
    for (const hash of [...(hashesOf.get(uid) ?? [])]) forget(hash);
  };

  ctx.events.on('user.changed', ({ uid, diff, unset }) => {
    if (CARRIED.some((key) => key in diff || key in unset)) forgetUser(uid);
  });
  ctx.events.on('user.deleted', ({ uid }) => forgetUser(uid));
  ctx.events.on('tokens.removed', ({ hashes }) => {
    forgotten++;
    for (const hash of hashes) forget(hash);
  });

  return {
    async authenticate(uid, token, client) {
      if (token.length > MAX_TOKEN_LENGTH) return null;
      const hash = hashToken(token);
      let entry = known.get(hash);
      if (!entry) {
        const before = forgotten;
        const holder = await findTokenHolder(ctx.db, hash, uid);
        if (!holder) return null;
        entry = knownFrom(holder);
        if (before === forgotten) remember(hash, entry);
      }
      if (entry.uid !== uid || tokenExpiry(ctx.settings, entry) <= ctx.clock.now()) return null;
      return {
        uid: entry.uid,
        username: entry.username,
        name: entry.name,
        roles: entry.roles,
        tokenHash: hash,
        bypassTwoFactor: entry.bypassTwoFactor,
        ip: client.ip,
        userAgent: client.userAgent,
      };
    },
  };
}

function knownFrom(holder: TokenHolder): Known {
  return {
    uid: holder.uid,
    username: holder.username ?? undefined,
    name: holder.name ?? undefined,
    roles: parseDoc<string[]>(holder.roles),
    bypassTwoFactor: holder.bypass_two_factor === 1,
    kind: holder.kind,
    created_at: holder.created_at,
  };
}
