import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import type { Mailer } from './mailer.ts';
import { tryMailServer } from './try-mail-server.ts';

/** The DDP methods of outgoing mail (spec 40 §6 for the limit). */
export const mailMethods = (mailer: Mailer): DdpMethod[] => [
  userMethod('sendSMTPTestEmail', (ctx, { caller }) => tryMailServer(ctx, mailer, caller), {
    rateLimit: { calls: 1, windowMs: 1000 },
  }),
];
