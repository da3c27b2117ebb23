import { Type } from 'typebox';
import { expect, it } from 'vitest';
import {
  freeObject,
  listQuery,
  nonBlank,
  scalar,
  strict,
  textOf,
  userSelector,
  usersMembers,
} from './schemas.ts';
import { Validation } from './validation.ts';

const validation = new Validation();
const bodyFault = (schema: Parameters<Validation['body']>[0], data: unknown) =>
  validation.body(schema)(data, 0);

it('a scalar of several types is left as it came', () => {
  const schema = strict({ value: scalar('string', 'number', 'boolean', 'null') });
  for (const value of ['5', 5, true, null, '', 0]) {
    const body = { value };
    expect(bodyFault(schema, body)).toBeUndefined();
    expect(body).toEqual({ value });
  }
  expect(bodyFault(schema, { value: {} })).toBe('must be string,number,boolean,null');
});

it('one of some texts', () => {
  const schema = strict({ type: textOf('c', 'p') });
  expect(bodyFault(schema, { type: 'c' })).toBeUndefined();
  expect(bodyFault(schema, { type: 'x' })).toBe('must be equal to one of the allowed values');
});

it('exactly one way to name a user', () => {
  const schema = userSelector({ reason: Type.Optional(nonBlank) });
  expect(bodyFault(schema, { userId: 'a', reason: 'x' })).toBeUndefined();
  expect(bodyFault(schema, { username: 'a' })).toBeUndefined();
  expect(bodyFault(schema, { userId: 'a', username: 'a' })).toContain(
    'must match exactly one schema in oneOf',
  );
  expect(bodyFault(schema, {})).toContain("must have required property 'userId'");
  expect(bodyFault(schema, { userId: 'a', reason: ' ' })).toContain('must match format "isNotEmpty"');
});

it('several users are bounded in number', () => {
  const schema = strict(usersMembers);
  expect(bodyFault(schema, { usernames: ['a', 'b'], userId: 'c' })).toBeUndefined();
  expect(bodyFault(schema, { userIds: Array.from({ length: 1001 }, () => 'x') })).toBe(
    'must NOT have more than 1000 items',
  );
});

it('a list takes its parameters as text', () => {
  const query = { offset: '10', count: '0', sort: '{}', query: '{}', fields: '{}' };
  expect(validation.query(listQuery)(query, 0)).toBeUndefined();
  expect(query).toMatchObject({ offset: 10, count: 0 });
});

it('a free object is any object', () => {
  const schema = strict({ customFields: freeObject });
  expect(bodyFault(schema, { customFields: { a: { b: [1] } } })).toBeUndefined();
  expect(bodyFault(schema, { customFields: [] })).toBe('must be object');
});
