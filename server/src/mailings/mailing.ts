import { refuseWithoutMail, valuesOf } from '../accounts/account-mails.ts';
import { isEmailShaped } from '../accounts/emails.ts';
import { findUserById } from '../accounts/find-users.ts';
import { nextMailingReceivers } from '../accounts/list-users.ts';
import type { User } from '../accounts/user.ts';
import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { type JobHandler, jobHandler } from '../jobs/job.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Filter } from '../kernel/filter.ts';
import { newId } from '../kernel/ids.ts';
import type { Sender } from '../mail/mail.ts';
import { type MailInput, queueMail, sendMail } from '../mail/send-mail.ts';
import { fillHtml, fillText } from '../mail/template.ts';
import { unsubscribeLink } from './unsubscribe.ts';

/**
 * One mail to many people (spec 23, "Administration", `mailer`). A job walks through the accounts by the hundred: the mails
 * of some and the job for the next are written in one transaction, so that everybody gets it once, whatever happens to the
 * process.
 */

export interface Mailing {
  from: Sender;
  subject: string;
  /** HTML with `[name]`, `[fname]`, `[lname]`, `[email]`, `[unsubscribe]`. */
  body: string;
  /** Whom it is for; absent: everybody who takes such mails. */
  filter?: Filter | undefined;
}

interface MailingJob extends Mailing {
  /** The last who got it. */
  after?: string | undefined;
}

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'mailings.send': MailingJob;
  }
}

const KIND = 'mailings.send';
const AT_ONCE = 100;
/** The mails of one step shall be gone before those of the next come. */
const PAUSE_MS = 5000;
const DETAILS = { function: 'Mailer.sendMail' };

/** A dry run goes to the sender alone. */
export interface MailingRequest {
  from: string;
  subject: string;
  body: string;
  dryRun: boolean;
  /** Throws for what is not understood; asked when everything else is right. */
  filter(): Filter | undefined;
}

/**
 * Throws `error-not-allowed` without `send-mail`, `error-invalid-from-address`, `error-missing-unsubscribe-link`,
 * `error-invalid-query`, `error-email-send-failed` where no mails can be sent.
 */
export async function startMailing(ctx: Context, caller: Caller, request: MailingRequest): Promise<void> {
  if (!ctx.permissions.has(caller, 'send-mail')) fail('error-not-allowed', 'Not allowed', DETAILS);
  const from = senderOf(request.from);
  if (!from) fail('error-invalid-from-address', 'Invalid from address', DETAILS);
  if (!request.body.includes('[unsubscribe]')) {
    fail('error-missing-unsubscribe-link', 'You must provide the [unsubscribe] link.', DETAILS);
  }
  const filter = request.filter();
  refuseWithoutMail(ctx, { method: DETAILS.function });
  const mailing: Mailing = { from, subject: request.subject, body: request.body, filter };
  if (request.dryRun) {
    const sender = (await findUserById(ctx, caller.uid)) ?? fail('error-invalid-user', 'Invalid user');
    return sendMail(ctx, { ...mailTo(ctx, mailing, sender), to: from.address });
  }
  await ctx.write(async (tx, emit) => {
    await enqueue(ctx, { tx, emit }, { kind: KIND, payload: mailing });
    const data = { from: request.from, subject: request.subject, filter };
    await recordAction(ctx, tx, caller, { kind: 'mailing.started', subject: newId(), data });
  });
}

export const mailingJob: JobHandler = jobHandler<'mailings.send'>({
  kind: KIND,
  concurrency: 1,
  single: true,
  attempts: 10,
  timeoutMs: 60_000,
  async run(ctx, job) {
    const { after, ...mailing } = job.payload;
    await ctx.write(async (tx, emit) => {
      const users = await nextMailingReceivers(tx, { filter: mailing.filter, after, count: AT_ONCE });
      for (const user of users) await queueMail(ctx, { tx, emit }, mailTo(ctx, mailing, user));
      if (users.length === AT_ONCE) {
        const payload = { ...mailing, after: users.at(-1)?._id };
        await enqueue(ctx, { tx, emit }, { kind: KIND, payload, runAt: ctx.clock.now() + PAUSE_MS });
      }
      await job.finish(tx);
    });
  },
});

function mailTo(ctx: Context, { from, subject, body }: Mailing, user: User): MailInput {
  const unsubscribe = unsubscribeLink(ctx, user._id);
  const values = { ...valuesOf(user), unsubscribe };
  return {
    to: user.emails[0]?.address ?? '',
    from,
    subject: fillText(subject, values),
    html: fillHtml(body, values),
    unsubscribe,
  };
}

/** `a@b.c` or `Some Name <a@b.c>`. */
function senderOf(text: string): Sender | undefined {
  const named = /^([^<>\p{Cc}]*)<([^<>]*)>$/u.exec(text.trim());
  const [name = '', address = ''] = named ? [named[1]?.trim(), named[2]?.trim()] : ['', text.trim()];
  return isEmailShaped(address) ? { name, address } : undefined;
}
