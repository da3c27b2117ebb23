import { type JobHandler, jobHandler } from '../jobs/job.ts';
import { MAILS_AT_ONCE, type Mailer } from './mailer.ts';

/** Hands mails to the SMTP server, and again for some hours while that does not answer or asks to come later. */
export const mailJob = (mailer: Mailer): JobHandler =>
  jobHandler({
    kind: 'mail.send',
    concurrency: MAILS_AT_ONCE,
    attempts: 16,
    timeoutMs: 60_000,
    async run(ctx, { payload }) {
      try {
        await mailer.deliver(payload);
      } catch (error) {
        const { code, command, responseCode } = (error ?? {}) as Record<string, unknown>;
        // nodemailer's message quotes addresses and what was sent for the login: it must not get into logs.
        const what = { code, command, responseCode };
        if (typeof responseCode === 'number' && responseCode >= 500) {
          ctx.log.error(what, 'the mail server refused a mail for good');
          return;
        }
        throw new Error(`the mail was not taken: ${JSON.stringify(what)}`);
      }
    },
  });
