import { expect, test } from 'vitest';
import { Refusal } from '../kernel/errors.ts';
import {
  objectParam,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTime,
  textListParam,
  textParam,
} from './params.ts';

const matchFailed = new Refusal('coded', 400, 'Match failed');

test('null and undefined mean "not given"', () => {
  for (const read of [optionalText, optionalNumber, optionalBoolean, optionalTime, optionalObject]) {
    expect(read(null)).toBeUndefined();
    expect(read(undefined)).toBeUndefined();
  }
});

test('values of the right type pass', () => {
  expect(textParam('')).toBe('');
  expect(optionalNumber(0)).toBe(0);
  expect(optionalBoolean(false)).toBe(false);
  expect(optionalTime(new Date(5))).toBe(5);
  expect(optionalTime('1970-01-01T00:00:00.007Z')).toBe(7);
  expect(objectParam({ a: 1 })).toEqual({ a: 1 });
  expect(textListParam(['a'])).toEqual(['a']);
});

test.each([
  [() => textParam(null)],
  [() => textParam({ $ne: null })],
  [() => optionalNumber('5')],
  [() => optionalNumber(Number.NaN)],
  [() => optionalBoolean('true')],
  [() => optionalTime('never')],
  [() => optionalTime(5)],
  [() => optionalTime({ $date: 'never' })],
  [() => objectParam([])],
  [() => objectParam(null)],
  [() => textListParam('a')],
  [() => textListParam(['a', 5])],
])('%s is Match failed', (read) => {
  expect(read).toThrow(matchFailed);
});
