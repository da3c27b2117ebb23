import type { Context } from '../context.ts';
import { deleteAuditEventsBefore } from './audit.store.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Of one transaction: others wait for it. */
const BATCH = 500;

/** Removes what is older than `auditDays` from the audit trail. */
export async function forgetOldActions(ctx: Context): Promise<void> {
  const { auditDays } = ctx.config;
  if (auditDays === 0) return;
  const before = ctx.clock.now() - auditDays * DAY_MS;
  let removed = BATCH;
  while (removed === BATCH) removed = await ctx.write((tx) => deleteAuditEventsBefore(tx, before, BATCH));
}
