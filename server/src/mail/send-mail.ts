import type { Context, WriteScope } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Mail } from './mail.ts';
import { smtpServer } from './smtp-server.ts';
import { fillHtml, fillText, plainText, type TemplateValues } from './template.ts';

/** A mail as the caller knows it; header and footer are put around the HTML. */
export interface MailInput {
  to: string;
  subject: string;
  /** Without it, it is made of the HTML. */
  text?: string | undefined;
  html?: string | undefined;
  from?: Mail['from'];
  unsubscribe?: Mail['unsubscribe'];
}

/** Where no SMTP server is configured, mails are not written at all. */
export const isMailConfigured = (ctx: Context): boolean => smtpServer(ctx) !== undefined;

/** Sends a mail; resolves once it is sure to go out, which is before it does. Inside `ctx.write` use `queueMail`. */
export async function sendMail(ctx: Context, input: MailInput): Promise<void> {
  if (isMailConfigured(ctx)) await ctx.write((tx, emit) => queueMail(ctx, { tx, emit }, input));
}

/** Sends a mail if, and only if, the transaction is committed. */
export async function queueMail(ctx: Context, scope: WriteScope, input: MailInput): Promise<void> {
  if (!isMailConfigured(ctx)) return;
  await enqueue(ctx, scope, { kind: 'mail.send', payload: writeMail(ctx, input) });
}

/** The mail as it goes out: `Email_Header` and `Email_Footer` around it, no line break in the subject. */
export function writeMail(ctx: Context, { to, subject, text, html, ...rest }: MailInput): Mail {
  const values = siteValues(ctx);
  const header = fillHtml(ctx.settings.text('Email_Header'), values);
  const footer = fillHtml(ctx.settings.text('Email_Footer'), values);
  return {
    ...rest,
    to,
    subject: subject.replace(/\s+/g, ' ').trim(),
    text: text ?? plainText(html ?? ''),
    html: html === undefined ? undefined : `${header}${html}${footer}`,
  };
}

/** What a template setting is called: the mail's subject and its HTML. */
export interface TemplateSettings {
  subject: string;
  body: string;
}

/** The mail that administrators wrote into two settings, with `[names]` filled in. */
export function mailFromSettings(
  ctx: Context,
  to: string,
  template: TemplateSettings,
  values: TemplateValues = {},
): MailInput {
  const all = { ...siteValues(ctx), ...values };
  return {
    to,
    subject: fillText(ctx.settings.text(template.subject), all),
    html: fillHtml(ctx.settings.text(template.body), all),
  };
}

const siteValues = ({ settings }: Context): TemplateValues => ({
  Site_Name: settings.text('Site_Name'),
  Site_Url: settings.text('Site_Url'),
});
