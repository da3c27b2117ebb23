import { describe, expect, it } from 'vitest';
import { fail, forbid, notFound, Refusal, refuse, unauthorized } from '../kernel/errors.ts';
import { alice, aliceHeaders, get, serve } from './fake-server.ts';

describe('failures', () => {
  const throwing = (thrown: () => unknown) => get('x', 'none', () => thrown() as object);

  it.each<[string, () => unknown, number, object]>([
    [
      'a coded error',
      () => fail('error-room-not-found', 'No such room'),
      400,
      { success: false, error: 'No such room [error-room-not-found]', errorType: 'error-room-not-found' },
    ],
    [
      'a coded error with details',
      () => fail('error-you-are-last-owner', 'You are the last owner.', { method: 'leaveRoom' }),
      400,
      {
        success: false,
        error: 'You are the last owner. [error-you-are-last-owner]',
        errorType: 'error-you-are-last-owner',
        details: { method: 'leaveRoom' },
      },
    ],
    [
      'details that are JSON text',
      () => fail('error-x', undefined, '{"a":[1]}'),
      400,
      { success: false, error: '[error-x]', errorType: 'error-x', details: { a: [1] } },
    ],
    [
      'details that are other text',
      () => fail('error-x', 'X', 'plain'),
      400,
      { success: false, error: 'X [error-x]', errorType: 'error-x', details: 'plain' },
    ],
    [
      'a numeric code',
      () => fail(403, 'Access to Method Forbidden'),
      400,
      { success: false, error: 'Access to Method Forbidden [403]', errorType: 403 },
    ],
    [
      'too many requests by code',
      () => fail('error-too-many-requests', 'Slow down'),
      429,
      { success: false, error: 'Slow down [error-too-many-requests]' },
    ],
    [
      'error-unauthorized',
      () => fail('error-unauthorized', 'No'),
      403,
      { success: false, error: 'No [error-unauthorized]' },
    ],
    ['unauthorized as a code', () => fail('unauthorized'), 403, { success: false, error: '[unauthorized]' }],
    [
      'error-forbidden, which is no 403',
      () => fail('error-forbidden', 'No'),
      400,
      { success: false, error: 'No [error-forbidden]', errorType: 'error-forbidden' },
    ],
    ['a plain text', () => refuse('Name is required'), 400, { success: false, error: 'Name is required' }],
    [
      'a plain text with a type',
      () => refuse('Name is required', 'error-name'),
      400,
      { success: false, error: 'Name is required', errorType: 'error-name' },
    ],
    ['nothing to say', () => refuse(), 400, { success: false }],
    ['forbidden', () => forbid(), 403, { success: false, error: 'unauthorized' }],
    ['unauthorized', () => unauthorized(), 401, { success: false, error: 'unauthorized' }],
    ['not found', () => notFound(), 404, { success: false, error: 'Resource not found' }],
    [
      'unavailable',
      () => {
        throw new Refusal('unavailable', undefined, undefined);
      },
      503,
      { success: false, error: 'Service Unavailable' },
    ],
  ])('are rendered for %s', async (_, thrown, status, body) => {
    const { app, log } = serve([throwing(thrown)]);
    const reply = await app.inject('/api/v1/x');
    expect(reply.statusCode).toBe(status);
    expect(reply.json()).toEqual(body);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(log).toEqual([]);
  });

  it('hide a bug behind a plain 500 and log it under the id that the client gets', async () => {
    const { app, log } = serve([
      throwing(() => {
        throw Object.assign(new TypeError('x is not a function'), { parameters: ['hunter2'] });
      }),
    ]);
    const reply = await app.inject({ url: '/api/v1/x?password=hunter2', headers: aliceHeaders });
    expect(reply.statusCode).toBe(500);
    expect(reply.json()).toEqual({ success: false, error: 'Internal server error' });
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({
      requestId: reply.headers['x-request-id'],
      endpoint: 'GET /api/v1/x',
      uid: alice.uid,
      error: { type: 'TypeError', message: 'x is not a function' },
    });
    expect(JSON.stringify(log)).not.toContain('hunter2');
    expect(JSON.stringify(log)).not.toContain('token-of');
  });

  it('show the stack of a bug in test mode only', async () => {
    const bug = throwing(() => {
      throw new Error('oops');
    });
    const { app } = serve([bug], { config: { testMode: true } });
    expect((await app.inject('/api/v1/x')).json().stack).toContain('oops');
  });

  it.each([
    ['a number', 7],
    ['null', null],
    ['undefined', undefined],
  ])('survive %s being thrown', async (_, thrown) => {
    const { app, log } = serve([
      throwing(() => {
        throw thrown;
      }),
    ]);
    expect((await app.inject('/api/v1/x')).json()).toEqual({
      success: false,
      error: 'Internal server error',
    });
    expect(log).toHaveLength(1);
  });

  it('say so when a result cannot be sent as JSON', async () => {
    const { app, log } = serve([get('x', 'none', () => ({ big: 1n }))]);
    const reply = await app.inject('/api/v1/x');
    expect([reply.statusCode, reply.json()]).toEqual([
      500,
      { success: false, error: 'Internal server error' },
    ]);
    expect(log).toHaveLength(1);
  });

  it.each([
    [
      'a full disk',
      Object.assign(new Error('full'), { errcode: 13 }),
      'The server is out of disk space; nothing was stored',
    ],
    ['a busy database', Object.assign(new Error('busy'), { errcode: 5 }), 'Service Unavailable'],
  ])('tell %s from a bug', async (_, thrown, error) => {
    const { app, log } = serve([
      throwing(() => {
        throw thrown;
      }),
    ]);
    const reply = await app.inject('/api/v1/x');
    expect([reply.statusCode, reply.json()]).toEqual([503, { success: false, error }]);
    expect(log).toHaveLength(1);
  });
});
