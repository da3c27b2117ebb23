import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { type JobHandler, jobHandler } from '../jobs/job.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { resendEmailCode } from './email-codes.ts';
import { findUserById, loadUserByEmail, loadUserByUsername } from './find-users.ts';
import { activeFactors } from './two-factor.ts';

/** Who wants a code: a logged-in user, or whoever is named so. */
type WantedCode = { uid: string } | { name: string };

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'accounts.emailCode': WantedCode;
  }
}

/**
 * Mails a code to somebody who is about to log in (`users.2fa.sendEmailCode`); to the caller himself when he is logged in.
 * Whether there is such a user is looked up behind the answer, so that not even its time tells. Throws
 * `error-parameter-required`.
 */
export async function requestEmailCode(
  ctx: Context,
  caller: Caller | null,
  emailOrUsername: string | undefined,
): Promise<void> {
  const name = emailOrUsername?.trim() ?? '';
  if (!caller && name === '') fail('error-parameter-required', 'emailOrUsername is required');
  const payload = caller ? { uid: caller.uid } : { name };
  const key = JSON.stringify(payload).toLowerCase();
  await ctx.write((tx, emit) => enqueue(ctx, { tx, emit }, { kind: 'accounts.emailCode', payload, key }));
}

export const emailCodeJob: JobHandler = jobHandler({
  kind: 'accounts.emailCode',
  concurrency: 2,
  attempts: 3,
  timeoutMs: 10_000,
  async run(ctx, { payload }) {
    const user =
      'uid' in payload
        ? await findUserById(ctx, payload.uid)
        : ((await loadUserByUsername(ctx.db, payload.name)) ?? (await loadUserByEmail(ctx.db, payload.name)));
    if (user && activeFactors(ctx, user).includes('email')) await resendEmailCode(ctx, user);
  },
});
