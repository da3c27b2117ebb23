import { isDeepStrictEqual } from 'node:util';
import { type Actor, type AuditKind, recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../storage/database.ts';
import type { User } from './user.ts';

/** Adds to the audit trail what was done to an account. */
export function recordUserAction(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  { kind, user, data = {} }: { kind: AuditKind; user: User; data?: Record<string, unknown> },
): Promise<void> {
  const { _id, username } = user;
  return recordAction(ctx, tx, actor, { kind, subject: _id, data: { user: { _id, username }, ...data } });
}

/** What an edit may change and the trail names; passwords are only said to have changed. */
const MEMBERS = [
  'username',
  'name',
  'emails',
  'roles',
  'active',
  'requirePasswordChange',
  'bio',
  'nickname',
  'statusText',
  'customFields',
  'freeSwitchExtension',
] as const satisfies readonly (keyof User)[];

/** An edit with the values before and after; nothing when nothing differs. */
export async function recordUserEdit(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  { before, after, password }: { before: User; after: User; password: boolean },
): Promise<void> {
  const changed = MEMBERS.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  if (changed.length === 0 && !password) return;
  const pick = (user: User) => Object.fromEntries(changed.map((key) => [key, user[key]]));
  await recordUserAction(ctx, tx, actor, {
    kind: 'user.changed',
    user: after,
    data: {
      previous: pick(before),
      current: pick(after),
      ...(password ? { password: 'changed' } : {}),
    },
  });
}
