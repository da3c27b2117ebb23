import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { type BrowserDoor, pathParameter, textParameter } from '../login-services/browser-door.rest.ts';
import { closingPage } from '../login-services/come-back-page.ts';
import { checkSignOnToken } from '../login-services/sign-on.ts';
import { comeBackFromCas } from './come-back-from-cas.ts';

/** `GET /_cas/<credentialToken>`: where browsers come back to from the page of the CAS server (spec 20). */
export function casRoutes(app: FastifyInstance, ctx: Context, door: BrowserDoor): void {
  app.get(
    '/_cas/:token',
    door(async ({ request, ip, site, nonce, sendPage }) => {
      const token = checkSignOnToken(pathParameter(request, 'token'));
      await comeBackFromCas(ctx, { token, ticket: textParameter(request, 'ticket'), ip });
      return sendPage(closingPage(site, token, nonce));
    }),
  );
}
