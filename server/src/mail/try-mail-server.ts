import { findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Mailer } from './mailer.ts';
import { isMailConfigured, writeMail } from './send-mail.ts';

/**
 * Sends the caller a mail and waits for the SMTP server, so that whoever configures it learns what is wrong. Throws
 * `error-not-authorized` without `test-admin-options`, `error-invalid-user` for a caller without an address,
 * `error-email-send-failed`.
 */
export async function tryMailServer(
  ctx: Context,
  mailer: Mailer,
  caller: Caller,
): Promise<{ message: string; params: string[] }> {
  const details = { method: 'sendSMTPTestEmail' };
  if (!ctx.permissions.has(caller, 'test-admin-options'))
    fail('error-not-authorized', 'Not authorized', details);
  const address = (await findUserById(ctx, caller.uid))?.emails[0]?.address;
  if (address === undefined) fail('error-invalid-user', 'Invalid user', details);
  if (!isMailConfigured(ctx)) {
    fail('error-email-send-failed', 'Error trying to send email: no SMTP server is configured', details);
  }
  const html = '<p>You have successfully sent an email</p>';
  const subject = `SMTP Test Email - ${ctx.settings.text('Site_Name')}`;
  try {
    await mailer.deliver(writeMail(ctx, { to: address, subject, html }));
  } catch (error) {
    // Only administrators read this, and it is what they need; nodemailer does not quote the password.
    fail('error-email-send-failed', `Error trying to send email: ${reasonOf(error)}`, details);
  }
  return { message: 'Your_mail_was_sent_to_s', params: [address] };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.slice(0, 500) : 'unknown';
