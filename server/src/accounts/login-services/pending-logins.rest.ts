import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { refuse } from '../../kernel/errors.ts';
import { type Endpoint, endpoint, type RestRequest } from '../../rest/endpoint.ts';
import { strict } from '../../rest/schemas.ts';
import { logInWith } from '../login.ts';
import type { LoginForm } from '../login-options.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { mailChallengeCode } from './log-in-with-challenge.ts';

const MINUTE = 60_000;
const text = Type.Optional(Type.String({ maxLength: 256 }));
const response = strict({ loginToken: Type.String(), userId: Type.String() });

/** How clients finish logins in which the server led the browser to a service (spec 20, 8.7). */
export function pendingLoginEndpoints(rooms: RoomHooks): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: 'loginCode.redeem',
      summary: 'Logs in with the code of a login in which the server led the browser to another service.',
      auth: 'none',
      rateLimit: { calls: 10, windowMs: MINUTE },
      body: strict({ code: Type.String({ minLength: 64, maxLength: 64 }) }),
      response,
      handler: (ctx, request) => finish(ctx, request, { type: 'code', code: request.body.code }),
    }),
    endpoint({
      method: 'POST',
      path: 'twoFactorChallenges.sendEmailCode',
      summary: 'Mails another code for such a login of somebody who has a second factor.',
      auth: 'none',
      rateLimit: { calls: 5, windowMs: MINUTE },
      body: strict({ challengeId: text }),
      async handler(ctx, { body: { challengeId } }) {
        if (!challengeId) missing('challengeId is required');
        await mailChallengeCode(ctx, challengeId);
        return undefined;
      },
    }),
    endpoint({
      method: 'POST',
      path: 'twoFactorChallenges.verifyChallenge',
      summary: 'Logs in with the second factor of such a login.',
      auth: 'none',
      rateLimit: { calls: 5, windowMs: MINUTE },
      body: strict({ challengeId: text, code: text }),
      response,
      handler(ctx, request) {
        const { challengeId, code } = request.body;
        if (!challengeId || !code) missing('challengeId and code are required');
        return finish(ctx, request, { type: 'challenge', challengeId, code });
      },
    }),
  ];

  async function finish(
    ctx: Context,
    { ip, userAgent }: Pick<RestRequest, 'ip' | 'userAgent'>,
    form: LoginForm,
  ) {
    const options = { form, factor: undefined };
    const { user, token } = await logInWith(ctx, rooms, options, { ip, userAgent });
    return { loginToken: token, userId: user._id };
  }
}

const missing: (text: string) => never = (text) => refuse(text, 'error-parameter-required');
