import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { stringify } from '../storage/json.ts';
import { insertAuditEvent } from './audit.store.ts';

/** What is recorded; `subject` in brackets. */
export type AuditKind =
  /** [setting] */
  | 'settings.changed'
  /** [permission] */
  | 'permission.changed'
  /** [role] */
  | 'role.created'
  | 'role.changed'
  | 'role.deleted'
  | 'role.given'
  | 'role.taken'
  /** [program] */
  | 'oauthApp.created'
  | 'oauthApp.changed'
  | 'oauthApp.deleted'
  /** [ldap] */
  | 'ldap.synchronized'
  /** [mailing] */
  | 'mailing.started'
  /** [operation] */
  | 'import.started'
  /** [user] */
  | 'user.created'
  | 'user.changed'
  | 'user.activated'
  | 'user.deactivated'
  | 'user.deleted'
  | 'user.linked'
  | 'user.loggedOut'
  | 'user.secondFactorReset'
  | 'user.keysReset'
  | 'user.tokenCreated';

/** The server itself. */
export interface SystemActor {
  reason: string;
}

/** Who does something; undefined for the operator of the server, from its command line. */
export type Actor = Caller | SystemActor | undefined;

export interface AuditAction {
  kind: AuditKind;
  /** Id of what was changed. */
  subject: string;
  /** What else there is to say, by name; `undefined` is left out. Never a secret. */
  data: Readonly<Record<string, unknown>>;
}

/** What is stored beside the columns. */
export interface AuditDoc {
  ip?: string;
  userAgent?: string;
  /** Why the server did it by itself. */
  reason?: string;
  data: Record<string, unknown>;
}

const MAX_TEXT = 4000;
const MAX_USER_AGENT = 500;

/** Adds to the audit trail who does what, in the transaction that does it: neither is stored without the other. */
export async function recordAction(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  { kind, subject, data }: AuditAction,
): Promise<void> {
  const caller = actor && 'uid' in actor ? actor : undefined;
  const doc: AuditDoc = {
    ...(actor && 'reason' in actor ? { reason: actor.reason } : {}),
    ...(caller ? { ip: caller.ip, userAgent: caller.userAgent.slice(0, MAX_USER_AGENT) } : {}),
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, shortened(value)])),
  };
  await insertAuditEvent(tx, {
    id: newId(),
    at: ctx.clock.now(),
    kind,
    subject,
    actor_id: caller?.uid ?? null,
    actor_name: caller?.username ?? null,
    doc: stringify(doc),
  });
}

/** A setting may hold a whole style sheet: the trail says that it changed, and how it began. */
function shortened(value: unknown): unknown {
  return typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}
