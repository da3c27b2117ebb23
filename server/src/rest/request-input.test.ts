import { connect } from 'node:net';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { endpoint } from './endpoint.ts';
import { echo, get, postJson, serve } from './fake-server.ts';
import { roomIdOrName, strict } from './schemas.ts';

describe('request bodies', () => {
  const received = async (request: { payload?: string | Buffer; headers?: Record<string, string> }) => {
    const { app } = serve([echo]);
    const reply = await app.inject({ method: 'POST', url: '/api/v1/echo', ...request });
    expect(reply.statusCode).toBe(200);
    return (reply.json() as { body: unknown }).body;
  };
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it('are JSON', async () => {
    expect(await received({ payload: '{"a":[1,{"b":"ü"}]}', headers: json })).toEqual({ a: [1, { b: 'ü' }] });
    expect(await received({ payload: '\ufeff{"a":1}', headers: json })).toEqual({ a: 1 });
  });

  it('are forms with nested members and lists', async () => {
    const payload = 'user=alice&list[]=1&list[]=2&o[k]=v&twice=1&twice=2&t=a+b%20c';
    expect(await received({ payload, headers: form })).toEqual({
      user: 'alice',
      list: ['1', '2'],
      o: { k: 'v' },
      twice: ['1', '2'],
      t: 'a b c',
    });
  });

  it.each([
    ['no body', {}],
    ['an empty JSON body', { payload: '', headers: json }],
    ['malformed JSON', { payload: '{"a":', headers: json }],
    ['blank JSON', { payload: '  ', headers: json }],
    ['JSON that is no object, where no schema says otherwise', { payload: '[1]', headers: json }],
    ['no content type', { payload: '{"a":1}' }],
    ['another content type', { payload: 'a=1', headers: { 'content-type': 'text/plain' } }],
    ['a malformed content type', { payload: '{"a":1}', headers: { 'content-type': 'a, b; /' } }],
    ['multipart', { payload: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
  ])('count as {} with %s', async (_, request) => {
    expect(await received(request)).toEqual({});
  });

  it('replace broken UTF-8 instead of failing', async () => {
    const payload = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]);
    expect(await received({ payload, headers: json })).toEqual({ a: '\ufffd\ufffd' });
  });

  it('cannot reach a prototype', async () => {
    const payloads = [
      '{"a":{"__proto__":{"admin":true},"b":1}}',
      '{"a":{"\\u005f_proto_\\u005f":{"admin":true},"b":1}}',
      '{"a":{"constructor":{"prototype":{"admin":true}},"b":1}}',
    ];
    for (const payload of payloads)
      expect(await received({ payload, headers: json })).toEqual({ a: { b: 1 } });
    expect(
      await received({ payload: '__proto__[admin]=1&constructor[prototype][admin]=1&b=1', headers: form }),
    ).toEqual({ b: '1' });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(await received({ payload: '{"constructor":"Gaudí"}', headers: json })).toEqual({
      constructor: 'Gaudí',
    });
  });

  it('are refused when nested too deeply', async () => {
    const { app } = serve([echo]);
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const reply = await app.inject(postJson('/api/v1/echo', deep));
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toEqual({
      success: false,
      error: 'The request body is nested deeper than 100 levels [error-invalid-params]',
      errorType: 'error-invalid-params',
    });
    const brackets = JSON.stringify({ text: '['.repeat(1000) });
    expect((await app.inject(postJson('/api/v1/echo', brackets))).statusCode).toBe(200);
  });

  it('are refused above the limit, whatever their type', async () => {
    const { app, log } = serve([echo], { config: { limits: { bodyBytes: 100 } } });
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain', '']) {
      const headers: Record<string, string> = type ? { 'content-type': type } : {};
      const reply = await app.inject({
        method: 'POST',
        url: '/api/v1/echo',
        payload: 'x'.repeat(101),
        headers,
      });
      expect(reply.statusCode).toBe(413);
      expect(reply.json()).toEqual({
        success: false,
        error: 'The request body is larger than 100 bytes [error-body-too-large]',
        errorType: 'error-body-too-large',
      });
    }
    expect((await app.inject(postJson('/api/v1/echo', `"${'x'.repeat(98)}"`))).statusCode).toBe(200);
    expect(log).toEqual([]);
  });

  it('are refused above the limit when their length is not announced', async () => {
    const { app } = serve([echo], { config: { limits: { bodyBytes: 1000 } } });
    const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(address.port), address.hostname, () => {
        socket.write('POST /api/v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n');
        socket.write('Transfer-Encoding: chunked\r\n\r\n');
        socket.write(`${(2000).toString(16)}\r\n${'x'.repeat(2000)}\r\n`);
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += String(chunk);
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toContain('413 Payload Too Large');
    expect(answer).toContain('error-body-too-large');
  });
});

describe('query strings', () => {
  const received = async (search: string) => {
    const { app } = serve([get('q', 'none', () => ({})), { ...echo, method: 'GET' }]);
    const reply = await app.inject(`/api/v1/echo?${search}`);
    return (reply.json() as { query: unknown }).query;
  };

  it('follow the rules of qs', async () => {
    expect(await received('')).toEqual({});
    expect(await received('a=1&b=x%20y+z&c')).toEqual({ a: '1', b: 'x y z', c: '' });
    expect(await received('a=1&a=2')).toEqual({ a: ['1', '2'] });
    expect(await received('a[]=1&a[]=2&b%5Bc%5D=d')).toEqual({ a: ['1', '2'], b: { c: 'd' } });
  });

  it('keep long lists as lists', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => `u${i}`);
    expect(await received(ids.map((id) => `ids[]=${id}`).join('&'))).toEqual({ ids });
  });

  it('are bounded in number and depth', async () => {
    const many = await received(Array.from({ length: 1500 }, (_, i) => `k${i}=1`).join('&'));
    expect(Object.keys(many as object)).toHaveLength(1000);
    expect(JSON.stringify(await received(`a${'[b]'.repeat(500)}=1`)).split('{').length).toBeLessThan(10);
  });

  it('cannot reach a prototype and survive broken escapes', async () => {
    expect(await received('__proto__=1&constructor=2&toString=3&a=4')).toEqual({ a: '4' });
    expect(await received('__proto__[x]=1&a[__proto__][x]=2&b=3')).toMatchObject({ b: '3' });
    expect(await received('a=%zz&b=%ff')).toMatchObject({ a: '%zz' });
    expect(({} as { x?: string }).x).toBeUndefined();
  });
});

describe('validation', () => {
  const seen: unknown[] = [];
  const create = endpoint({
    method: 'POST',
    path: 'create',
    summary: 'Create',
    auth: 'none',
    body: strict({
      name: Type.String({ minLength: 1 }),
      count: Type.Optional(Type.Number()),
      on: Type.Optional(Type.Boolean()),
      tags: Type.Optional(Type.Array(Type.String())),
      email: Type.Optional(Type.String({ format: 'basic_email' })),
      reason: Type.Optional(Type.String({ format: 'isNotEmpty' })),
      since: Type.Optional(Type.String({ format: 'date-time' })),
    }),
    handler: (_, { body }) => ({ body }),
  });
  const list = endpoint({
    method: 'GET',
    path: 'list',
    summary: 'List',
    auth: 'none',
    query: strict({
      count: Type.Optional(Type.Number()),
      name: Type.Optional(Type.String()),
      ids: Type.Optional(Type.Array(Type.String())),
    }),
    handler(_, { query }) {
      seen.push(query);
      return { query };
    },
  });
  const leave = endpoint({
    method: 'POST',
    path: 'leave',
    summary: 'Leave',
    auth: 'none',
    body: roomIdOrName({ reason: Type.Optional(Type.String()) }),
    handler: (_, { body }) => ({ room: body.roomId ?? body.roomName }),
  });
  const invalid = (error: string) => ({ success: false, errorType: 'error-invalid-params', error });

  const post = async (path: string, body: unknown) => {
    const { app } = serve([create, leave]);
    return app.inject(postJson(`/api/v1/${path}`, JSON.stringify(body)));
  };

  it('names every fault of a small body, joined with a newline and a space', async () => {
    const reply = await post('create', { nonsense: 1 });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toEqual(
      invalid("must have required property 'name'\n must NOT have additional properties"),
    );
  });

  it.each([
    [{ name: '' }, 'must NOT have fewer than 1 characters'],
    [{ name: 'x', count: 'many' }, 'must be number'],
    [{ name: 'x', tags: 'a' }, 'must be array'],
    [{ name: {} }, 'must be string'],
    [{ name: 'x', email: 'nowhere' }, 'must match format "basic_email"'],
    [{ name: 'x', reason: '  ' }, 'must match format "isNotEmpty"'],
    [{ name: 'x', since: 'yesterday-ish' }, 'must match format "date-time"'],
    [[], 'must be object'],
    [null, 'must be object'],
  ])('refuses the body %j', async (body, error) => {
    const reply = await post('create', body);
    expect([reply.statusCode, reply.json()]).toEqual([400, invalid(error)]);
  });

  it('coerces scalars of a body', async () => {
    const reply = await post('create', {
      name: 1,
      count: '50',
      on: 'true',
      email: 'a@b',
      since: '2020-01-01',
    });
    expect(reply.json().body).toEqual({ name: '1', count: 50, on: true, email: 'a@b', since: '2020-01-01' });
    const nulls = await post('create', { name: true, count: null, on: null, reason: 'x' });
    expect(nulls.json().body).toEqual({ name: 'true', count: 0, on: false, reason: 'x' });
  });

  it('validates malformed JSON as an empty object', async () => {
    const { app } = serve([create]);
    const reply = await app.inject(postJson('/api/v1/create', '{"name":'));
    expect(reply.json()).toEqual(invalid("must have required property 'name'"));
  });

  it('coerces a query, also between a scalar and a list of one', async () => {
    const { app } = serve([list]);
    const one = await app.inject('/api/v1/list?count=50&ids=a&name=b');
    expect(one.json().query).toEqual({ count: 50, ids: ['a'], name: 'b' });
    const other = await app.inject('/api/v1/list?name[]=b&ids[]=x&ids[]=y');
    expect(other.json().query).toEqual({ ids: ['x', 'y'], name: 'b' });
  });

  it('refuses a repeated scalar, a number that is none and an unknown member of a query', async () => {
    const { app } = serve([list]);
    seen.length = 0;
    expect((await app.inject('/api/v1/list?name=a&name=b')).json()).toEqual(invalid('must be string'));
    expect((await app.inject('/api/v1/list?count=many')).json()).toEqual(invalid('must be number'));
    expect((await app.inject('/api/v1/list?x=1')).json()).toEqual(
      invalid('must NOT have additional properties'),
    );
    expect(seen).toEqual([]);
  });

  it('takes exactly one of roomId and roomName', async () => {
    expect((await post('leave', { roomId: 'r', reason: 'x' })).json()).toEqual({ room: 'r', success: true });
    expect((await post('leave', { roomName: 'general' })).json()).toEqual({ room: 'general', success: true });
    const both = await post('leave', { roomId: 'r', roomName: 'general' });
    expect(both.json().error).toContain('must match exactly one schema in oneOf');
    const none = await post('leave', {});
    expect(none.json().error).toContain("must have required property 'roomId'");
    expect((await post('leave', { roomId: 'r', other: 1 })).statusCode).toBe(400);
  });

  it('bounds what it says about a body with many faults', async () => {
    const few = await post('create', { name: 'x', tags: Array.from({ length: 500 }, () => ({})) });
    expect(few.json().error.split('\n')).toHaveLength(20);
    const many = await post('create', { name: 'x', tags: Array.from({ length: 50_000 }, () => ({})) });
    expect(many.json()).toEqual(invalid('must be string'));
  });
});
