import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { vi } from 'vitest';

/** A real OpenID provider (`oidc-provider`) on this machine, which lets in whomever a test says, without asking. */
export interface OpenIdProvider {
  url: string;
  clientId: string;
  clientSecret: string;
  /** Who sits at the browser, with what the provider knows of them beside `sub`. */
  person: { sub: string } & Record<string, unknown>;
  /** Follows the page of a client through the provider; answers where the browser is sent in the end. */
  visit(url: string): Promise<string>;
  close(): Promise<void>;
}

const SCOPE = 'openid email profile';

export async function startOpenIdProvider(redirectUris: readonly string[]): Promise<OpenIdProvider> {
  const http = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  // It warns of everything that a test does and nobody else should: plain HTTP, sessions in memory.
  const quiet = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'info')].map((spy) => spy.mockReturnValue());
  const { Provider } = await import('oidc-provider');
  const provider = new Provider(url, {
    ttl: {
      Interaction: 600,
      Grant: 600,
      Session: 600,
      AccessToken: 600,
      IdToken: 600,
      AuthorizationCode: 60,
    },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    clients: [
      {
        client_id: 'gantry',
        client_secret: 'the-secret-of-gantry',
        redirect_uris: [...redirectUris],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    cookies: { keys: ['a key of this test'] },
    pkce: { required: () => false },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username', 'picture', 'roles', 'groups'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: async () => ({ ...known.person, sub: accountId }),
    }),
  });
  for (const spy of quiet) spy.mockRestore();
  const callback = provider.callback();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response);
    const accountId = known.person.sub;
    const grant = new provider.Grant({ accountId, clientId: 'gantry' });
    grant.addOIDCScope(SCOPE);
    const result = { login: { accountId }, consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result);
  }

  const known: OpenIdProvider = {
    url,
    clientId: 'gantry',
    clientSecret: 'the-secret-of-gantry',
    person: { sub: 'nobody' },
    async visit(address) {
      // A browser that has never been here.
      const cookies = new Map<string, string>();
      for (let next = address; ; ) {
        if (!next.startsWith(url)) return next;
        const answer = await fetch(next, {
          redirect: 'manual',
          headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
        });
        for (const cookie of answer.headers.getSetCookie()) {
          const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split(/=(.*)/s);
          cookies.set(name, value);
        }
        const location = answer.headers.get('location');
        if (!location) throw new Error(`the provider answered ${answer.status}: ${await answer.text()}`);
        next = new URL(location, next).href;
      }
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return known;
}
