import { Type } from 'typebox';
import { expect, it } from 'vitest';
import { endpoint } from './endpoint.ts';
import { openApiDocument } from './openapi.ts';
import { listMembers, roomIdOrName, strict } from './schemas.ts';

const info = { title: 'Gantry', version: '8.5', serverUrl: 'https://chat.example' };
const leaveBody = strict({ roomId: Type.String() });
const room = Type.Object({ channel: Type.Object({ _id: Type.String() }) });

const endpoints = [
  endpoint({
    method: 'POST',
    path: 'channels.leave',
    summary: 'Leaves a channel.',
    auth: 'user',
    permissions: { all: ['leave-c'] },
    twoFactor: 'remembered',
    body: leaveBody,
    response: room,
    partly: 'no system message',
    handler: () => undefined,
  }),
  endpoint({
    method: 'GET',
    path: 'channels.messages',
    summary: 'Messages of a channel.',
    auth: 'user-or-anon',
    query: roomIdOrName(listMembers),
    deprecated: { version: '9.0.0', info: 'use another' },
    handler: () => undefined,
  }),
  endpoint({
    method: 'GET',
    path: 'settings/:_id',
    summary: 'One setting.',
    auth: 'user',
    rateLimit: 'none',
    handler: () => undefined,
  }),
  endpoint({
    method: 'POST',
    path: 'settings/:_id',
    summary: 'Saves it.',
    auth: 'user',
    handler: () => undefined,
  }),
  endpoint({
    method: 'GET',
    path: '/api/info',
    summary: 'The version.',
    auth: 'none',
    handler: () => undefined,
  }),
];

// Through JSON, as clients get it.
const document = JSON.parse(JSON.stringify(openApiDocument(endpoints, info)));

it('lists every declared path and method', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.info).toEqual({ title: 'Gantry', version: '8.5' });
  expect(Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item as object)])).toEqual([
    ['/api/v1/channels.leave', ['post']],
    ['/api/v1/channels.messages', ['get']],
    ['/api/v1/settings/{_id}', ['get', 'post']],
    ['/api/info', ['get']],
  ]);
  expect(document.tags).toEqual([{ name: 'channels' }, { name: 'info' }, { name: 'settings' }]);
});

it('describes body, response, permissions and what is missing', () => {
  const operation = document.paths['/api/v1/channels.leave'].post;
  expect(operation.summary).toBe('Leaves a channel.');
  expect(operation.description).toBe(
    'Needs the permission leave-c.\n\nPartly implemented: no system message',
  );
  expect(operation.security).toEqual([{ userId: [], authToken: [] }]);
  expect(operation.requestBody.content['application/json'].schema).toEqual(
    JSON.parse(JSON.stringify(leaveBody)),
  );
  expect(operation.responses['200'].content['application/json'].schema.allOf).toHaveLength(2);
  expect(Object.keys(operation.responses)).toEqual(['200', '400', '401', '403', '429']);
  expect(operation.parameters.map((parameter: { name: string }) => parameter.name)).toEqual([
    'x-2fa-code',
    'x-2fa-method',
  ]);
});

it('turns a query with alternatives into parameters', () => {
  const operation = document.paths['/api/v1/channels.messages'].get;
  expect(operation.parameters.map((p: { name: string; required: boolean }) => [p.name, p.required])).toEqual([
    ['roomId', false],
    ['offset', false],
    ['count', false],
    ['sort', false],
    ['query', false],
    ['fields', false],
    ['roomName', false],
  ]);
  expect(operation.deprecated).toBe(true);
  expect(operation.security).toEqual([{}, { userId: [], authToken: [] }]);
});

it('names path parameters', () => {
  const operation = document.paths['/api/v1/settings/{_id}'].get;
  expect(operation.parameters).toEqual([
    { name: '_id', in: 'path', required: true, schema: { type: 'string' } },
  ]);
  expect(Object.keys(operation.responses)).toEqual(['200', '400', '401']);
});
