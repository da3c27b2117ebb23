import { expect, onTestFinished, test } from 'vitest';
import { newToken } from '../../src/kernel/ids.ts';
import { startCasServer } from '../support/cas-server.ts';
import { startCluster } from '../support/cluster.ts';
import type { TestServer } from '../support/server.ts';

/** A login by another service may end on another node than the one that the browser came back to. */

test('who comes back to one node from a CAS server is let in on another, once', async () => {
  const cas = await startCasServer();
  onTestFinished(() => cas.close());
  const { nodes } = await startCluster(2, { outboundAllow: ['127.0.0.1'] });
  const [one, two] = nodes as [TestServer, TestServer];
  const settings = { Site_Url: one.url, CAS_base_url: cas.url, CAS_login_url: cas.url, CAS_enabled: true };
  for (const [id, value] of Object.entries(settings))
    expect((await one.admin.post(`settings/${id}`, { value })).status).toBe(200);

  cas.person = { user: 'ada', attributes: {} };
  const credentialToken = newToken();
  const page = await fetch(cas.visit(`${one.url}/_cas/${credentialToken}`));
  expect(page.status).toBe(200);
  const logIn = (node: TestServer) => node.anonymous.post('login', { cas: { credentialToken } });
  expect(await logIn(two)).toMatchObject({ status: 200, body: { data: { me: { username: 'ada' } } } });
  for (const node of [one, two]) expect((await logIn(node)).status).toBe(401);
});
