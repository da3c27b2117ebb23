import { storeSetting } from '../admin/change-settings.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { mailFromSettings, queueMail } from '../mail/send-mail.ts';
import { mailWelcome, refuseWithoutMail } from './account-mails.ts';
import { isEmailShaped } from './emails.ts';
import { loadUserByEmail } from './find-users.ts';

/**
 * Mails an invitation to each address (`sendInvitationEmail`). Throws `error-not-allowed` without `bulk-register-user`,
 * `error-email-send-failed` where no address looks like one, or the workspace cannot send mails.
 */
export async function inviteByMail(
  ctx: Context,
  caller: Caller,
  addresses: readonly string[],
): Promise<void> {
  const details = { method: 'sendInvitationEmail' };
  if (!ctx.permissions.has(caller, 'bulk-register-user')) fail('error-not-allowed', 'Not allowed', details);
  const invited = [...new Set(addresses.map((address) => address.trim()))].filter(isEmailShaped);
  if (invited.length === 0) fail('error-email-send-failed', 'No valid email addresses', details);
  refuseWithoutMail(ctx, details);
  const template = { subject: 'Invitation_Subject', body: 'Invitation_Email' };
  await ctx.write(async (tx, emit) => {
    for (const to of invited) await queueMail(ctx, { tx, emit }, mailFromSettings(ctx, to, template));
    const count = ctx.settings.int('Invitation_Email_Count') + invited.length;
    await storeSetting(ctx, tx, emit, 'Invitation_Email_Count', count);
  });
}

/** Mails the welcome of newcomers again. Throws `error-invalid-user`, `error-email-send-failed`. */
export async function sendWelcomeMail(ctx: Context, email: string): Promise<void> {
  const details = { method: 'sendWelcomeEmail' };
  await ctx.write(async (tx, emit) => {
    const user = await loadUserByEmail(tx, email);
    if (!user) fail('error-invalid-user', 'Invalid user', details);
    refuseWithoutMail(ctx, details);
    await mailWelcome(ctx, { tx, emit }, user);
  });
}
