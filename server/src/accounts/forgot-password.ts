import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { type JobHandler, jobHandler } from '../jobs/job.ts';
import { refuse } from '../kernel/errors.ts';
import { mailPasswordReset } from './account-mails.ts';
import { loadUserByEmail } from './find-users.ts';
import { lastMailToken } from './mail-tokens.store.ts';
import { emailKey } from './user.ts';

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'accounts.forgotPassword': { email: string };
  }
}

/** Anybody may have this mail sent to somebody. */
const PAUSE_MS = 60_000;

/**
 * Somebody forgot a password (`users.forgotPassword`). Whether the address belongs to anybody is looked up behind the
 * answer, which is the same for all. Throws only where resetting is switched off.
 */
export async function forgotPassword(ctx: Context, email: string): Promise<void> {
  if (!ctx.settings.bool('Accounts_PasswordReset')) refuse('Password reset is not enabled');
  const payload = { email: email.trim() };
  const key = emailKey(email);
  await ctx.write((tx, emit) =>
    enqueue(ctx, { tx, emit }, { kind: 'accounts.forgotPassword', payload, key }),
  );
}

export const forgotPasswordJob: JobHandler = jobHandler({
  kind: 'accounts.forgotPassword',
  concurrency: 2,
  attempts: 3,
  timeoutMs: 10_000,
  async run(ctx, { payload, finish }) {
    await ctx.write(async (tx, emit) => {
      await finish(tx);
      const user = await loadUserByEmail(tx, payload.email);
      if (!user?.active) return;
      if (!user.hasPassword && !ctx.settings.bool('Accounts_AllowPasswordChangeForOAuthUsers')) return;
      const last = await lastMailToken(tx, user._id, 'reset');
      if (last !== undefined && ctx.clock.now() - last < PAUSE_MS) return;
      const address = user.emails.find((entry) => emailKey(entry.address) === emailKey(payload.email));
      if (address) await mailPasswordReset(ctx, { tx, emit }, user, address.address);
    });
  },
});
