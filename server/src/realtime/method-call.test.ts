import { describe, expect, test } from 'vitest';
import { fail, Refusal } from '../kernel/errors.ts';
import type { Endpoint, RestRequest } from '../rest/endpoint.ts';
import { type DdpMethod, userMethod } from './declarations.ts';
import { methodCallEndpoints } from './method-call.ts';
import { callerNamed, fakeContext } from './realtime-fixture.ts';
import { createRealtime } from './server.ts';

const ctx = fakeContext();
const methods: DdpMethod[] = [
  userMethod('whoami', (_ctx, { caller, params, connection, twoFactor, ip }) => ({
    uid: caller.uid,
    params,
    connection,
    twoFactor,
    ip,
    at: new Date(5),
  })),
  { name: 'rooms/get', auth: 'none', run: () => undefined },
  { name: 'fails', auth: 'none', run: () => fail('error-x', 'Bad') },
];
const { dispatcher } = createRealtime({
  ctx,
  methods,
  streams: [{ name: 'x', mayRead: () => true, write: () => fail('never called') }],
});
const [withUser, anonymous] = methodCallEndpoints(dispatcher) as [Endpoint, Endpoint];

async function post(endpoint: Endpoint, message: unknown, headers: Record<string, string> = {}) {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  const request: RestRequest<unknown, unknown, 'user'> = {
    caller: callerNamed('alice'),
    query: {},
    body: { message: text },
    params: { method: 'ignored' },
    headers,
    ip: '10.0.0.1',
    userAgent: 'ua',
  };
  const answer = (await endpoint.handler(ctx, request)) as { message: string };
  return JSON.parse(answer.message);
}

describe('method.call', () => {
  test('runs the method inside the message as the caller, without a connection', async () => {
    expect(
      await post(withUser, { msg: 'method', id: '7', method: 'whoami', params: [{ $date: 1 }] }),
    ).toEqual({
      msg: 'result',
      id: '7',
      result: { uid: 'alice', params: [{ $date: 1 }], connection: null, ip: '10.0.0.1', at: { $date: 5 } },
    });
  });

  test('an undefined result is left out', async () => {
    expect(await post(withUser, { msg: 'method', id: '1', method: 'rooms/get', params: [] })).toEqual({
      msg: 'result',
      id: '1',
    });
  });

  test('an error of the method is inside the message', async () => {
    expect(await post(withUser, { msg: 'method', id: '1', method: 'fails', params: [] })).toEqual({
      msg: 'result',
      id: '1',
      error: {
        isClientSafe: true,
        error: 'error-x',
        reason: 'Bad',
        message: 'Bad [error-x]',
        errorType: 'Meteor.Error',
      },
    });
    expect(await post(withUser, { msg: 'method', id: '1', method: 'nope', params: [] })).toMatchObject({
      error: { error: 404, reason: "Method 'nope' not found" },
    });
  });

  test('an absent msg, absent params and null params are tolerated', async () => {
    for (const message of [
      { id: '1', method: 'whoami' },
      { id: '1', method: 'whoami', params: null },
    ]) {
      expect(await post(withUser, message)).toMatchObject({ result: { params: [] } });
    }
  });

  test('the second factor comes from the headers or a trailing parameter', async () => {
    const call = { id: '1', method: 'whoami', params: [1] };
    const headers = { 'x-2fa-code': '42', 'x-2fa-method': 'totp' };
    expect(await post(withUser, call, headers)).toMatchObject({
      result: { params: [1], twoFactor: { code: '42', method: 'totp' } },
    });
    // As with every other endpoint, the code alone will do.
    const codeOnly = { result: { params: [1], twoFactor: { code: '42', method: '' } } };
    expect(await post(withUser, call, { 'x-2fa-code': '42' })).toMatchObject(codeOnly);
    expect(await post(withUser, { ...call, params: [1, { twoFactorCode: '42' }] })).toMatchObject(codeOnly);
    const methodOnly = { result: { params: [1], twoFactor: { code: '', method: 'email' } } };
    expect(await post(withUser, call, { 'x-2fa-method': 'email' })).toMatchObject(methodOnly);
    const asked = { ...call, params: [1, { twoFactorMethod: 'email' }] };
    expect(await post(withUser, asked)).toMatchObject(methodOnly);
    const trailing = { ...call, params: [1, { twoFactorCode: '7', twoFactorMethod: 'email' }] };
    expect(await post(withUser, trailing, headers)).toMatchObject({
      result: { params: [1], twoFactor: { code: '7', method: 'email' } },
    });
  });

  test('a write to a stream does nothing', async () => {
    expect(await post(withUser, { id: '1', method: 'stream-x', params: ['e'] })).toEqual({
      msg: 'result',
      id: '1',
    });
  });

  test.each([
    ['not JSON', '{'],
    ['no object', '5'],
    ['another msg', { msg: 'sub', id: '1', method: 'm', params: [] }],
    ['no id', { msg: 'method', method: 'm', params: [] }],
    ['no method', { msg: 'method', id: '1', params: [] }],
    ['params that are no list', { msg: 'method', id: '1', method: 'm', params: {} }],
  ])('%s is an invalid method call', async (_name, message) => {
    await expect(post(withUser, message)).rejects.toThrow(
      new Refusal('plain', undefined, 'Invalid method call'),
    );
  });
});

test('method.callAnon ignores the caller', async () => {
  expect(await post(anonymous, { id: '1', method: 'whoami', params: [] })).toMatchObject({
    error: { error: 'error-invalid-user', details: { method: 'whoami' } },
  });
});

test('the endpoints are declared as the bridge needs them', () => {
  expect(withUser).toMatchObject({
    method: 'POST',
    path: 'method.call/:method',
    auth: 'user',
    withoutUsername: true,
  });
  expect(anonymous).toMatchObject({ method: 'POST', path: 'method.callAnon/:method', auth: 'none' });
});
