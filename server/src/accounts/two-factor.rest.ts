import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { strict, userMembers } from '../rest/schemas.ts';
import { requestEmailCode } from './request-email-code.ts';
import {
  confirmTotp,
  countBackupCodes,
  disableEmailFactor,
  enableEmailFactor,
  giveUpTotp,
  offerTotp,
  renewBackupCodes,
  resetTotp,
} from './set-up-two-factor.ts';

const codeBody = strict({ code: Type.String({ maxLength: 64 }) });

/** Second factors over REST (spec 20, "Second factor"). */
export const twoFactorEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'users.2fa.enableEmail',
    summary: 'Switches codes by e-mail on.',
    auth: 'user',
    async handler(ctx, { caller }) {
      await enableEmailFactor(ctx, caller);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.2fa.disableEmail',
    summary: 'Switches codes by e-mail off.',
    auth: 'user',
    twoFactor: 'always',
    async handler(ctx, { caller }) {
      await disableEmailFactor(ctx, caller);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.2fa.sendEmailCode',
    summary: 'Mails a code to somebody who logs in.',
    auth: 'none',
    body: strict({ emailOrUsername: Type.Optional(Type.String({ maxLength: 320 })) }),
    async handler(ctx, { caller, body }) {
      await requestEmailCode(ctx, caller, body.emailOrUsername);
      return undefined;
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.enableTotp',
    summary: 'Offers a secret for an authenticator app.',
    auth: 'user',
    handler: (ctx, { caller }) => offerTotp(ctx, caller),
  }),
  endpoint({
    method: 'POST',
    path: 'users.validateTotp',
    summary: 'Switches TOTP on with a code of the offered secret.',
    auth: 'user',
    body: codeBody,
    handler: async (ctx, { caller, body }) => ({ codes: await confirmTotp(ctx, caller, body.code) }),
  }),
  endpoint({
    method: 'POST',
    path: 'users.disableTotp',
    summary: 'Switches TOTP off.',
    auth: 'user',
    body: codeBody,
    handler: async (ctx, { caller, body }) => ({ disabled: await giveUpTotp(ctx, caller, body.code) }),
  }),
  endpoint({
    method: 'POST',
    path: 'users.regenerateTotpCodes',
    summary: 'Makes new backup codes.',
    auth: 'user',
    body: codeBody,
    handler: async (ctx, { caller, body }) => ({ codes: await renewBackupCodes(ctx, caller, body.code) }),
  }),
  endpoint({
    method: 'GET',
    path: 'users.totpCodesRemaining',
    summary: 'How many backup codes are left.',
    auth: 'user',
    handler: async (ctx, { caller }) => ({ remaining: await countBackupCodes(ctx, caller) }),
  }),
  endpoint({
    method: 'POST',
    path: 'users.resetTOTP',
    summary: 'Takes TOTP from somebody who lost it.',
    auth: 'user',
    twoFactor: 'always',
    body: strict(userMembers),
    async handler(ctx, { caller, body }) {
      await resetTotp(ctx, caller, body);
      return undefined;
    },
  }),
];
