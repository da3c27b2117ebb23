import { randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { hashToken } from '../../kernel/ids.ts';
import type { Tx } from '../../storage/database.ts';
import {
  deletePendingCredential,
  findPendingCredential,
  savePendingCredential,
} from '../login-services/pending-credentials.store.ts';

/**
 * The logins that were begun: an answer must be to one of them, brought by the browser that began it, and the first to it. They wait
 * beside the credentials that they become, so that every node knows them; neither id nor token can be read from what is stored.
 */

/** Long enough to find a password and a phone. */
const LIFETIME_MS = 15 * 60_000;

export interface SamlRequest {
  /** What the provider answers to. */
  id: string;
  /** The token of the client, which goes through the provider as `RelayState`. */
  token: string;
}

/** Of the form that XML wants of ids. */
export const newRequestId = (): string => `_${randomBytes(20).toString('hex')}`;

export const keepRequest = (ctx: Context, request: SamlRequest): Promise<void> =>
  ctx.write((tx) =>
    savePendingCredential(tx, {
      ...keyOf(request),
      expires_at: ctx.clock.now() + LIFETIME_MS,
      doc: '{}',
    }),
  );

/** Throws `error-login-state` where there is none, or it was begun by somebody else or too long ago. */
export async function checkRequest(ctx: Context, request: SamlRequest): Promise<void> {
  const { token_hash, secret_hash } = keyOf(request);
  const row = await findPendingCredential(ctx.db, token_hash);
  if (row?.secret_hash !== secret_hash || row.expires_at <= ctx.clock.now()) notBegun();
}

/** Uses it up; whoever comes second is refused. */
export async function spendRequest(tx: Tx, request: SamlRequest): Promise<void> {
  if (!(await deletePendingCredential(tx, keyOf(request)))) notBegun();
}

/** No token of a client has a space in it, so none of them is ever found as a credential. */
const keyOf = ({ id, token }: SamlRequest): { token_hash: string; secret_hash: string } => ({
  token_hash: hashToken(`request of saml: ${id}`),
  secret_hash: hashToken(`token of saml: ${token}`),
});

const notBegun = (): never =>
  fail('error-login-state', 'This login was not begun by a client of this workspace, or too long ago');
