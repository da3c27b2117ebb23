import type { Context, WriteScope } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import { escapeHtml } from '../kernel/escape-html.ts';
import { isMailConfigured, mailFromSettings, queueMail } from '../mail/send-mail.ts';
import type { TemplateValues } from '../mail/template.ts';
import type { Device } from './device.ts';
import { issueMailToken } from './mail-tokens.ts';
import type { User } from './user.ts';
import { listUsersInRole } from './user-roles.ts';

/** The mails that accounts send. All are written in the transaction of what they tell about. */

const MAX_ADMINS = 100;

/** Where somebody asks for a mail and waits for it, saying nothing would be a lie. Throws `error-email-send-failed`. */
export function refuseWithoutMail(ctx: Context, details: { method: string }): void {
  if (!isMailConfigured(ctx)) fail('error-email-send-failed', 'SMTP is not configured', details);
}

/** Asks whoever reads the address to confirm it. */
export async function mailVerification(
  ctx: Context,
  scope: WriteScope,
  user: User,
  address: string,
): Promise<void> {
  const token = await issueMailToken(ctx, scope.tx, { uid: user._id, purpose: 'verify', address });
  await mailTemplate(ctx, scope, user, address, VERIFICATION, {
    Verification_Url: `${ctx.settings.text('Site_Url')}/verify-email/${token}`,
  });
}

export async function mailPasswordReset(
  ctx: Context,
  scope: WriteScope,
  user: User,
  address: string,
): Promise<void> {
  const token = await issueMailToken(ctx, scope.tx, { uid: user._id, purpose: 'reset', address });
  await mailTemplate(ctx, scope, user, address, FORGOT_PASSWORD, {
    Forgot_Password_Url: `${ctx.settings.text('Site_Url')}/reset-password/${token}`,
  });
}

/** To somebody whom an administrator added. */
export const mailAddedUser = (ctx: Context, scope: WriteScope, user: User, password: string): Promise<void> =>
  mailTemplate(ctx, scope, user, undefined, USER_ADDED, { password });

export const mailWelcome = (ctx: Context, scope: WriteScope, user: User): Promise<void> =>
  mailTemplate(ctx, scope, user, undefined, ENROLLMENT);

export const mailPasswordChanged = (ctx: Context, scope: WriteScope, user: User): Promise<void> =>
  mailTemplate(ctx, scope, user, undefined, PASSWORD_CHANGED);

/** To the address that was given up, in case that its owner did not want this. */
export async function mailEmailChanged(
  ctx: Context,
  scope: WriteScope,
  user: User,
  oldAddress: string | undefined,
): Promise<void> {
  if (oldAddress !== undefined) await mailTemplate(ctx, scope, user, oldAddress, EMAIL_CHANGED);
}

/** Tells a user that the account was switched on or off, as far as the settings want that. */
export async function mailActivation(ctx: Context, scope: WriteScope, user: User): Promise<void> {
  if (!ctx.settings.bool(`Accounts_Send_Email_When_${user.active ? 'Activating' : 'Deactivating'}`)) return;
  const to = user.emails[0]?.address;
  if (to === undefined) return;
  const state = user.active ? 'activated' : 'deactivated';
  const subject = `[${ctx.settings.text('Site_Name')}] Your account was ${state}`;
  await queueMail(ctx, scope, { to, subject, html: `<p>Your account was ${state}.</p>` });
}

/** Tells the administrators that somebody waits for their approval. */
export async function mailApprovalNeeded(ctx: Context, scope: WriteScope, user: User): Promise<void> {
  const subject = `[${ctx.settings.text('Site_Name')}] A new user waits for approval`;
  const lines = [
    `Name: ${user.name ?? ''}`,
    `Username: ${user.username ?? ''}`,
    `E-mail: ${user.emails[0]?.address ?? ''}`,
    `Reason: ${user.reason ?? ''}`,
  ];
  const html = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('');
  const admins = await listUsersInRole(scope.tx, 'admin', { offset: 0, count: MAX_ADMINS });
  for (const { emails, active } of admins) {
    const to = emails[0]?.address;
    if (active && to !== undefined) await queueMail(ctx, scope, { to, subject, html });
  }
}

/** Tells somebody that the account was used on a device of another kind than before. */
export async function mailLogin(
  ctx: Context,
  scope: WriteScope,
  user: User,
  { device, ip, at }: { device: Device; ip: string; at: number },
): Promise<void> {
  const to = user.emails[0]?.address;
  if (to === undefined) return;
  const subject = `[${ctx.settings.text('Site_Name')}] Login on a new device`;
  const lines = [
    `Your account ${user.username ?? ''} was used on a device that is new.`,
    `Device: ${[device.name, device.version].join(' ').trim() || 'unknown'}`,
    `System: ${[device.os.name, device.os.version].join(' ').trim() || 'unknown'}`,
    `Address: ${ip}`,
    `Time: ${new Date(at).toUTCString()}`,
    'If this was not you, change your password and log out the other devices.',
  ];
  const html = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('');
  await queueMail(ctx, scope, { to, subject, html });
}

const template = (name: string, subject = `${name}_Subject`) => ({ subject, body: name });
const VERIFICATION = template('Verification_Email');
const FORGOT_PASSWORD = template('Forgot_Password_Email');
const ENROLLMENT = template('Accounts_Enrollment_Email');
const PASSWORD_CHANGED = template('Password_Changed_Email');
const EMAIL_CHANGED = template('Email_Changed_Email');
const USER_ADDED = template('Accounts_UserAddedEmail_Email', 'Accounts_UserAddedEmail_Subject');

async function mailTemplate(
  ctx: Context,
  scope: WriteScope,
  user: User,
  address: string | undefined,
  settings: { subject: string; body: string },
  values: TemplateValues = {},
): Promise<void> {
  const to = address ?? user.emails[0]?.address;
  if (to === undefined) return;
  await queueMail(ctx, scope, mailFromSettings(ctx, to, settings, { ...valuesOf(user), ...values }));
}

/** What a template may say about the person whom a mail is for. */
export function valuesOf(user: User): TemplateValues {
  const [first = '', ...others] = (user.name ?? '').trim().split(/\s+/);
  return {
    name: user.name ?? user.username ?? '',
    fname: first,
    lname: others.join(' '),
    email: user.emails[0]?.address ?? '',
    username: user.username ?? '',
  };
}
