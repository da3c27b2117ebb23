import { describe, expect, it } from 'vitest';
import { adminHeaders, aliceHeaders, bobHeaders, get, serve } from './fake-server.ts';

describe('CORS', () => {
  const info = get('info', 'none', () => ({}));
  const origin = 'https://chat.example';

  it('is silent while it is disabled', async () => {
    const { app } = serve([info]);
    const reply = await app.inject({ url: '/api/v1/info', headers: { origin } });
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const preflight = await app.inject({ method: 'OPTIONS', url: '/api/v1/info' });
    expect([preflight.statusCode, preflight.payload]).toEqual([200, 'OK']);
  });

  it('allows every origin by default once enabled, and errors are readable too', async () => {
    const { app, settings } = serve([info, get('me', 'user', () => ({}))]);
    settings.API_Enable_CORS = true;
    settings.API_CORS_Origin = '*';
    for (const url of ['/api/v1/info', '/api/v1/me', '/api/v1/nothing']) {
      const { headers } = await app.inject({ url, headers: { origin } });
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-allow-methods']).toBe('GET, POST, PUT, DELETE, HEAD, PATCH');
      expect(headers['access-control-allow-headers']).toContain(
        'X-User-Id, X-Auth-Token, x-visitor-token, Authorization',
      );
      expect(headers['access-control-expose-headers']).toContain('X-RateLimit-Remaining');
    }
    expect((await app.inject('/api/v1/info')).headers['access-control-allow-origin']).toBeUndefined();
  });

  it('allows only listed origins, in any case, and its own', async () => {
    const { app } = serve([info], {
      settings: { API_Enable_CORS: true, API_CORS_Origin: 'https://other.example, https://CHAT.example' },
    });
    const listed = await app.inject({ method: 'OPTIONS', url: '/api/v1/info', headers: { origin } });
    expect([listed.statusCode, listed.headers['access-control-allow-origin']]).toEqual([200, origin]);
    expect(listed.headers.vary).toBe('Origin');
    const stranger = await app.inject({ url: '/api/v1/info', headers: { origin: 'https://evil.example' } });
    expect([stranger.statusCode, stranger.payload]).toEqual([403, '']);
    expect(stranger.headers['access-control-allow-origin']).toBeUndefined();
    const own = await app.inject({
      url: '/api/v1/info',
      headers: { origin: 'https://us.example', host: 'us.example' },
    });
    expect(own.statusCode).toBe(200);
  });
});

describe('rate limiting', () => {
  const limited = get('limited', 'none', () => ({}));
  const settings = {
    API_Enable_Rate_Limiter_Limit_Calls_Default: 2,
    API_Enable_Rate_Limiter_Limit_Time_Default: 60_000,
  };

  it('counts down, refuses with the documented body and starts again after the window', async () => {
    const { app, clock } = serve([limited], { settings });
    const reset = clock.time + 60_000;
    const first = await app.inject('/api/v1/limited');
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-reset': String(reset),
    });
    clock.time += 30_500;
    expect((await app.inject('/api/v1/limited')).headers['x-ratelimit-remaining']).toBe('0');
    const refused = await app.inject('/api/v1/limited');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers).toMatchObject({
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(reset),
    });
    expect(refused.json()).toEqual({
      success: false,
      error:
        'Error, too many requests. Please slow down. You must wait 30 seconds before trying this endpoint again. [error-too-many-requests]',
    });
    clock.time = reset;
    expect((await app.inject('/api/v1/limited')).statusCode).toBe(200);
  });

  it('counts each endpoint, method and address on its own', async () => {
    const { app } = serve([limited, { ...limited, method: 'POST' }, get('other', 'none', () => ({}))], {
      settings,
    });
    const status = async (method: 'GET' | 'POST', url: string, remoteAddress = '10.0.0.1') =>
      (await app.inject({ method, url, remoteAddress })).statusCode;
    for (let i = 0; i < 2; i++) expect(await status('GET', '/api/v1/limited')).toBe(200);
    expect(await status('GET', '/api/v1/limited')).toBe(429);
    expect(await status('GET', '/api/v1/limited?x=1')).toBe(429);
    expect(await status('POST', '/api/v1/limited')).toBe(200);
    expect(await status('GET', '/api/v1/other')).toBe(200);
    expect(await status('GET', '/api/v1/limited', '10.0.0.2')).toBe(200);
  });

  it('neither counts nor tells those who may bypass it', async () => {
    const { app } = serve([limited], { settings });
    for (let i = 0; i < 4; i++) {
      const reply = await app.inject({ url: '/api/v1/limited', headers: adminHeaders });
      expect([reply.statusCode, reply.headers['x-ratelimit-limit']]).toEqual([200, undefined]);
    }
    expect((await app.inject('/api/v1/limited')).headers['x-ratelimit-remaining']).toBe('1');
  });

  it('reads its settings at each call', async () => {
    const server = serve([limited], { settings });
    const limitNow = async () => (await server.app.inject('/api/v1/limited')).headers['x-ratelimit-limit'];
    expect(await limitNow()).toBe('2');
    server.settings.API_Enable_Rate_Limiter_Limit_Calls_Default = 7;
    expect(await limitNow()).toBe('7');
    server.settings.API_Enable_Rate_Limiter_Limit_Calls_Default = 0;
    expect(await limitNow()).toBe('10');
    server.settings.API_Enable_Rate_Limiter = false;
    expect(await limitNow()).toBeUndefined();
  });

  it('knows limits of single endpoints, and endpoints without one', async () => {
    const { app, settings: live } = serve([
      { ...limited, path: 'own', rateLimit: { calls: 5, windowMs: 1000 } },
      { ...limited, path: 'free', rateLimit: 'none' },
      {
        ...limited,
        path: 'set',
        rateLimit: (ctx) => ({ calls: ctx.settings.int('Own_Limit'), windowMs: 1000 }),
      },
    ]);
    live.Own_Limit = 3;
    expect((await app.inject('/api/v1/own')).headers['x-ratelimit-limit']).toBe('5');
    expect((await app.inject('/api/v1/free')).headers['x-ratelimit-limit']).toBeUndefined();
    expect((await app.inject('/api/v1/set')).headers['x-ratelimit-limit']).toBe('3');
  });

  it('may count users instead of addresses, and may be lifted by a permission', async () => {
    const mine = get('mine', 'user', () => ({}));
    const limit = { calls: 1, windowMs: 1000, per: 'user' } as const;
    const { app } = serve(
      [
        { ...mine, rateLimit: limit },
        { ...mine, path: 'lifted', rateLimit: { ...limit, liftedBy: 'send-many-messages' } },
      ],
      { permissions: { 'send-many-messages': ['user'] } },
    );
    const ask = async (headers: Record<string, string>, remoteAddress: string, path = 'mine') =>
      (await app.inject({ url: `/api/v1/${path}`, headers, remoteAddress })).statusCode;
    expect(await ask(aliceHeaders, '10.0.0.1')).toBe(200);
    expect(await ask(aliceHeaders, '10.0.0.2')).toBe(429);
    expect(await ask(bobHeaders, '10.0.0.1')).toBe(200);
    for (let i = 0; i < 2; i++) expect(await ask(aliceHeaders, '10.0.0.1', 'lifted')).toBe(200);
  });

  it('is off in test mode', async () => {
    const { app } = serve([limited], { settings, config: { testMode: true } });
    for (let i = 0; i < 4; i++) expect((await app.inject('/api/v1/limited')).statusCode).toBe(200);
  });

  it('does not count callers who are refused before', async () => {
    const { app } = serve([get('mine', 'user', () => ({}))], { settings });
    for (let i = 0; i < 4; i++) expect((await app.inject('/api/v1/mine')).statusCode).toBe(401);
    expect(
      (await app.inject({ url: '/api/v1/mine', headers: aliceHeaders })).headers['x-ratelimit-remaining'],
    ).toBe('1');
  });
});
