import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { cookiesOf } from '../../rest/cookies.ts';
import { casRoutes } from '../cas/cas.rest.ts';
import { samlRoutes } from '../saml/saml.rest.ts';
import { BEGUN_LIFETIME_MS, beginLogin, isStateOfServer } from './begin-login.ts';
import { browserDoor, pathParameter, sendOn, textParameter } from './browser-door.rest.ts';
import { comeBack } from './come-back.ts';
import { comeBackPage } from './come-back-page.ts';
import { finishBegunLogin } from './finish-begun-login.ts';

/**
 * `GET /_oauth/<service>`: where browsers come back to from the page of a login service (spec 20, "Browser flow"), and
 * `GET /_oauth/<service>/login`: where those begin that the server leads there.
 */
export function loginServiceRoutes(app: FastifyInstance, ctx: Context): void {
  const door = browserDoor(ctx);
  app.get(
    '/_oauth/:service',
    door(async ({ request, reply, site, nonce, sendPage }) => {
      const service = pathParameter(request, 'service');
      const [code, state] = [textParameter(request, 'code'), textParameter(request, 'state')];
      if (state !== undefined && isStateOfServer(state)) {
        const address = await finishBegunLogin(ctx, {
          service,
          code,
          state,
          secret: secretOf(request, state),
        });
        return sendOn(reply.header('set-cookie', cookie(ctx, state, '', 0)), address, 302);
      }
      const close = 'close' in (request.query as object);
      const credential = await comeBack(ctx, { service, code, state, close });
      return sendPage(comeBackPage(site, credential, nonce));
    }),
  );
  app.get(
    '/_oauth/:service/login',
    door(async ({ request, reply }) => {
      const { state, secret, address } = await beginLogin(ctx, {
        service: pathParameter(request, 'service'),
        redirectUrl: textParameter(request, 'redirectUrl'),
      });
      return sendOn(reply.header('set-cookie', cookie(ctx, state, secret, BEGUN_LIFETIME_MS)), address, 302);
    }),
  );
  casRoutes(app, ctx, door);
  samlRoutes(app, ctx, door);
}

/** One for each login: people begin several at once, in several windows. */
const cookieName = (state: string): string => `gantry-login-${state}`;

const secretOf = ({ headers }: FastifyRequest, state: string): string | undefined =>
  cookiesOf(headers.cookie).get(cookieName(state));

/** `Lax`, because the browser brings it from the page of another site. */
function cookie({ settings }: Context, state: string, secret: string, lifetimeMs: number): string {
  const { protocol, pathname } = new URL(settings.text('Site_Url'));
  return [
    `${cookieName(state)}=${secret}`,
    `Path=${pathname.replace(/\/$/, '')}/_oauth`,
    `Max-Age=${lifetimeMs / 1000}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(protocol === 'https:' ? ['Secure'] : []),
  ].join('; ');
}
