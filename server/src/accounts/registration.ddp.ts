import { fail } from '../kernel/errors.ts';
import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import {
  matchFailed,
  objectParam,
  optionalBoolean,
  optionalObject,
  optionalText,
  textParam,
} from '../realtime/params.ts';
import { chooseUsername } from './choose-username.ts';
import { forgotPassword } from './forgot-password.ts';
import { answerLogin } from './login.ddp.ts';
import { isDigest } from './passwords.ts';
import { isRegistrationSecret, registerAnonymous, registerUser } from './registration.ts';
import { type NewPassword, resetPassword } from './reset-password.ts';
import type { RoomHooks } from './room-hooks.ts';
import { checkUsernameAvailability, suggestUsername } from './username-suggestion.ts';
import { leaveAnonymity, sendConfirmationMail, verifyEmailAndLogIn } from './verify-email.ts';

const MAX_PASSWORD = 256;

/** Methods by which people come into a workspace, or back into it (spec 40 §10). */
export const registrationMethods = (rooms: RoomHooks): DdpMethod[] => [
  {
    name: 'registerUser',
    auth: 'none',
    async run(ctx, { caller, params }) {
      const form = objectParam(params[0]);
      const anonymous = form.email === undefined && !caller ? await registerAnonymous(ctx) : undefined;
      if (anonymous) return anonymous;
      const user = await registerUser(ctx, rooms, caller, {
        username: undefined,
        email: textParam(form.email),
        password: textParam(form.pass),
        name: optionalText(form.name),
        secret: optionalText(form.secretURL),
        reason: optionalText(form.reason),
      });
      return user._id;
    },
  },
  {
    name: 'checkRegistrationSecretURL',
    auth: 'none',
    run: (ctx, { params }) => isRegistrationSecret(ctx, textParam(params[0])),
  },
  userMethod(
    'setUsername',
    (ctx, { caller, params }) => {
      const options = optionalObject(params[1]);
      const silent = optionalBoolean(options?.joinDefaultChannelsSilenced) ?? false;
      return chooseUsername(ctx, rooms, caller, textParam(params[0]), { silent });
    },
    { withoutUsername: true },
  ),
  userMethod('getUsernameSuggestion', (ctx, { caller }) => suggestUsername(ctx, rooms, caller), {
    withoutUsername: true,
  }),
  userMethod(
    'checkUsernameAvailability',
    (ctx, { caller, params }) => checkUsernameAvailability(ctx, rooms, caller, textParam(params[0])),
    { withoutUsername: true },
  ),
  {
    name: 'sendForgotPasswordEmail',
    auth: 'none',
    partly: 'Always true: the answer does not tell who has an account.',
    async run(ctx, { params }) {
      await forgotPassword(ctx, textParam(params[0]));
      return true;
    },
  },
  {
    name: 'resetPassword',
    auth: 'none',
    async run(ctx, call) {
      const { ip, userAgent, params, twoFactor } = call;
      const input = { token: textParam(params[0]), password: newPassword(params[1]), factor: twoFactor };
      return answerLogin(ctx, call, await resetPassword(ctx, input, { ip, userAgent }));
    },
  },
  {
    name: 'sendConfirmationEmail',
    auth: 'none',
    run: (ctx, { params }) => sendConfirmationMail(ctx, textParam(params[0])),
  },
  {
    name: 'verifyEmail',
    auth: 'none',
    partly: 'Whoever has a second factor is not logged in by it.',
    async run(ctx, call) {
      const { ip, userAgent, params } = call;
      const loggedIn = await verifyEmailAndLogIn(ctx, textParam(params[0]), { ip, userAgent });
      return loggedIn && answerLogin(ctx, call, loggedIn);
    },
  },
  userMethod('afterVerifyEmail', (ctx, { caller }) => leaveAnonymity(ctx, caller), { withoutUsername: true }),
];

function newPassword(value: unknown): NewPassword {
  if (typeof value === 'string') return value.length <= MAX_PASSWORD ? { clear: value } : matchFailed();
  const { digest, algorithm } = objectParam(value);
  if (algorithm !== 'sha-256' || typeof digest !== 'string') fail(400, 'Invalid password');
  return isDigest(digest.toLowerCase()) ? { digest: digest.toLowerCase() } : matchFailed();
}
