import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { fail } from '../kernel/errors.ts';
import { type Endpoint, endpoint, RawReply } from './endpoint.ts';
import {
  adminHeaders,
  alice,
  aliceHeaders,
  createFakeServer,
  echo,
  get,
  newcomerHeaders,
  postJson,
  serve,
} from './fake-server.ts';
import { listQuery, strict } from './schemas.ts';

describe('the success envelope', () => {
  it('adds success to the payload as the last member', async () => {
    const { app } = serve([get('rooms.get', 'user', () => ({ room: { _id: 'r', at: new Date(0) } }))]);
    const reply = await app.inject({ url: '/api/v1/rooms.get', headers: aliceHeaders });
    expect(reply.statusCode).toBe(200);
    expect(reply.payload).toBe('{"room":{"_id":"r","at":"1970-01-01T00:00:00.000Z"},"success":true}');
  });

  it('is success alone when the action returns nothing, or nothing that JSON knows', async () => {
    const { app } = serve([get('a', 'none', () => undefined), get('b', 'none', () => ({ x: undefined }))]);
    expect((await app.inject('/api/v1/a')).payload).toBe('{"success":true}');
    expect((await app.inject('/api/v1/b')).payload).toBe('{"success":true}');
  });

  it('keeps null and omits undefined', async () => {
    const { app } = serve([get('a', 'none', () => ({ x: null, y: undefined }))]);
    expect((await app.inject('/api/v1/a')).payload).toBe('{"x":null,"success":true}');
  });

  it('carries the documented headers without a charset', async () => {
    const { app } = serve([get('a', 'none', () => ({}))]);
    const { headers } = await app.inject('/api/v1/a');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    expect(Object.keys(headers).some((name) => name.startsWith('access-control'))).toBe(false);
  });

  it('is left out by a raw reply, whose status, body and headers go out as they are', async () => {
    const { app } = serve([
      get('login', 'none', () => new RawReply(401, { status: 'error' })),
      get('shield.svg', 'none', () => new RawReply(200, '<svg/>', { 'Content-Type': 'image/svg+xml' })),
      get('go', 'none', () => new RawReply(307, undefined, { Location: '/elsewhere' })),
    ]);
    const login = await app.inject('/api/v1/login');
    expect([login.statusCode, login.payload]).toEqual([401, '{"status":"error"}']);
    const shield = await app.inject('/api/v1/shield.svg');
    expect([shield.headers['content-type'], shield.payload]).toEqual(['image/svg+xml', '<svg/>']);
    const go = await app.inject('/api/v1/go');
    expect([go.statusCode, go.headers.location, go.payload]).toEqual([307, '/elsewhere', '']);
  });
});

describe('authentication', () => {
  const body401 = {
    success: false,
    error: 'You must be logged in to do this.',
    status: 'error',
    message: 'You must be logged in to do this.',
  };
  const who = endpoint({
    method: 'GET',
    path: 'me',
    summary: 'Me',
    auth: 'user',
    withoutUsername: true,
    handler: (_, { caller, ip, userAgent }) => ({ uid: caller.uid, ip, userAgent }),
  });
  const whoever = endpoint({
    method: 'GET',
    path: 'whoever',
    summary: 'Whoever',
    auth: 'user-or-anon',
    handler: (_, { caller }) => ({ uid: caller?.uid ?? null }),
  });

  it('hands the caller to the handler', async () => {
    const { app } = serve([who]);
    const reply = await app.inject({ url: '/api/v1/me', headers: { ...aliceHeaders, 'user-agent': 'curl' } });
    expect(reply.json()).toEqual({ uid: alice.uid, ip: '127.0.0.1', userAgent: 'curl', success: true });
  });

  it.each([
    ['no headers', {}],
    ['empty headers', { 'x-user-id': '', 'x-auth-token': '' }],
    ['only a user id', { 'x-user-id': alice.uid }],
    ['only a token', { 'x-auth-token': `token-of-${alice.uid}` }],
    ['a wrong token', { 'x-user-id': alice.uid, 'x-auth-token': 'wrong' }],
    ["another user's token", { 'x-user-id': 'admin-id', 'x-auth-token': `token-of-${alice.uid}` }],
    ['a token of absurd length', { 'x-user-id': alice.uid, 'x-auth-token': 'x'.repeat(5000) }],
  ])('answers 401 with exactly four members to %s', async (_, headers) => {
    const { app } = serve([who]);
    const reply = await app.inject({ url: '/api/v1/me', headers });
    expect(reply.statusCode).toBe(401);
    expect(reply.json()).toEqual(body401);
  });

  it('admits anonymous callers to user-or-anon endpoints only when the setting allows it', async () => {
    const { app, anonymous } = serve([whoever]);
    expect((await app.inject('/api/v1/whoever')).json()).toEqual(body401);
    anonymous.allowed = true;
    expect((await app.inject('/api/v1/whoever')).json()).toEqual({ uid: null, success: true });
    const known = await app.inject({ url: '/api/v1/whoever', headers: aliceHeaders });
    expect(known.json()).toEqual({ uid: alice.uid, success: true });
  });

  it('honours a valid pair on public endpoints and ignores a wrong one', async () => {
    const open = endpoint({
      ...whoever,
      auth: 'none',
      handler: (_, { caller }) => ({ uid: caller?.uid ?? null }),
    });
    const { app } = serve([open]);
    const known = await app.inject({ url: '/api/v1/whoever', headers: aliceHeaders });
    expect(known.json()).toEqual({ uid: alice.uid, success: true });
    const wrong = await app.inject({
      url: '/api/v1/whoever',
      headers: { ...aliceHeaders, 'x-auth-token': 'no' },
    });
    expect(wrong.json()).toEqual({ uid: null, success: true });
  });

  it('refuses an account without a username except where the endpoint admits it', async () => {
    const { app } = serve([who, whoever]);
    const refused = await app.inject({ url: '/api/v1/whoever', headers: newcomerHeaders });
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toEqual({
      success: false,
      error: 'Users must have a username [error-unauthorized]',
    });
    expect((await app.inject({ url: '/api/v1/me', headers: newcomerHeaders })).statusCode).toBe(200);
  });

  it('comes before permissions, validation and the reading of the body', async () => {
    const guarded = endpoint({
      method: 'POST',
      path: 'guarded',
      summary: 'Guarded',
      auth: 'user',
      permissions: { all: ['do-it'] },
      body: strict({ name: Type.String() }),
      handler: () => undefined,
    });
    const { app } = serve([guarded], {
      config: { limits: { bodyBytes: 20 } },
      permissions: { 'do-it': ['admin'] },
    });
    const tooLarge = JSON.stringify({ nonsense: 'x'.repeat(100) });
    expect((await app.inject(postJson('/api/v1/guarded', tooLarge))).statusCode).toBe(401);
    expect((await app.inject(postJson('/api/v1/guarded', tooLarge, aliceHeaders))).statusCode).toBe(403);
    expect((await app.inject(postJson('/api/v1/guarded', tooLarge, adminHeaders))).statusCode).toBe(413);
    expect((await app.inject(postJson('/api/v1/guarded', '{}', adminHeaders))).statusCode).toBe(400);
    expect((await app.inject(postJson('/api/v1/guarded', '{"name":""}', adminHeaders))).statusCode).toBe(200);
  });
});

describe('permissions of a route', () => {
  const withPermissions = (permissions: Endpoint['permissions']) =>
    endpoint({ method: 'GET', path: 'x', summary: 'x', auth: 'user', permissions, handler: () => undefined });

  it('answer 403 without an errorType when one is missing', async () => {
    const { app } = serve([withPermissions({ all: ['one', 'two'] })], {
      permissions: { one: ['user', 'admin'], two: ['admin'] },
    });
    const refused = await app.inject({ url: '/api/v1/x', headers: aliceHeaders });
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toEqual({
      success: false,
      error: 'User does not have the permissions required for this action [error-unauthorized]',
    });
    expect((await app.inject({ url: '/api/v1/x', headers: adminHeaders })).statusCode).toBe(200);
  });

  it('may ask for any one of several', async () => {
    const { app } = serve([withPermissions({ any: ['one', 'two'] })], {
      permissions: { one: ['user'], two: [] },
    });
    expect((await app.inject({ url: '/api/v1/x', headers: aliceHeaders })).statusCode).toBe(200);
    expect((await app.inject({ url: '/api/v1/x', headers: adminHeaders })).statusCode).toBe(403);
  });
});

describe('the second factor', () => {
  it('is asked after validation and before the action', async () => {
    const asked: unknown[] = [];
    let ran = 0;
    const sensitive = endpoint({
      method: 'POST',
      path: 'sensitive',
      summary: 'Sensitive',
      auth: 'user',
      twoFactor: 'always',
      body: strict({ name: Type.String() }),
      handler() {
        ran++;
        return undefined;
      },
    });
    const { app } = serve([sensitive], {
      async checkSecondFactor(caller, { headers, mode }) {
        asked.push([caller.uid, headers['x-2fa-code'], mode]);
        if (headers['x-2fa-code'] !== '123456') {
          fail('totp-required', 'TOTP Required', {
            method: 'totp',
            codeGenerated: false,
            availableMethods: ['totp'],
          });
        }
      },
    });
    expect((await app.inject(postJson('/api/v1/sensitive', '{}', aliceHeaders))).json().errorType).toBe(
      'error-invalid-params',
    );
    expect(asked).toEqual([]);
    const required = await app.inject(postJson('/api/v1/sensitive', '{"name":"x"}', aliceHeaders));
    expect([required.statusCode, required.json()]).toEqual([
      400,
      {
        success: false,
        error: 'TOTP Required [totp-required]',
        errorType: 'totp-required',
        details: { method: 'totp', codeGenerated: false, availableMethods: ['totp'] },
      },
    ]);
    expect(ran).toBe(0);
    const headers = { ...aliceHeaders, 'x-2fa-code': '123456' };
    expect((await app.inject(postJson('/api/v1/sensitive', '{"name":"x"}', headers))).statusCode).toBe(200);
    expect([ran, asked]).toEqual([
      1,
      [
        [alice.uid, undefined, 'always'],
        [alice.uid, '123456', 'always'],
      ],
    ]);
  });
});

describe('unknown endpoints and methods', () => {
  const info = get('/api/info', 'none', () => ({ version: '8.5' }));
  const one = endpoint({
    method: 'GET',
    path: 'settings/:_id',
    summary: 'One setting',
    auth: 'none',
    handler: (_, { params }) => ({ params }),
  });

  it.each([
    '/api/v1/nothing',
    '/api/v1/',
    '/api/',
    '/api/v1/ECHO',
    '/api/v1/echo/',
    '/api/v1/settings/',
    '/api/v2/echo',
  ])('answers 404 as JSON to %s', async (url) => {
    const { app } = serve([echo, one]);
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS'] as const) {
      const reply = await app.inject({ method, url });
      expect([reply.statusCode, reply.json()]).toEqual([
        404,
        { success: false, error: 'Resource not found' },
      ]);
    }
  });

  it('answers 404 as JSON outside of the API too, unless somebody adds a route', async () => {
    const { app } = serve([info]);
    app.get('/livez', () => 'ok');
    expect((await app.inject('/livez')).payload).toBe('ok');
    expect((await app.inject('/nowhere')).json()).toEqual({ success: false, error: 'Resource not found' });
  });

  it('answers 405 with the allowed methods to a known path', async () => {
    const { app } = serve([echo, get('both', 'user', () => ({})), { ...echo, path: 'both' }, one]);
    const reply = await app.inject({ method: 'GET', url: '/api/v1/echo' });
    expect(reply.statusCode).toBe(405);
    expect(reply.headers.allow).toBe('POST, OPTIONS');
    expect(reply.json()).toEqual({
      success: false,
      status: 'error',
      message: 'API endpoint does not exist',
      error: 'API endpoint does not exist',
    });
    const both = await app.inject({ method: 'PATCH', url: '/api/v1/both' });
    expect([both.statusCode, both.headers.allow]).toEqual([405, 'GET, POST, OPTIONS']);
    expect((await app.inject({ method: 'POST', url: '/api/v1/settings/x' })).statusCode).toBe(405);
  });

  it('serves unversioned paths', async () => {
    const { app } = serve([info]);
    expect((await app.inject('/api/info')).payload).toBe('{"version":"8.5","success":true}');
  });

  it('decodes path parameters after splitting the path', async () => {
    const { app } = serve([one, echo]);
    expect((await app.inject('/api/v1/settings/a%2Fb%20%C3%BC')).json().params).toEqual({ _id: 'a/b ü' });
    expect((await app.inject('/api/v1/settings/rooms:get')).json().params).toEqual({ _id: 'rooms:get' });
    expect((await app.inject(`/api/v1/settings/${'x'.repeat(500)}`)).statusCode).toBe(200);
    expect((await app.inject({ method: 'POST', url: '/api/v1/ech%6F' })).statusCode).toBe(200);
  });

  it('answers an undecodable path as JSON', async () => {
    const { app } = serve([one]);
    const reply = await app.inject('/api/v1/settings/%zz');
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ success: false });
  });

  it('answers HEAD like GET without a body', async () => {
    const { app } = serve([info]);
    const reply = await app.inject({ method: 'HEAD', url: '/api/info' });
    expect([reply.statusCode, reply.payload]).toEqual([200, '']);
    expect(reply.headers['content-length']).toBe(String('{"version":"8.5","success":true}'.length));
  });

  it('refuses to start with an endpoint declared twice', () => {
    expect(() => createFakeServer({ endpoints: [echo, echo] })).toThrow(
      'POST /api/v1/echo is declared twice',
    );
  });
});

describe('deprecation headers', () => {
  it('mark a deprecated endpoint', async () => {
    const old = endpoint({
      method: 'GET',
      path: 'logout',
      summary: 'Log out',
      auth: 'none',
      deprecated: { version: '9.0.0', info: 'use POST' },
      handler: () => undefined,
    });
    const { headers } = await serve([old]).app.inject('/api/v1/logout');
    expect(headers).toMatchObject({
      'x-deprecation-type': 'endpoint-deprecation',
      'x-deprecation-version': '9.0.0',
      'x-deprecation-message':
        'The endpoint "/api/v1/logout" is deprecated and will be removed on version 9.0.0 (use POST)',
    });
  });

  it('mark the use of query and fields, only where they have an effect', async () => {
    const list = endpoint({
      method: 'GET',
      path: 'users.list',
      summary: 'Users',
      auth: 'none',
      query: listQuery,
      handler: () => undefined,
    });
    const url = '/api/v1/users.list?query=%7B%7D';
    expect((await serve([list]).app.inject(url)).headers['x-deprecation-type']).toBeUndefined();
    const unsafe = serve([list], { config: { allowUnsafeQueryAndFields: true } });
    expect((await unsafe.app.inject(url)).headers['x-deprecation-message']).toContain(
      'The usage of the "query" parameter in endpoint "/api/v1/users.list" breaks the security',
    );
    expect((await unsafe.app.inject('/api/v1/users.list')).headers['x-deprecation-type']).toBeUndefined();
  });
});
