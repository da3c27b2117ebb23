import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { casRoutes } from '../cas/cas.rest.ts';
import { samlRoutes } from '../saml/saml.rest.ts';
import { browserDoor, pathParameter, textParameter } from './browser-door.rest.ts';
import { comeBack } from './come-back.ts';
import { comeBackPage } from './come-back-page.ts';

/** `GET /_oauth/<service>`: where browsers come back to from the page of a login service (spec 20, "Browser flow"). */
export function loginServiceRoutes(app: FastifyInstance, ctx: Context): void {
  const door = browserDoor(ctx);
  app.get(
    '/_oauth/:service',
    door(async ({ request, site, nonce, sendPage }) => {
      const credential = await comeBack(ctx, {
        service: pathParameter(request, 'service'),
        code: textParameter(request, 'code'),
        state: textParameter(request, 'state'),
        close: 'close' in (request.query as object),
      });
      return sendPage(comeBackPage(site, credential, nonce));
    }),
  );
  casRoutes(app, ctx, door);
  samlRoutes(app, ctx, door);
}
