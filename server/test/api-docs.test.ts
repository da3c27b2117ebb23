import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './support/server.ts';

/** The pages of the server itself: the API reference and where invite links lead. */

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

// biome-ignore lint/suspicious/noExplicitAny: documents whose shape the tests assert
const json = async (path: string): Promise<any> => (await get(path)).json();

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { headers });

describe('the API reference', () => {
  test('is a page that loads nothing and runs only its own script', async () => {
    const answer = await get('/api/docs');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; form-action 'none'; /,
    );
    const html = await answer.text();
    expect(html).toContain('<code>/api/v1/channels.leave</code>');
    expect(html).not.toMatch(/(src|href)=["']?(https?:)?\/\//);
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  test('has every declared operation, as the document has', async () => {
    const document = await json('/api/docs/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: server.server.ctx.settings.text('Site_Url') }]);
    const { endpoints } = server.server.doors;
    const operations = Object.values(document.paths).flatMap((path) => Object.keys(path as object));
    expect(operations).toHaveLength(endpoints.length);
    const html = await (await get('/api/docs')).text();
    expect(html.match(/<details/g)).toHaveLength(endpoints.length);
  });

  test('knows how much of the documented API there is', async () => {
    const { endpoints, methods, streams } = await json('/api/docs/compatibility.json');
    const all = endpoints.areas.flatMap((area: { endpoints: object[] }) => area.endpoints);
    expect(all).toContainEqual({ name: 'POST channels.leave', state: 'works' });
    expect(all).toContainEqual({ name: 'GET statistics', state: 'partly', note: expect.any(String) });
    expect(methods.methods).toContainEqual({ name: 'leaveRoom', state: 'works' });
    expect(streams.counts.works).toBeGreaterThan(5);
  });

  test('is sent again only when it has changed', async () => {
    const etag = (await get('/api/docs')).headers.get('etag') ?? '';
    expect((await get('/api/docs', { 'if-none-match': `W/${etag}` })).status).toBe(304);
    await server.admin.post('settings/Site_Url', { value: 'https://chat.example' });
    const changed = await get('/api/docs', { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(await changed.text()).toContain('curl https://chat.example/api/v1/login');
  });
});

describe('the page of an invite link', () => {
  const invite = async (room: { _id: string }) =>
    (await server.admin.post('findOrCreateInvite', { rid: room._id, days: 1, maxUses: 0 })).body
      ._id as string;

  test('names the workspace, and no room that outsiders do not know', async () => {
    const { group } = (await server.admin.post('groups.create', { name: 'secret-plan' })).body;
    await server.admin.post('settings/Site_Name', { value: 'Smith & <Sons>' });
    const token = await invite(group);
    const answer = await get(`/invite/${token}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'sha256-");
    const html = await answer.text();
    expect(html).toContain('You are invited to Smith &amp; &lt;Sons&gt;.');
    expect(html).toContain(`/invite/${token}</code>`);
    expect(html).not.toContain('secret-plan');
  });

  test('names a channel where everybody may read it', async () => {
    const { channel } = (await server.admin.post('channels.create', { name: 'lobby' })).body;
    const token = await invite(channel);
    expect(await (await get(`/invite/${token}`)).text()).not.toContain('lobby');
    await server.admin.post('settings/Accounts_AllowAnonymousRead', { value: true });
    expect(await (await get(`/invite/${token}`)).text()).toContain('<strong>lobby</strong>');
  });

  test('says that a link does not work', async () => {
    const answer = await get('/invite/%3Cb%3E');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('This invite link does not work');
  });
});
