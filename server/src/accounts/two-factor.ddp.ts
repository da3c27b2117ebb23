import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import type { DdpMethod } from '../realtime/declarations.ts';
import { textParam } from '../realtime/params.ts';
import {
  confirmTotp,
  countBackupCodes,
  giveUpTotp,
  offerTotp,
  renewBackupCodes,
} from './set-up-two-factor.ts';

/** The methods of clients up to 7.x (spec 20, "TOTP over REST"); they refuse an anonymous caller in their own way. */
function factorMethod(
  name: string,
  run: (ctx: Context, caller: Caller, params: readonly unknown[]) => Promise<unknown>,
): DdpMethod {
  return {
    name,
    auth: 'none',
    run: (ctx, { caller, params }) => run(ctx, caller ?? fail('not-authorized', 'Not Authorized'), params),
  };
}

export const twoFactorMethods: DdpMethod[] = [
  factorMethod('2fa:enable', offerTotp),
  factorMethod('2fa:validateTempToken', async (ctx, caller, [code]) => ({
    codes: await confirmTotp(ctx, caller, textParam(code)),
  })),
  factorMethod('2fa:disable', (ctx, caller, [code]) => giveUpTotp(ctx, caller, textParam(code))),
  factorMethod('2fa:regenerateCodes', async (ctx, caller, [code]) => {
    try {
      return { codes: await renewBackupCodes(ctx, caller, textParam(code)) };
    } catch (error) {
      // Clients of this method take nothing for "wrong code".
      if (error instanceof Refusal && error.code === 'invalid-totp') return undefined;
      throw error;
    }
  }),
  factorMethod('2fa:checkCodesRemaining', async (ctx, caller) => ({
    remaining: await countBackupCodes(ctx, caller),
  })),
];
