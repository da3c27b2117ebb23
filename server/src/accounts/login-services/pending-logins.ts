import { randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import { refuse } from '../../kernel/errors.ts';
import { hashToken, newToken } from '../../kernel/ids.ts';
import type { Tx } from '../../storage/database.ts';
import { parseDoc, stringify } from '../../storage/json.ts';
import type { Factor } from '../two-factor.ts';
import { deleteBegunLoginsExpiredBy } from './begun-logins.store.ts';
import type { ExternalIdentity } from './external-identity.ts';
import {
  deletePendingLogin,
  deletePendingLoginsExpiredBy,
  findPendingLogin,
  insertPendingLogin,
} from './pending-logins.store.ts';

/**
 * Who somebody is, between the browser that came back from a service and the client that logs in (spec 20, 8.7): a code where that is
 * all that is needed, a challenge for whoever has a second factor. Nothing is linked, made or opened before the client comes. Both go
 * through an address, so both are stored as hashes, for one use and a short time.
 */

const CODE_LIFETIME_MS = 60_000;
/** Long enough to type a code that has to be mailed first. */
const CHALLENGE_LIFETIME_MS = 5 * 60_000;

export interface Challenge {
  uid: string;
  factor: Factor;
  identity: ExternalIdentity;
}

/** A code of 64 characters. `uid`: whose identity it is, undefined for a newcomer. */
export async function issueLoginCode(
  ctx: Context,
  { uid, identity }: { uid: string | undefined; identity: ExternalIdentity },
): Promise<string> {
  const code = randomBytes(32).toString('hex');
  await keep(ctx, code, { uid, identity, factor: undefined, lifetime: CODE_LIFETIME_MS });
  return code;
}

/** Throws `error-invalid-code` where there is none, or it is too old. */
export async function findLoginCode(ctx: Context, code: string): Promise<ExternalIdentity> {
  const row = await findPendingLogin(ctx.db, hashToken(code));
  if (!row || row.factor !== null || row.expires_at <= ctx.clock.now()) invalidCode();
  return parseDoc<ExternalIdentity>(row.doc);
}

/** Uses it up; whoever comes second is refused. */
export async function spendLoginCode(tx: Tx, code: string): Promise<void> {
  if (!(await deletePendingLogin(tx, hashToken(code)))) invalidCode();
}

export async function issueChallenge(ctx: Context, challenge: Challenge): Promise<string> {
  const challengeId = newToken();
  await keep(ctx, challengeId, { ...challenge, lifetime: CHALLENGE_LIFETIME_MS });
  return challengeId;
}

/** Throws `error-challenge-not-found`, `error-challenge-expired`. */
export async function findChallenge(ctx: Context, challengeId: string): Promise<Challenge> {
  const row = await findPendingLogin(ctx.db, hashToken(challengeId));
  if (!row || row.uid === null || row.factor === null) noChallenge();
  if (row.expires_at <= ctx.clock.now()) refuse('challenge expired', 'error-challenge-expired');
  return { uid: row.uid, factor: row.factor as Factor, identity: parseDoc<ExternalIdentity>(row.doc) };
}

/** Uses it up; whoever comes second is refused. */
export async function spendChallenge(tx: Tx, challengeId: string): Promise<void> {
  if (!(await deletePendingLogin(tx, hashToken(challengeId)))) noChallenge();
}

/** So that nobody goes on trying. */
export const giveUpChallenge = (ctx: Context, challengeId: string): Promise<unknown> =>
  ctx.write((tx) => deletePendingLogin(tx, hashToken(challengeId)));

/** One run of the periodic clean-up. */
export const removeExpiredLogins = (ctx: Context): Promise<void> =>
  ctx.write(async (tx) => {
    await deleteBegunLoginsExpiredBy(tx, ctx.clock.now());
    await deletePendingLoginsExpiredBy(tx, ctx.clock.now());
  });

const keep = (
  ctx: Context,
  token: string,
  {
    uid,
    factor,
    identity,
    lifetime,
  }: { uid: string | undefined; factor: Factor | undefined; identity: ExternalIdentity; lifetime: number },
): Promise<void> =>
  ctx.write((tx) =>
    insertPendingLogin(tx, {
      hash: hashToken(token),
      uid: uid ?? null,
      factor: factor ?? null,
      expires_at: ctx.clock.now() + lifetime,
      doc: stringify(identity),
    }),
  );

/** Its documented answer has no `errorType`. */
const invalidCode: () => never = () => refuse('error-invalid-code');

const noChallenge: () => never = () => refuse('challenge not found', 'error-challenge-not-found');
