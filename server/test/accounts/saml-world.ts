import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { newToken } from '../../src/kernel/ids.ts';
import {
  type AskedLogin,
  encode,
  newKeys,
  readRequest,
  responseXml,
  type Said,
  signAll,
} from '../support/identity-provider.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** A workspace whose people log in by an identity provider, and the browsers and clients by which they do. */
export function samlWorld(settings: Record<string, unknown> = {}) {
  const keys = newKeys();
  /** Each test is another browser: one may not log in a hundred times a minute. */
  const HERE = { 'x-real-ip': '' };
  let browsers = 0;
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
    await set('Site_Url', server.url);
    for (const [name, value] of Object.entries({
      provider: 'acme',
      entry_point: 'https://idp.example/sso',
      cert: keys.certificate,
      ...settings,
    }))
      await set(`SAML_Custom_Default_${name}`, value);
    await set('SAML_Custom_Default', true);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    browsers += 1;
    HERE['x-real-ip'] = `198.51.100.${browsers}`;
  });

  async function set(id: string, value: unknown) {
    const { status, body } = await server.admin.post(`settings/${id}`, { value });
    if (status !== 200) throw new Error(`${id} was not set: ${JSON.stringify(body)}`);
  }

  /** Sets settings for the time of some work. */
  async function having<T>(values: Record<string, unknown>, work: () => Promise<T>): Promise<T> {
    const id = (name: string) =>
      name.includes('_Re') || name.includes('Verify') ? name : `SAML_Custom_Default${name && `_${name}`}`;
    const before = Object.keys(values).map(
      (name) => [name, server.server.ctx.settings.value(id(name))] as const,
    );
    for (const [name, value] of Object.entries(values)) await set(id(name), value);
    try {
      return await work();
    } finally {
      for (const [name, value] of before) await set(id(name), value);
    }
  }

  const open = (path: string, headers: Record<string, string> = HERE) =>
    fetch(`${server.url}${path}`, { headers, redirect: 'manual' });

  /** A client opens the window, and the browser goes to the provider. */
  async function begin(token: string): Promise<AskedLogin> {
    const answer = await open(`/_saml/authorize/acme/${token}`);
    if (answer.status !== 302) throw new Error(`no login began: ${answer.status} ${await answer.text()}`);
    return readRequest(answer.headers.get('location') ?? '');
  }

  /** The page of the provider sends this form by itself. */
  async function bring(xml: string, RelayState: string, headers: Record<string, string> = HERE) {
    const answer = await fetch(`${server.url}/_saml/validate/acme`, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body: new URLSearchParams({ SAMLResponse: encode(xml), RelayState }),
    });
    return { status: answer.status, location: answer.headers.get('location'), html: await answer.text() };
  }

  const logIn = (credentialToken: string, headers = HERE, more: object = {}) =>
    server.anonymous.post('login', { saml: true, credentialToken, ...more }, headers);

  /** The whole way to the workspace; what the provider says may be changed. */
  async function goThrough(
    said: Said = {},
    change: (xml: string, asked: AskedLogin) => string | Promise<string> = (xml) => signAll(xml, keys),
  ) {
    const token = newToken();
    const asked = await begin(token);
    const xml = await change(responseXml(asked, said), asked);
    return { token, asked, xml, ...(await bring(xml, asked.relayState)) };
  }

  async function comeIn(said: Said = {}, change?: Parameters<typeof goThrough>[1]) {
    const { token, status, html } = await goThrough(said, change);
    expect({ status, html }).toEqual({ status: 303, html: '' });
    return logIn(token);
  }

  return {
    keys,
    HERE,
    server: () => server,
    ...{ set, having, open, begin, bring, logIn, goThrough, comeIn },
  };
}
