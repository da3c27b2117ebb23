import { Type } from 'typebox';
import { Refusal, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { strict } from '../rest/schemas.ts';
import { forgotPassword } from './forgot-password.ts';
import { inviteByMail, sendWelcomeMail } from './invite-by-mail.ts';
import { sendConfirmationMail, verifyEmail } from './verify-email.ts';

const email = Type.String({ maxLength: 320 });

/** Forgotten passwords, proving addresses, invitations (spec 20, spec 21). */
export const accountMailEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'users.forgotPassword',
    summary: 'Mails a link that sets a new password.',
    auth: 'none',
    body: strict({ email: Type.Optional(email) }),
    async handler(ctx, { body }) {
      if (!ctx.settings.bool('Accounts_PasswordReset')) refuse('Password reset is not enabled');
      if (!body.email?.trim()) refuse("The 'email' param is required");
      await forgotPassword(ctx, body.email);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.sendConfirmationEmail',
    summary: 'Mails the link that confirms an address.',
    auth: 'none',
    rateLimit: { calls: 1, windowMs: 60_000 },
    body: strict({ email }),
    async handler(ctx, { body }) {
      if (!(await sendConfirmationMail(ctx, body.email))) refuse();
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.verifyEmail',
    summary: 'Confirms an address by the link of a mail.',
    auth: 'none',
    body: strict({ token: Type.String({ maxLength: 256 }) }),
    async handler(ctx, { body }) {
      await verifyEmail(ctx, body.token);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.sendWelcomeEmail',
    summary: 'Mails the welcome of newcomers.',
    auth: 'user',
    permissions: { all: ['send-mail'] },
    body: strict({ email }),
    async handler(ctx, { body }) {
      await sendWelcomeMail(ctx, body.email);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'sendInvitationEmail',
    summary: 'Mails invitations to the workspace.',
    auth: 'user',
    body: strict({ emails: Type.Array(email, { minItems: 1, maxItems: 100 }) }),
    async handler(ctx, { caller, body }) {
      try {
        await inviteByMail(ctx, caller, body.emails);
      } catch (error) {
        // Only here the code is in the text alone (spec 11 §10).
        if (error instanceof Refusal) refuse(error.message);
        throw error;
      }
      return undefined;
    },
  }),
];
