import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';

let server: TestServer;
let alice: Person;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
});
afterAll(() => server.close());

const set = (id: string, value: unknown) => server.admin.post(`settings/${id}`, { value });

async function badge(query: Record<string, string>, headers: Record<string, string> = {}) {
  const url = `${server.url}/api/v1/shield.svg?${new URLSearchParams(query)}`;
  const answer = await fetch(url, { headers });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

test.each([
  [{ name: 'Rocket', icon: 'true' }, '>JOIN CHAT<', '#4c1'],
  [{ type: 'channel', channel: '<script>', name: 'Harbour' }, '>#&lt;script&gt;<', '#4c1'],
  [{ type: 'online', name: 'Harbour' }, '>0 Online<', '#4c1'],
  [{ type: 'user', username: 'ALICE', name: 'Harbour', icon: 'false' }, '>@alice<', '#a5a1a1'],
])('a badge of %j', async (query: Record<string, string>, shown, colour) => {
  const { status, type, text } = await badge(query);
  expect([status, type]).toEqual([200, 'image/svg+xml;charset=utf-8']);
  expect(text).toContain(shown);
  expect(text).toContain(`fill="${colour}"`);
  expect(text.includes('<image')).toBe(query.icon !== 'false');
  expect(text).not.toContain('<script');
});

test('the documented example has the documented measures', async () => {
  const { text } = await badge({ name: 'Rocket' });
  expect(text).toContain('width="141" height="20"');
});

test.each([
  [{ type: 'channel' }, { error: 'Shield channel is required for type "channel"' }],
  [{ type: 'online', icon: 'false' }, { error: 'Name cannot be empty when icon is hidden' }],
  [{ type: 'user', username: 'nobody' }, { errorType: 'error-invalid-user' }],
  [{ type: 'user' }, { errorType: 'error-invalid-user' }],
])('%j is refused', async (query, refusal) => {
  const { body, status } = await server.anonymous.get('shield.svg', query);
  expect([status, body]).toEqual([400, expect.objectContaining({ success: false, ...refusal })]);
});

test('the settings switch badges off, limit their types, and ask for a login', async () => {
  const refusalOf = async (query: Record<string, string>) => {
    const { status, body } = await server.anonymous.get('shield.svg', query);
    return [status, body.errorType];
  };
  await set('API_Shield_user_require_auth', true);
  expect((await refusalOf({ type: 'user', username: 'alice' }))[0]).toBe(401);
  const own = { 'x-user-id': alice.uid, 'x-auth-token': alice.token };
  expect((await badge({ type: 'user' }, own)).text).toContain('>@alice<');
  await set('API_Shield_Types', 'online, user');
  expect(await refusalOf({ type: 'channel', channel: 'general' })).toEqual([400, 'error-shield-disabled']);
  await set('API_Enable_Shields', false);
  expect(await refusalOf({ type: 'online' })).toEqual([400, 'error-endpoint-disabled']);
});

test('an action setting runs what is behind it', async () => {
  const { storage, ctx } = server.server;
  const preview = { url: 'https://a.example/', fetched_at: ctx.clock.now(), doc: '{}' };
  await ctx.write((tx) =>
    tx
      .insertInto('link_previews')
      .values(preview)
      .execute()
      .then(() => undefined),
  );
  const run = (id: string) => server.admin.post(`settings/${id}`, { execute: true });
  expect((await run('API_Embed_clear_cache_now')).body).toEqual({ success: true });
  expect(await storage.db.selectFrom('link_previews').selectAll().execute()).toEqual([]);
  expect((await run('Push_test_push')).body).toMatchObject({ errorType: 'error-push-disabled' });
  expect((await run('Site_Name')).body).toEqual({ success: false });
});
