import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { bodyKindOf, parseBody } from '../../rest/parse-body.ts';
import { type BrowserDoor, pathParameter, sendOn } from '../login-services/browser-door.rest.ts';
import { closingPage } from '../login-services/come-back-page.ts';
import { checkSignOnToken, siteOf } from '../login-services/sign-on.ts';
import { beginSaml, samlServiceNamed } from './begin-saml.ts';
import { comeBackFromSaml } from './come-back-from-saml.ts';
import { ourMetadata } from './our-metadata.ts';
import { samlLogoutRoutes } from './saml-logout.rest.ts';

const MAX_BODY = 512 * 1024;

/** `/_saml/...`: where browsers begin a login by the identity provider, come back to, and log out by (spec 20). */
export function samlRoutes(app: FastifyInstance, ctx: Context, door: BrowserDoor): void {
  app.get(
    '/_saml/authorize/:provider/:token',
    door(async ({ request, reply }) => {
      const token = checkSignOnToken(pathParameter(request, 'token'));
      const address = await beginSaml(ctx, { provider: pathParameter(request, 'provider'), token });
      return sendOn(reply, address, 302);
    }),
  );
  app.get(
    '/_saml/metadata/:provider',
    door(async ({ request, reply }) => {
      const service = samlServiceNamed(ctx, pathParameter(request, 'provider'));
      return reply
        .headers({ 'content-type': 'text/xml; charset=utf-8', 'x-content-type-options': 'nosniff' })
        .send(ourMetadata(service));
    }),
  );
  // Mobile apps see in this address that the login is done.
  app.get(
    '/saml/:token',
    door(async ({ request, site, nonce, sendPage }) =>
      sendPage(closingPage(site, checkSignOnToken(pathParameter(request, 'token')), nonce)),
    ),
  );
  // A scope of its own, for its own way to read bodies.
  void app.register((scope, _, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY }, (request, bytes, done) => {
      try {
        done(null, parseBody(bodyKindOf(request.headers['content-type']), bytes as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
    scope.post(
      '/_saml/validate/:provider',
      door(async ({ request, reply, ip }) => {
        const { SAMLResponse, RelayState } = (request.body ?? {}) as Record<string, unknown>;
        const token = checkSignOnToken(typeof RelayState === 'string' ? RelayState : '');
        await comeBackFromSaml(ctx, {
          provider: pathParameter(request, 'provider'),
          token,
          answer: typeof SAMLResponse === 'string' ? SAMLResponse : undefined,
          ip,
        });
        const address = `${siteOf(ctx)}/saml/${token}?saml_idp_credentialToken=${token}`;
        return sendOn(reply, address, 303);
      }),
    );
    samlLogoutRoutes(scope, ctx, door);
    registered();
  });
}
